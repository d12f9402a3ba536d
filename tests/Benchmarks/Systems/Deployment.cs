using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Audit;
using Personalization.Benchmarks.Harness;
using Personalization.Consent;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Portal;
using Personalization.Profile;
using Personalization.Recommendation;
using Personalization.Retention;
using Personalization.Testing;

namespace Personalization.Benchmarks.Systems;

/// <summary>Services as hosts of this process, on loopback, with everything they hold in a folder or in databases that go with them. Nothing observes or disturbs them.</summary>
internal sealed class Deployment : IAsyncDisposable
{
    private const string AnyPort = "http://127.0.0.1:0";

    private readonly TempFolder folder = new();
    private readonly Dictionary<string, WebApplication> hosts = [];

    private Deployment()
    {
    }

    /// <summary>Where callers go.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Those who call.</summary>
    public Customers Customers { get; private set; } = null!;

    /// <summary>The services of the host that was started last.</summary>
    public IServiceProvider Services { get; private set; } = null!;

    /// <summary>What the services hold in files, keys included.</summary>
    public long BytesOnDisk => Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    /// <summary>All services in one process, SQLite, messages in memory: what <c>./dev run</c> runs. As in the demo, an item needs 5 persons, so that the few here get answers of their own.</summary>
    /// <param name="further">Modules beside them, for the baseline.</param>
    public static Task<Deployment> InOneProcessAsync(params IEnumerable<IModule> further) => StartAsync(async deployment =>
        await deployment.AddAsync(
            "all",
            [new AuditModule(), new ConsentModule(), new PortalModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule(), .. further],
            new Dictionary<string, string?>(deployment.InFolder()) { ["Recommendation:MinSupport"] = "5" }));

    /// <summary>Only what ingest needs: Profile, and the services that tell it of consents and rules.</summary>
    /// <param name="broker">Null: messages in memory.</param>
    /// <param name="isMongo">Whether data and keys are in MongoDB; otherwise in SQLite.</param>
    public static Task<Deployment> OfIngestAsync(Uri? broker, bool isMongo) => StartAsync(async deployment =>
    {
        IModule[] modules = [new ConsentModule(), new ProfileModule(), new RetentionModule()];
        var settings = deployment.InFolder();
        settings["Broker:Uri"] = broker?.ToString();
        if (isMongo) await AddDatabasesAsync(settings, modules);
        await deployment.AddAsync("ingest", modules, settings);
    });

    /// <summary>Each service a host of its own behind the gateway, with RabbitMQ and a database per service: what production runs, on one machine.</summary>
    public static Task<Deployment> DistributedAsync(Uri broker) => StartAsync(async deployment =>
    {
        IModule[] modules = [new AuditModule(), new ConsentModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule()];
        Provisioning.EnsureKeys(deployment.folder["keys"], [.. modules.Select(module => module.Name.ToLowerInvariant()), "portal"]);
        var common = new Dictionary<string, string?> { ["Keys:Directory"] = deployment.folder["keys"], ["Broker:Uri"] = broker.ToString() };
        await AddDatabasesAsync(common, modules);

        // Consent first: the others follow its stream. All ask Retention for erasures before they are ready.
        var retention = common["ErasureSequence:Url"] = $"http://127.0.0.1:{FreePort.Find()}";
        foreach (var module in modules.OrderBy(module => module.Name != "Consent"))
        {
            var address = await deployment.AddAsync(module.Name, [module], common, module.Name == "Retention" ? retention : AnyPort);
            common[$"Portal:Services:{module.Name.ToLowerInvariant()}"] = address.ToString();
            if (module.Name == "Consent") common["Consent:Url"] = common["ConsentStream:Url"] = address.ToString();
        }

        await deployment.AddAsync("Portal", [new PortalModule()], common);
    });

    /// <summary>A service of this deployment.</summary>
    public ServiceModule Service(string name) => All().Single(module => module.Name == name);

    /// <summary>Returns when no message waits in any outbox: what was asked for has been passed on.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        var settled = Json.FormatTime(DateTimeOffset.MaxValue);
        foreach (var module in All())
        {
            var waiting = new DocumentQuery(module.Documents.All.Single(type => type.ClrType == typeof(OutboxEntry)).Collection, "created", AtMost: settled, Limit: 1);
            await Eventually.Is(
                $"the outbox of {module.Name} is empty",
                async () => cancellationToken.IsCancellationRequested || (await module.Store.QueryAsync(waiting, cancellationToken)).Count == 0, TimeSpan.FromSeconds(120));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Customers?.Dispose();
        foreach (var host in hosts.Values.Reverse())
        {
            await Detached.RunAsync(async () =>
            {
                await host.StopAsync();
                await host.DisposeAsync();
            });
        }

        folder.Dispose();
    }

    private static async Task<Deployment> StartAsync(Func<Deployment, Task> start)
    {
        var deployment = new Deployment();
        try
        {
            await start(deployment);
            deployment.Customers = await Customers.OpenAsync(deployment.Address, deployment.folder["keys"]);
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    private static async Task AddDatabasesAsync(Dictionary<string, string?> settings, IEnumerable<IModule> modules)
    {
        if (MongoServer.Unavailable is { } reason) throw new SkippedException(reason);
        foreach (var module in modules)
        {
            settings[$"{module.Name}:Store"] = await MongoServer.NewDatabaseAsync();
            settings[$"{module.Name}:KeyStore"] = await MongoServer.NewDatabaseAsync();
        }
    }

    private Dictionary<string, string?> InFolder() => new() { ["Data:Directory"] = folder.Path };

    private IEnumerable<ServiceModule> All() => hosts.Values.SelectMany(host => host.Services.GetRequiredService<ServiceModules>().All);

    private async Task<Uri> AddAsync(string name, IReadOnlyList<IModule> modules, IReadOnlyDictionary<string, string?> settings, string url = AnyPort)
    {
        var host = hosts[name] = await Detached.RunAsync(async () =>
        {
            var app = ServiceHost.Create(
                [], modules, builder =>
                {
                    builder.Environment.EnvironmentName = Environments.Development;
                    builder.Configuration.AddInMemoryCollection(settings);
                    builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["urls"] = url });

                    // What goes wrong shows in what isn't stored or answered; warnings of retries would stand between the figures.
                    builder.Logging.ClearProviders();
                });
            await app.StartAsync();
            return app;
        });
        Services = host.Services;
        return Address = new Uri(host.Urls.First());
    }
}
