#pragma warning disable RS0030 // The relay is the one place that publishes to the bus; everyone else goes through a session.
using System.Collections.Concurrent;
using MassTransit;

namespace Personalization.Platform.Messaging;

/// <summary>Delivers a message of the outbox. Returns when it is safe to forget it here.</summary>
internal interface IMessageTransport
{
    Task PublishAsync(Guid messageId, object message, CancellationToken cancellationToken);
}

/// <summary>Safe once a quorum of the broker confirmed it. A message no queue is bound for is returned, and stays in the outbox.</summary>
internal sealed class BrokerTransport(IBus bus) : IMessageTransport
{
    // A publish without a deadline can hang for ever after a broker's crash.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    public async Task PublishAsync(Guid messageId, object message, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        await bus.Publish(message, message.GetType(), context => context.MessageId = messageId, deadline.Token);
    }
}

/// <summary>
/// The in-memory transport keeps nothing over a crash, so a message counts as delivered only when every consumer of this process has
/// handled it: until then it stays in the outbox, and a restart delivers it again.
/// </summary>
internal sealed class InProcessTransport(IBus bus, ConsumerRegistry consumers) : IMessageTransport
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly ConcurrentDictionary<Guid, Delivery> deliveries = new();

    public async Task PublishAsync(Guid messageId, object message, CancellationToken cancellationToken)
    {
        var expected = consumers.All.Count(consumer => consumer.MessageType == message.GetType());
        if (expected == 0) return;
        var delivery = new Delivery(expected);
        deliveries[messageId] = delivery;
        try
        {
            await bus.Publish(message, message.GetType(), context => context.MessageId = messageId, cancellationToken);
            await delivery.Task.WaitAsync(Deadline, cancellationToken);
        }
        finally
        {
            deliveries.TryRemove(messageId, out _);
        }
    }

    /// <summary>A consumer is done with the message, for good or (with the error) for now.</summary>
    public void Settle(Guid? messageId, Exception? error)
    {
        if (messageId is { } id && deliveries.TryGetValue(id, out var delivery)) delivery.Settle(error);
    }

    private sealed class Delivery(int expected)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int open = expected;
        private Exception? failure;

        public Task Task => done.Task;

        public void Settle(Exception? error)
        {
            failure ??= error;
            if (Interlocked.Decrement(ref open) > 0) return;
            if (failure is null) done.TrySetResult();
            else done.TrySetException(failure);
        }
    }
}

/// <summary>Tells the in-process transport when a consumer is done, retries included.</summary>
internal sealed class SettleFilter(InProcessTransport transport) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await next.Send(context);
        }
        catch (Exception exception)
        {
            transport.Settle(context.MessageId, exception);
            throw;
        }

        transport.Settle(context.MessageId, null);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("settle");
}
