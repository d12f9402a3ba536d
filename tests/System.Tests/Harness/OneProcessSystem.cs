using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Personalization.Audit;
using Personalization.Consent;
using Personalization.Platform;
using Personalization.Portal;
using Personalization.Profile;
using Personalization.Recommendation;
using Personalization.Retention;

namespace Personalization.System.Tests.Harness;

/// <summary>All services in one process, SQLite, messages in memory: what <c>./dev run</c> runs.</summary>
public sealed class OneProcessSystem : HostedSystem
{
    private readonly string directory = Directory.CreateTempSubdirectory("personalization-").FullName;
    private WebApplication? app;

    /// <summary>Settings that differ from a laptop's.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    public override Uri Address => new(app!.Urls.First());

    public override string KeysDirectory => Path.Combine(directory, "keys");

    public override Task StartAsync() => Detached(async () =>
    {
        app = ServiceHost.Create(
            [], [new AuditModule(), new ConsentModule(), new PortalModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule()], builder =>
            {
                builder.Environment.EnvironmentName = Environments.Development;
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["Data:Directory"] = directory,
                    ["Subjects:Region"] = Region,
                    ["ConsentStream:Url"] = ConsentLink.Address.ToString(),
                    ["Recommendation:MinSupport"] = "5",

                    // What is promised is that a decision is in force when it is answered with 200, not how busy this machine may be.
                    ["Consent:WaitForMilliseconds"] = "10000",
                    ["Retention:ResendAfterSeconds"] = "2",
                    ["Logging:LogLevel:Default"] = Logs.Level.ToString(),
                });
                builder.Configuration.AddInMemoryCollection(Settings);
            },
            Observe);
        await app.StartAsync();
        ConsentLink.Target = Address;
    });

    public override async Task StopAsync()
    {
        if (app is null) return;
        await Detached(async () =>
        {
            await app.StopAsync();
            await app.DisposeAsync();
        });
        app = null;
    }

    // The files as they are, write-ahead logs included.
    public override async Task<byte[]> DumpAsync(string? service = null)
    {
        using var dump = new MemoryStream();
        foreach (var file in Directory.EnumerateFiles(directory, service is null ? "*" : $"{service}.db*", SearchOption.AllDirectories).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await stream.CopyToAsync(dump);
        }

        return dump.ToArray();
    }

    public override Task<IReadOnlyList<string>> CollectionsAsync()
    {
        var found = new List<string>();
        foreach (var file in Directory.GetFiles(directory, "*.db")) Add($"{Path.GetFileNameWithoutExtension(file)}/data", file);
        foreach (var file in Directory.GetFiles(KeysDirectory, "data-keys.db", SearchOption.AllDirectories)) Add($"{Path.GetFileName(Path.GetDirectoryName(file))}/keys", file);
        return Task.FromResult<IReadOnlyList<string>>(found);

        void Add(string store, string file)
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT name FROM sqlite_schema WHERE type = 'table'";
            using var names = command.ExecuteReader();
            while (names.Read()) found.Add($"{store}/{names.GetString(0)}");
        }
    }

    public override string StoreOf(string service, bool keys = false) =>
        "sqlite:" + (keys ? Path.Combine(KeysDirectory, service, "data-keys.db") : Path.Combine(directory, $"{service}.db"));

    public override Task StopAsync(string service) => throw new NotSupportedException("The services share a process.");

    public override Task StartAsync(string service) => throw new NotSupportedException("The services share a process.");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
