#pragma warning disable RS0030 // A publisher outside the system has no session.
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Profile.Features;
using RabbitMQ.Client;

namespace Personalization.Benchmarks.Systems;

/// <summary>Takes the same messages as Profile and commits as many bytes.</summary>
internal sealed class BareConsumer(BareStore store) : IConsumer<CustomerEvent>
{
    public Task Consume(ConsumeContext<CustomerEvent> context) => store.StoreOneAsync(context.CancellationToken);
}

/// <summary>A host with only that consumer on it: the endpoint is set up as Profile's (prefetch, kind of queue, serializer), without retries, inbox and scopes of a module.</summary>
internal sealed class BareConsumers : IAsyncDisposable
{
    /// <summary>Queue and exchange.</summary>
    public const string Queue = "bench-bare-consumer";

    private readonly IHost host;

    private BareConsumers(IHost host) => this.host = host;

    /// <summary>For messages in memory.</summary>
    public IBus Bus => host.Services.GetRequiredService<IBus>();

    /// <param name="broker">Null: in memory.</param>
    /// <param name="store">Where it commits to.</param>
    public static Task<BareConsumers> StartAsync(Uri? broker, BareStore store) => Detached.RunAsync(async () =>
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(store);
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<BareConsumer>();
            if (broker is null)
            {
                bus.UsingInMemory((context, memory) =>
                {
                    memory.ConfigureJsonSerializerOptions(Json.Configure);
                    memory.ReceiveEndpoint(Queue, endpoint => Configure(endpoint, context));
                });
            }
            else
            {
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    rabbit.Host(broker);
                    rabbit.ConfigureJsonSerializerOptions(Json.Configure);
                    rabbit.ReceiveEndpoint(Queue, endpoint =>
                    {
                        foreach (var (name, value) in BrokerTopology.QueueArguments) endpoint.SetQueueArgument(name, value);
                        endpoint.ConfigureConsumeTopology = false;
                        endpoint.Bind(Queue, binding => binding.ExchangeType = ExchangeType.Fanout);
                        Configure(endpoint, context);
                        endpoint.UseRawJsonDeserializer(RawSerializerOptions.AnyMessageType, isDefault: true);
                    });
                });
            }
        });
        builder.Services.Configure<MassTransitHostOptions>(options => options.WaitUntilStarted = true);
        var host = builder.Build();
        await host.StartAsync();
        return new BareConsumers(host);
    });

    public async ValueTask DisposeAsync() => await Detached.RunAsync(async () =>
    {
        await host.StopAsync();
        host.Dispose();
    });

    private static void Configure(IReceiveEndpointConfigurator endpoint, IBusRegistrationContext context)
    {
        endpoint.PrefetchCount = EventBatcher.Limit;
        endpoint.ConcurrentMessageLimit = EventBatcher.Limit;
        endpoint.ConfigureConsumer<BareConsumer>(context);
    }
}
