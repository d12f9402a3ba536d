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
internal sealed class InProcessTransport(IBusControl bus, ConsumerRegistry consumers, Deliveries deliveries) : IMessageTransport
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private volatile bool isStarted;

    public async Task PublishAsync(Guid messageId, object message, CancellationToken cancellationToken)
    {
        var expected = consumers.All.Count(consumer => consumer.MessageType == message.GetType());
        if (expected == 0) return;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);

        // What is published before all queues are there reaches nobody, and would be missed at the deadline only.
        if (!isStarted) isStarted = await bus.WaitForHealthStatus(BusHealthStatus.Healthy, deadline.Token) == BusHealthStatus.Healthy;
        var handled = deliveries.Expect(messageId, expected, deadline.Token);
        await bus.Publish(message, message.GetType(), context => context.MessageId = messageId, deadline.Token);
        await handled;
    }
}

/// <summary>Messages on their way through this process, and how many consumers are still to handle them.</summary>
internal sealed class Deliveries
{
    private readonly ConcurrentDictionary<Guid, Delivery> open = new();

    /// <returns>Ends when so many consumers are done with the message; faults if one of them gave up.</returns>
    public async Task Expect(Guid messageId, int consumers, CancellationToken cancellationToken)
    {
        var delivery = open[messageId] = new Delivery(consumers);
        try
        {
            await delivery.Done.WaitAsync(cancellationToken);
        }
        finally
        {
            open.TryRemove(messageId, out _);
        }
    }

    /// <summary>A consumer is done with the message, for good or (with the error) for now.</summary>
    public void Settle(Guid? messageId, Exception? error)
    {
        if (messageId is { } id && open.TryGetValue(id, out var delivery)) delivery.Settle(error);
    }

    private sealed class Delivery(int consumers)
    {
        private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int missing = consumers;
        private Exception? failure;

        public Task Done => done.Task;

        public void Settle(Exception? error)
        {
            if (error is not null) Interlocked.CompareExchange(ref failure, error, null);
            if (Interlocked.Decrement(ref missing) > 0) return;
            if (failure is null) done.TrySetResult();
            else done.TrySetException(failure);
        }
    }
}

/// <summary>Tells when a consumer is done, retries included.</summary>
internal sealed class SettleFilter(Deliveries deliveries) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        try
        {
            await next.Send(context);
        }
        catch (Exception exception)
        {
            deliveries.Settle(context.MessageId, exception);
            throw;
        }

        deliveries.Settle(context.MessageId, null);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("settle");
}
