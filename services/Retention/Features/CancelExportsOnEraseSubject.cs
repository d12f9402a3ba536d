using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>A person who is erased has no export left lying about. One they asked for later stays, whenever and however often the command comes.</summary>
public sealed class CancelExportsOnEraseSubject(DocumentSession session, TimeProvider time) : IConsumer<EraseSubject>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<EraseSubject> context)
    {
        var command = context.Message;
        if (!command.WholeEpoch || await session.LoadAsync<ErasureCase>(command.CaseId, context.CancellationToken) is not { } erasure) return;
        foreach (var export in await RequestExport.OpenOfAsync(command.SubjectRef, session, context.CancellationToken))
        {
            if (export.RequestedAt <= erasure.OpenedAt) session.Store(export.End(ExportState.Cancelled, time.GetUtcNow()));
        }
    }
}
