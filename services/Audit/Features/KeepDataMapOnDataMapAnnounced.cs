using MassTransit;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Keeps what each service announced last, and tells of it if it says something else than before.</summary>
public sealed class KeepDataMapOnDataMapAnnounced(DocumentSession session) : IConsumer<DataMapAnnounced>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<DataMapAnnounced> context)
    {
        var known = await session.LoadAsync<KnownDataMap>(context.Message.Participant, context.CancellationToken);
        if (KnownDataMap.Take(known, context.Message) is not { } taken) return;
        session.Store(taken.Map);
        if (taken.Changed is not { } changed) return;
        session.Store(new DataMapChange { Changed = changed });
        session.Publish(changed);
    }
}
