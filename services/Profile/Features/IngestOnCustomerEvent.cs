using MassTransit;
using Personalization.Contracts.Profile;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Takes events from the bus, in MassTransit's envelope or as plain CloudEvents JSON.</summary>
public sealed class IngestOnCustomerEvent(EventBatcher batcher, QuarantineMessages quarantine) : IConsumer<CustomerEvent>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CustomerEvent> context)
    {
        if (await batcher.IngestAsync(context.Message, context.CancellationToken) is { Outcome: EventOutcome.Quarantined, Reason: { } reason })
            await quarantine.TakeAsync(context.ReceiveContext.Body.GetBytes(), reason, context.CancellationToken);
    }
}
