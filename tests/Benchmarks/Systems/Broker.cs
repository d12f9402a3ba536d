using System.Text;
using Personalization.Benchmarks.Harness;
using Personalization.Contracts;
using Personalization.Testing;
using RabbitMQ.Client;

namespace Personalization.Benchmarks.Systems;

/// <summary>The broker, and a product service that publishes to it: plain JSON, persistent, confirmed.</summary>
internal sealed class Broker : IAsyncDisposable
{
    // Awaiting each confirm would measure the way there and back; two channels keep one busy while the other waits for its last confirm.
    private const int Window = 256;
    private const int Channels = 2;
    private readonly IConnection connection;
    private readonly IChannel[] channels;

    private Broker(Uri uri, IConnection connection, IChannel[] channels) => (Uri, this.connection, this.channels) = (uri, connection, channels);

    public Uri Uri { get; }

    /// <summary>As the broker says.</summary>
    public string Version => connection.ServerProperties?["version"] is byte[] version ? Encoding.UTF8.GetString(version) : "unknown";

    /// <summary>Connects, without queues that an earlier system left on a shared broker.</summary>
    public static async Task<Broker> OpenAsync()
    {
        if (RabbitServer.Unavailable is { } reason) throw new SkippedException(reason);
        var uri = await RabbitServer.UriAsync();
        var connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
        var options = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null);
        var broker = new Broker(uri, connection, await Task.WhenAll(Enumerable.Range(0, Channels).Select(_ => connection.CreateChannelAsync(options))));
        await broker.DeleteQueuesAsync();
        return broker;
    }

    /// <summary>Returns when the broker has confirmed all of them.</summary>
    public async Task PublishAsync(string exchange, IReadOnlyList<byte[]> bodies, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { ContentType = "application/json", DeliveryMode = DeliveryModes.Persistent };
        var windows = bodies.Chunk(Window).ToArray();
        var next = -1;
        await Task.WhenAll(channels.Select(channel => Task.Run(
            async () =>
            {
                while (Interlocked.Increment(ref next) is var i && i < windows.Length)
                    await Task.WhenAll(windows[i].Select(body => channel.BasicPublishAsync(exchange, "", mandatory: true, properties, body, cancellationToken).AsTask()));
            },
            cancellationToken)));
    }

    /// <summary>Empties the queues of services that don't run here, or each run would find more in them than the one before.</summary>
    public async Task PurgeAsync(Type message, CancellationToken cancellationToken)
    {
        foreach (var subscription in Topology.Subscriptions.Where(subscription => subscription.Message == message))
            await channels[0].QueuePurgeAsync(subscription.Queue, cancellationToken);
    }

    /// <summary>Messages of that type that no consumer has taken yet.</summary>
    public async Task<long> WaitingAsync(Type message, CancellationToken cancellationToken)
    {
        var waiting = 0L;
        foreach (var subscription in Topology.Subscriptions.Where(subscription => subscription.Message == message))
            waiting += (await channels[0].QueueDeclarePassiveAsync(subscription.Queue, cancellationToken)).MessageCount;
        return waiting;
    }

    public async ValueTask DisposeAsync()
    {
        await DeleteQueuesAsync();
        foreach (var channel in channels) await channel.DisposeAsync();
        await connection.DisposeAsync();
    }

    private async Task DeleteQueuesAsync()
    {
        foreach (var queue in Topology.Subscriptions.Select(subscription => subscription.Queue).Append(BareConsumers.Queue)) await channels[0].QueueDeleteAsync(queue);
    }
}
