using Microsoft.Extensions.Logging;
using Personalization.Contracts;
using Personalization.Platform.Security;
using RabbitMQ.Client;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Declares every exchange, queue and binding of the system before the bus starts. All queues are quorum queues; a message that came back
/// too often goes to the dead letters, at least once, where nothing expires.
/// </summary>
internal sealed partial class BrokerTopology(Uri broker, ServerTrust trust, ILogger<BrokerTopology> logger)
{
    /// <summary>How the address of a broker begins that is spoken to through TLS.</summary>
    public const string EncryptedScheme = "amqps";

    /// <summary>Exchange and queue of what no consumer could take.</summary>
    public const string DeadLetters = "dead-letters";

    /// <summary>How often a message comes back (its consumer's process died with it) before it is a dead letter.</summary>
    public const int DeliveryLimit = 20;

    /// <summary>Arguments of every queue; the same here and in the bus, or the broker refuses the second declaration.</summary>
    public static readonly IReadOnlyDictionary<string, object?> QueueArguments = new Dictionary<string, object?>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = DeadLetters,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
    };

    /// <summary>The exchange MassTransit publishes a contract to.</summary>
    public static string ExchangeOf(Type message) => $"{message.Namespace}:{message.Name}";

    /// <summary>Declares, waiting for the broker as long as it takes.</summary>
    public async Task DeclareAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await DeclareOnceAsync(cancellationToken);
                return;
            }
            catch (RabbitMQ.Client.Exceptions.BrokerUnreachableException)
            {
                if (attempt % 10 == 0) LogWaiting();
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task DeclareOnceAsync(CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker, ClientProvidedName = "topology" };
        if (broker.Scheme == EncryptedScheme)
        {
            factory.Ssl = new SslOption(broker.Host, enabled: true) { Version = ServerTrust.Protocols, CertificateValidationCallback = trust.Accepts };
        }

        await using var connection = await factory.CreateConnectionAsync(cancellationToken);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);

        await channel.ExchangeDeclareAsync(DeadLetters, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            DeadLetters, durable: true, exclusive: false, autoDelete: false,
            arguments: new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: cancellationToken);
        await channel.QueueBindAsync(DeadLetters, DeadLetters, "", cancellationToken: cancellationToken);

        foreach (var subscription in Topology.Subscriptions)
        {
            var message = ExchangeOf(subscription.Message);
            await channel.ExchangeDeclareAsync(message, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.ExchangeDeclareAsync(subscription.Queue, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(
                subscription.Queue, durable: true, exclusive: false, autoDelete: false,
                arguments: QueueArguments.ToDictionary(), cancellationToken: cancellationToken);
            await channel.QueueBindAsync(subscription.Queue, subscription.Queue, "", cancellationToken: cancellationToken);
            await channel.ExchangeBindAsync(subscription.Queue, message, "", cancellationToken: cancellationToken);
            if (subscription.Exchange is not { } plain) continue;
            await channel.ExchangeDeclareAsync(plain, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.ExchangeBindAsync(subscription.Queue, plain, "", cancellationToken: cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Waiting for the broker")]
    private partial void LogWaiting();
}
