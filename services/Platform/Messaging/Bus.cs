using System.Net.Security;
using MassTransit;
using MassTransit.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Personalization.Contracts;
using Personalization.Platform.Security;

namespace Personalization.Platform.Messaging;

/// <summary>Puts the modules' consumers on the bus: RabbitMQ where a broker is configured, in memory otherwise.</summary>
internal static class Bus
{
    // Together under a minute, so that no handler holds a message for long; what fails longer goes to the error queue.
    private const int Retries = 12;
    private static readonly TimeSpan RetryFrom = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RetryTo = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryStep = TimeSpan.FromMilliseconds(20);

    public static void AddBus(this IServiceCollection services, Uri? broker, ServerTrust trust, IReadOnlyList<string> modules, ConsumerRegistry consumers)
    {
        services.AddSingleton(consumers);
        services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            foreach (var consumer in consumers.All) bus.AddConsumer(consumer.ConsumerType);
            if (broker is null)
            {
                services.AddSingleton<Deliveries>();
                services.AddSingleton<IMessageTransport, InProcessTransport>();
                bus.UsingInMemory((context, memory) =>
                {
                    ConfigureBus(memory);
                    foreach (var consumer in consumers.All)
                    {
                        memory.ReceiveEndpoint(consumer.Queue, endpoint =>
                        {
                            // Before the pipe, where retries are too: an attempt that is repeated settles nothing.
                            endpoint.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(new SettleFilter(context.GetRequiredService<Deliveries>())));
                            ConfigureEndpoint(endpoint, consumer, context);
                        });
                    }
                });
            }
            else
            {
                services.AddSingleton<IMessageTransport, BrokerTransport>();
                services.AddSingleton(provider => new BrokerTopology(broker, trust, modules, provider.GetRequiredService<ILogger<BrokerTopology>>()));
                services.AddHostedService<WatchQueues>();
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    rabbit.Host(broker, host =>
                    {
                        if (broker.Scheme == BrokerTopology.EncryptedScheme) host.UseSsl(ssl => Encrypt(ssl, broker, trust));
                    });
                    ConfigureBus(rabbit);
                    foreach (var consumer in consumers.All)
                    {
                        rabbit.ReceiveEndpoint(consumer.Queue, endpoint =>
                        {
                            foreach (var (name, value) in BrokerTopology.QueueArguments) endpoint.SetQueueArgument(name, value);
                            // What the topology lists is bound already, and binding takes rights over other services' exchanges.
                            endpoint.ConfigureConsumeTopology = Topology.Subscriptions.All(subscription => subscription.Queue != consumer.Queue);
                            ConfigureEndpoint(endpoint, consumer, context);
                        });
                    }
                });
            }
        });
        services.Configure<MassTransitHostOptions>(options =>
        {
            options.WaitUntilStarted = true;
            options.StartTimeout = TimeSpan.FromMinutes(2);
            options.StopTimeout = TimeSpan.FromSeconds(15);
        });
    }

    // Without being told, MassTransit takes a certificate of whatever issuer.
    private static void Encrypt(IRabbitMqSslConfigurator ssl, Uri broker, ServerTrust trust)
    {
        ssl.ServerName = broker.Host;
        ssl.Protocol = ServerTrust.Protocols;
        ssl.EnforcePolicyErrors(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable);
        ssl.CertificateValidationCallback = trust.Accepts;
    }

    private static void ConfigureBus(IBusFactoryConfigurator bus)
    {
        bus.AutoStart = false;
        // A message has its own exchange alone; one for each interface of it would be declared too, which nobody reads and no account may.
        foreach (var contract in Topology.Subscriptions.SelectMany(subscription => subscription.Message.GetInterfaces()).Where(type => type.Assembly == typeof(Topology).Assembly).Distinct())
            bus.PublishTopology.GetMessageTopology(contract).Exclude = true;
        bus.ConfigureJsonSerializerOptions(Json.Configure);
    }

    private static void ConfigureEndpoint(IReceiveEndpointConfigurator endpoint, ConsumerRegistration consumer, IBusRegistrationContext context)
    {
        endpoint.PrefetchCount = consumer.Prefetch;
        endpoint.ConcurrentMessageLimit = consumer.Prefetch;
        endpoint.PublishFaults = false;
        var loggers = context.GetRequiredService<ILoggerFactory>();
        if (consumer.Unhandled is { } keeper)
        {
            // What no consumer is there for would otherwise wait in the skipped queue, as readable as in the error queue.
            var filter = new UnhandledMessageFilter(context, keeper, loggers.CreateLogger<UnhandledMessageFilter>());
            endpoint.ConfigureError(error => error.UseFilter(filter));
            endpoint.ConfigureDeadLetter(skipped => skipped.UseFilter(filter));
        }
        else
        {
            endpoint.ConfigureError(error => error.UseFilter(new ErrorFilter(context, consumer, loggers.CreateLogger<ErrorFilter>())));
        }

        endpoint.UseMessageRetry(retry =>
        {
            retry.Ignore<Security.UntrustedMessageException>();
            retry.Exponential(Retries, RetryFrom, RetryTo, RetryStep);
        });
        if (consumer.Exchange is not null)
        {
            // A publisher without .NET sends CloudEvents JSON and names no message type.
            endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
        }

        endpoint.UseConsumeFilter(typeof(InboxFilter<>), context);
        endpoint.ConfigureConsumer(context, consumer.ConsumerType);
    }
}
