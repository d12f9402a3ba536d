using System.Diagnostics;
using DotNet.Testcontainers.Containers;
using MongoDB.Driver;
using Personalization.Platform.Security;
using Personalization.Testing;

namespace Personalization.System.Tests.Harness;

/// <summary>
/// Each service a process behind the gateway, with a RabbitMQ of its own and a database per service, reached over links: what machines and networks do to
/// production can be done to it.
/// </summary>
public sealed class ProcessSystem : SystemUnderTest
{
    private const string Region = "ru";
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(60);

    private readonly string directory = Directory.CreateTempSubdirectory("personalization-torture-").FullName;
    private readonly Dictionary<string, ServiceProcess> running = [];
    private readonly Dictionary<string, int> ports = [];
    private readonly Dictionary<string, string> stores = [];
    private readonly Dictionary<string, Link> links = [];
    private IContainer? broker;
    private Uri brokerAddress = null!;

    /// <summary>The names of all services, in the order they start in.</summary>
    public static IReadOnlyList<string> Services { get; } = ["audit", "consent", "profile", "recommendation", "retention", "portal"];

    public override Uri Address => new($"http://127.0.0.1:{ports["portal"]}");

    /// <summary>Connections by name: <c>consent-stream</c>, and of each service but the portal <c>SERVICE-broker</c> and <c>SERVICE-database</c>.</summary>
    public IReadOnlyDictionary<string, Link> Links => links;

    private string KeysDirectory => Path.Combine(directory, "keys");

    public override async Task StartAsync()
    {
        if (broker is null) await PrepareAsync();
        foreach (var service in Services) await StartAsync(service);
    }

    public override async Task StopAsync()
    {
        foreach (var service in Services) await StopAsync(service);
    }

    public override async Task StartAsync(string service)
    {
        var link = links.TryGetValue($"{service}-broker", out var own) ? own.Address : brokerAddress;
        var settings = ServiceSettings.Of(service, KeysDirectory, Region, new UriBuilder(brokerAddress) { Port = link.Port }.Uri, links["consent-stream"].Address, ports, stores);

        // The process is told of its own.
        foreach (var name in new[] { "urls", "Keys:Directory" }) settings.Remove(name);

        // Of two dozen customers a group is small.
        if (service == "profile") settings["Profile:SuppressBelow"] = "1";
        running[service] = await ServiceProcess.StartAsync(
            $"Personalization.{char.ToUpperInvariant(service[0])}{service[1..]}.dll", directory, ports[service],
            settings.Where(setting => setting.Value is not null).SelectMany(setting => new[] { $"--{setting.Key}", setting.Value! }));
    }

    public override async Task StopAsync(string service)
    {
        if (!running.Remove(service, out var process)) return;
        process.Terminate();
        await process.WaitForExitAsync(Ending);
        process.Dispose();
    }

    /// <summary>Ends it as a power cut would.</summary>
    public void Kill(string service)
    {
        running.Remove(service, out var process);
        process!.Kill();
        process.Dispose();
    }

    /// <summary>Stops it where it is until it is resumed.</summary>
    public void Pause(string service) => running[service].Pause();

    public void Resume(string service) => running[service].Resume();

    /// <summary>Ends the broker as a power cut would.</summary>
    public Task KillBrokerAsync() => DockerAsync("kill");

    public Task StartBrokerAsync() => DockerAsync("start");

    /// <summary>Stops the broker where it is until it is resumed.</summary>
    public Task PauseBrokerAsync() => DockerAsync("pause");

    public Task ResumeBrokerAsync() => DockerAsync("unpause");

    public override void Undisturb()
    {
        foreach (var link in links.Values) link.Mend();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var process in running.Values) process.Dispose();
        running.Clear();
        await base.DisposeAsync();
        foreach (var link in links.Values) await link.DisposeAsync();
        if (broker is not null) await broker.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    protected override string Token(string role, string? customerId) => HostedSystem.TokenOf(KeysDirectory, Region, role, customerId);

    private async Task PrepareAsync()
    {
        Provisioning.EnsureKeys(KeysDirectory, [.. Services]);
        (broker, brokerAddress) = await RabbitServer.StartContainerAsync(FreePort.Find());
        foreach (var service in Services) ports[service] = FreePort.Find();
        links["consent-stream"] = new Link { Target = new Uri($"http://127.0.0.1:{ports["consent"]}") };
        foreach (var service in Services.Where(service => service != "portal"))
        {
            links[$"{service}-broker"] = new Link { Target = brokerAddress };
            var database = links[$"{service}-database"] = new Link();
            foreach (var store in new[] { service, service + "_keys" })
            {
                var url = new MongoUrlBuilder(await MongoServer.NewDatabaseAsync());
                database.Target = new Uri($"mongodb://{url.Server.Host}:{url.Server.Port}");
                url.Server = new MongoServerAddress("127.0.0.1", database.Address.Port);
                stores[store] = url.ToString();
            }
        }
    }

    private async Task DockerAsync(string verb)
    {
        using var docker = Process.Start(new ProcessStartInfo("docker", [verb, broker!.Id]) { RedirectStandardOutput = true })!;
        await docker.WaitForExitAsync();
        if (docker.ExitCode != 0) throw new InvalidOperationException($"docker {verb} ended with {docker.ExitCode}.");
    }
}
