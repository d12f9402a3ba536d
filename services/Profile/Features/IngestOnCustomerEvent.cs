using MassTransit;
using Personalization.Contracts.Profile;

namespace Personalization.Profile.Features;

/// <summary>Takes events from the bus, in MassTransit's envelope or as plain CloudEvents JSON.</summary>
public sealed class IngestOnCustomerEvent(EventBatcher batcher) : IConsumer<CustomerEvent>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CustomerEvent> context) => batcher.IngestAsync(context.Message, context.CancellationToken);
}
