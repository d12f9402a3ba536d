using MassTransit;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Keeps the newest retention rules, so that each decision's proof says how long data is kept.</summary>
public sealed class AdoptPeriodsOnRetentionRulesChanged(DocumentSession session) : IConsumer<RetentionRulesChanged>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<RetentionRulesChanged> context)
    {
        var known = await session.LoadAsync<RetentionPeriods>(RetentionPeriods.Only, context.CancellationToken);
        if (known?.Version >= context.Message.Version) return;
        session.Store(new RetentionPeriods { Version = context.Message.Version, Rules = context.Message.Rules });
    }
}
