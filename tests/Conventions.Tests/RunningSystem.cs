using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Personalization.Platform;
using Personalization.Portal;
using Xunit;

namespace Personalization.Conventions.Tests;

/// <summary>What only a composed host shows: endpoints, instruments and sources. All services in one process, as <c>./dev run</c> starts them.</summary>
public sealed class RunningSystem : IAsyncLifetime, IDisposable
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "running system";

    private readonly string directory = Directory.CreateTempSubdirectory("personalization-conventions-").FullName;
    private readonly MeterListener meters = new();
    private readonly ActivityListener activities;
    private readonly List<Instrument> instruments = [];
    private readonly HashSet<string> sources = [];
    private WebApplication? app;
    private WebApplication? gateway;

    public RunningSystem()
    {
        meters.InstrumentPublished = (instrument, _) =>
        {
            lock (instruments)
            {
                if (instrument.Meter.Name.StartsWith("Personalization", StringComparison.Ordinal)) instruments.Add(instrument);
            }
        };
        meters.Start();
        activities = new ActivityListener
        {
            ShouldListenTo = source =>
            {
                lock (sources) sources.Add(source.Name);
                return false;
            },
        };
        ActivitySource.AddActivityListener(activities);
    }

    internal IServiceProvider Provider => app!.Services;

    /// <summary>Where it listens.</summary>
    public Uri Address => new(app!.Urls.First());

    internal IReadOnlyList<Instrument> Instruments
    {
        get
        {
            lock (instruments) return [.. instruments];
        }
    }

    internal IReadOnlyList<string> Sources
    {
        get
        {
            lock (sources) return [.. sources.Where(source => source.StartsWith("Personalization", StringComparison.Ordinal))];
        }
    }

    /// <summary>Endpoints of the services in one process, and of the gateway that stands before them otherwise.</summary>
    internal IReadOnlyList<RouteEndpoint> Endpoints => [.. EndpointsOf(app!), .. EndpointsOf(gateway!).Where(endpoint => ServiceOf(endpoint) is not null)];

    /// <summary>The service that maps an endpoint; null for the platform's own.</summary>
    internal static string? ServiceOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<ITagsMetadata>()?.Tags[0];

    internal static IEnumerable<RouteEndpoint> EndpointsOf(IEndpointRouteBuilder app) => app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    public async Task InitializeAsync()
    {
        app = await CreateAsync([.. Services.All.Select(service => service.Module)], NamedOperator);
        var others = Repository.Services.Where(service => service != "Portal").Select(service => ($"Portal:Services:{service.ToLowerInvariant()}", "http://127.0.0.1:9"));
        gateway = await CreateAsync([new PortalModule()], others);
        await Task.Run(() => app.StartAsync());
    }

    // Outside Development, Consent and Retention start only with somebody to name in receipts and certificates.
    private static IEnumerable<(string Name, string Value)> NamedOperator =>
    [
        ("Consent:Controller:Id", "operator"),
        ("Consent:Controller:Name", "An operator"),
        ("Consent:Controller:Address", "A street"),
        ("Consent:Controller:Contact", "privacy@operator.example"),
        ("Consent:PrivacyPage", "https://operator.example/privacy"),
        ("Retention:Operator:Name", "An operator"),
        ("Retention:Operator:Address", "A street"),
    ];

    public async Task DisposeAsync()
    {
        await app!.DisposeAsync();
        await gateway!.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    public void Dispose()
    {
        meters.Dispose();
        activities.Dispose();
    }

    // MassTransit keeps its log context in the async flow, where a second host would find that of the first.
    private Task<WebApplication> CreateAsync(IReadOnlyList<IModule> modules, IEnumerable<(string Name, string Value)> settings)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => ServiceHost.Create([], modules, builder => builder.Configuration.AddInMemoryCollection(
                new Dictionary<string, string?>(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["Data:Directory"] = directory,
                    ["Logging:LogLevel:Default"] = "Warning",
                })));
        }
    }
}

/// <summary>Names the collection.</summary>
[CollectionDefinition(RunningSystem.Collection)]
public sealed class RunningSystemDefinition : ICollectionFixture<RunningSystem>;
