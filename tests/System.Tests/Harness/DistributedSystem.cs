using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using MongoDB.Bson;
using MongoDB.Driver;
using Personalization.Audit;
using Personalization.Consent;
using Personalization.Contracts;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Portal;
using Personalization.Profile;
using Personalization.Recommendation;
using Personalization.Retention;
using Personalization.Testing;
using RabbitMQ.Client;

namespace Personalization.System.Tests.Harness;

/// <summary>Each service a host of its own behind the gateway, with RabbitMQ and a database per service: what production runs.</summary>
public sealed class DistributedSystem : HostedSystem
{
    private static readonly IModule[] Modules =
        [new AuditModule(), new ConsentModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule(), new PortalModule()];

    private readonly string keys = Directory.CreateTempSubdirectory("personalization-keys-").FullName;
    private readonly Dictionary<string, WebApplication> running = [];
    private readonly Dictionary<string, string> databases = [];
    private readonly Dictionary<string, int> ports = [];

    public override Uri Address => new($"http://127.0.0.1:{ports["portal"]}");

    public override string KeysDirectory => keys;

    /// <summary>The broker all services use.</summary>
    public Uri Broker { get; private set; } = null!;

    public override async Task StartAsync()
    {
        if (databases.Count == 0) await PrepareAsync();
        // The others ask there for erasures before they are ready, and it comes after Consent.
        ports.TryAdd("retention", FreePort.Find());
        foreach (var module in Modules) await StartAsync(module.Name.ToLowerInvariant());
    }

    public override async Task StopAsync()
    {
        foreach (var service in running.Keys.ToArray()) await StopAsync(service);
    }

    public override Task StopAsync(string service) => Detached(async () =>
    {
        if (!running.Remove(service, out var app)) return;
        await app.StopAsync();
        await app.DisposeAsync();
    });

    public override Task StartAsync(string service) => Detached(async () =>
    {
        var module = Modules.Single(module => module.Name.Equals(service, StringComparison.OrdinalIgnoreCase));
        var app = ServiceHost.Create(
            [], [module], builder =>
            {
                builder.Environment.EnvironmentName = Environments.Development;
                builder.Configuration.AddInMemoryCollection(ServiceSettings.Of(service, keys, Region, Broker, ConsentLink.Address, ports, databases));
                builder.Configuration["Logging:LogLevel:Default"] = Logs.Level.ToString();

                // What is promised is that a decision is in force when it is answered with 200, not how busy this machine may be.
                builder.Configuration["Consent:WaitForMilliseconds"] = "10000";
            },
            Observe);
        await app.StartAsync();
        running[service] = app;
        ports[service] = new Uri(app.Urls.First()).Port;
        if (service == "consent") ConsentLink.Target = new Uri(app.Urls.First());
    });

    // Every document of every collection, as BSON, and once more as JSON, where binary would hide text.
    public override async Task<byte[]> DumpAsync(string? service = null)
    {
        using var dump = new MemoryStream();
        foreach (var url in databases.Where(pair => service is null || pair.Key == service).Select(pair => new MongoUrl(pair.Value)))
        {
            using var client = new MongoClient(url);
            var database = client.GetDatabase(url.DatabaseName);
            foreach (var collection in await (await database.ListCollectionNamesAsync()).ToListAsync())
            {
                foreach (var document in await database.GetCollection<BsonDocument>(collection).Find(FilterDefinition<BsonDocument>.Empty).ToListAsync())
                {
                    dump.Write(document.ToBson());
                    dump.Write(Encoding.UTF8.GetBytes(document.ToString()));
                }
            }
        }

        return dump.ToArray();
    }

    public override async Task<IReadOnlyList<string>> CollectionsAsync()
    {
        var found = new List<string>();
        foreach (var (name, store) in databases)
        {
            var url = new MongoUrl(store);
            using var client = new MongoClient(url);
            var place = name.EndsWith("_keys", StringComparison.Ordinal) ? $"{name[..^"_keys".Length]}/keys" : $"{name}/data";
            found.AddRange((await (await client.GetDatabase(url.DatabaseName).ListCollectionNamesAsync()).ToListAsync()).Select(collection => $"{place}/{collection}"));
        }

        return found;
    }

    public override string StoreOf(string service, bool keys = false) => databases[keys ? service + "_keys" : service];

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(keys, recursive: true);
    }

    private async Task PrepareAsync()
    {
        string[] services = [.. Modules.Select(module => module.Name.ToLowerInvariant())];
        Provisioning.EnsureKeys(keys, services);
        Broker = await RabbitServer.UriAsync();
        foreach (var service in services.Where(service => service != "portal"))
        {
            databases[service] = await MongoServer.NewDatabaseAsync();
            databases[service + "_keys"] = await MongoServer.NewDatabaseAsync();
        }

        // Another system before this one left its queues on the shared broker.
        await using var connection = await new ConnectionFactory { Uri = Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        foreach (var subscription in Topology.Subscriptions) await channel.QueueDeleteAsync(subscription.Queue);
    }
}
