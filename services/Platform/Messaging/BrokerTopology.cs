using Microsoft.Extensions.Logging;
using Personalization.Contracts;
using Personalization.Platform.Security;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Every exchange, queue and binding of the system, there before the bus starts. All queues are quorum queues; a message that came back too
/// often goes to the dead letters, at least once, where nothing expires.
/// </summary>
internal sealed partial class BrokerTopology(Uri broker, ServerTrust trust, IReadOnlyList<string> services, ILogger<BrokerTopology> logger)
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

    /// <summary>Every exchange: of each message, and one before each queue. All are durable and send to whatever is bound.</summary>
    public static IEnumerable<string> Exchanges =>
    [
        DeadLetters,
        .. Topology.Subscriptions.Select(subscription => ExchangeOf(subscription.Message)).Distinct(),
        .. Topology.Subscriptions.Select(subscription => subscription.Exchange).OfType<string>(),
        .. Topology.Subscriptions.Select(subscription => subscription.Queue),
    ];

    /// <summary>Every queue, with its arguments. All are durable.</summary>
    public static IEnumerable<(string Name, IReadOnlyDictionary<string, object?> Arguments)> Queues =>
    [
        (DeadLetters, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }),
        .. Topology.Subscriptions.Select(subscription => (subscription.Queue, QueueArguments)),
    ];

    /// <summary>What goes from where to where.</summary>
    public static IEnumerable<(string Exchange, string To, bool IsQueue)> Bindings =>
    [
        (DeadLetters, DeadLetters, true),
        .. Topology.Subscriptions.Select(subscription => (subscription.Queue, subscription.Queue, true)),
        .. Topology.Subscriptions.Select(subscription => (ExchangeOf(subscription.Message), subscription.Queue, false)),
        .. Topology.Subscriptions.Where(subscription => subscription.Exchange is not null).Select(subscription => (subscription.Exchange!, subscription.Queue, false)),
    ];

    /// <summary>
    /// Returns when it is there, waiting for the broker as long as it takes. Where the broker was given it with its definitions, an account needs no
    /// right to declare what isn't its own; anywhere else the account declares it.
    /// </summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await using var connection = await ConnectAsync("topology", cancellationToken);
                if (!await IsThereAsync(connection, cancellationToken)) await DeclareAsync(connection, cancellationToken);
                return;
            }
            catch (BrokerUnreachableException)
            {
                if (attempt % 10 == 0) LogWaiting();
            }
            catch (OperationInterruptedException refused) when (refused.ShutdownReason?.ReplyCode == Constants.AccessRefused)
            {
                if (attempt % 10 == 0) LogIncomplete();
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>A connection beside the bus.</summary>
    /// <param name="name">What the broker calls it.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<IConnection> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        var factory = new ConnectionFactory { Uri = broker, ClientProvidedName = name };
        if (broker.Scheme == EncryptedScheme)
        {
            factory.Ssl = new SslOption(broker.Host, enabled: true) { Version = ServerTrust.Protocols, CertificateValidationCallback = trust.Accepts };
        }

        return await factory.CreateConnectionAsync(cancellationToken);
    }

    // Of its own names alone, because since RabbitMQ 4 asking for others takes a right too. Definitions come as a whole.
    private async Task<bool> IsThereAsync(IConnection connection, CancellationToken cancellationToken)
    {
        // The broker closes it with the first that isn't there.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            foreach (var message in services.SelectMany(service => Topology.Publications.GetValueOrDefault(service, [])))
                await channel.ExchangeDeclarePassiveAsync(ExchangeOf(message), cancellationToken);
            foreach (var subscription in Topology.Subscriptions.Where(subscription => services.Contains(subscription.Service)))
                await channel.QueueDeclarePassiveAsync(subscription.Queue, cancellationToken);
            return true;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return false;
        }
    }

    private static async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var exchange in Exchanges) await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
        foreach (var (queue, arguments) in Queues)
        {
            await channel.QueueDeclareAsync(
                queue, durable: true, exclusive: false, autoDelete: false, arguments: arguments.ToDictionary(), cancellationToken: cancellationToken);
        }

        foreach (var (exchange, to, isQueue) in Bindings)
        {
            if (isQueue) await channel.QueueBindAsync(to, exchange, "", cancellationToken: cancellationToken);
            else await channel.ExchangeBindAsync(to, exchange, "", cancellationToken: cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "Waiting for the broker")]
    private partial void LogWaiting();

    [LoggerMessage(LogLevel.Error, "The broker lacks an exchange or a queue that this account may not declare; it waits until the definitions that `personalization init` makes are imported")]
    private partial void LogIncomplete();
}
