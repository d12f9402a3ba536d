using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Keeps the newest retention rules; <see cref="ShortenStoredData"/> compares what is stored with them.</summary>
public sealed class AdoptRulesOnRetentionRulesChanged(DocumentSession session, TimeProvider time) : IConsumer<RetentionRulesChanged>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RetentionRulesChanged> context)
    {
        var known = await session.LoadAsync<RetentionRules>(RetentionRules.Only, context.CancellationToken);
        if (known?.Version >= context.Message.Version) return;
        session.Store(new RetentionRules
        {
            Version = context.Message.Version,
            Rules = context.Message.Rules,
            AdoptedAt = time.GetUtcNow(),
            AppliedVersion = known?.AppliedVersion ?? 0,
        });
    }
}
