using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Audit.Domain;
using Personalization.Audit.Features;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Audit.Tests;

/// <summary>Audit in a process of its own, which tells of what a stand-in publishes; checkpoints go to a file as well.</summary>
public abstract class AuditApp() : ServiceApp("audit", new AuditModule())
{
    private long rules;

    /// <summary>The other party's file.</summary>
    public string CheckpointFile => Path.Combine(DataDirectory, "elsewhere.ndjson");

    public IReadOnlyList<Checkpoint> Delivered => File.Exists(CheckpointFile)
        ? [.. File.ReadLines(CheckpointFile).Select(line => JsonSerializer.Deserialize<Checkpoint>(line, Json.Options)!)]
        : [];

    /// <summary>Lets so many things happen, and waits until each has its entry.</summary>
    public async Task HappenAsync(int count)
    {
        var size = await SizeAsync();
        await PublishAsync("retention", [.. Enumerable.Range(0, count).Select(_ => new RetentionRulesChanged { Version = Interlocked.Increment(ref rules), Rules = [] })]);
        await Eventually.Is("each has its entry", SizeAsync, now => now >= size + count, Soon);
    }

    /// <summary>Lets Audit sign.</summary>
    public async Task<Checkpoint> CheckpointAsync()
    {
        var size = await SizeAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(5));
        return (await Eventually.Is("the checkpoint is delivered", () => Task.FromResult(Delivered), delivered => delivered.Count > 0 && delivered[^1].Size == size, Soon))[^1];
    }

    public async Task<long> SizeAsync() => (await Module("audit").OpenSession().LoadAsync<AuditHead>(AuditHead.Only, CancellationToken.None))?.Size ?? 0;

    public async Task<T> ReadAsync<T>(string path) => (await GetAsync(path, Roles.Auditor)).Deserialize<T>(Json.Options)!;

    public async Task<JsonNode> RefusedAsync(string path) => (await SendAsync(HttpMethod.Get, path, null, Roles.Auditor)).Expect(HttpStatusCode.BadRequest);

    protected override async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() =>
        [KeyValuePair.Create("Audit:CheckpointFile", (string?)CheckpointFile), .. await StoresAsync()];

    protected abstract Task<IEnumerable<KeyValuePair<string, string?>>> StoresAsync();
}

public sealed class SqliteAuditApp : AuditApp
{
    protected override Task<IEnumerable<KeyValuePair<string, string?>>> StoresAsync() => Task.FromResult(Enumerable.Empty<KeyValuePair<string, string?>>());
}

public sealed class MongoAuditApp : AuditApp
{
    private KeyValuePair<string, string?>[]? stores;

    public override Task InitializeAsync() => MongoServer.Unavailable is null ? base.InitializeAsync() : Task.CompletedTask;

    public override Task DisposeAsync() => MongoServer.Unavailable is null ? base.DisposeAsync() : Task.CompletedTask;

    // The same for every instance, and after a restart.
    protected override async Task<IEnumerable<KeyValuePair<string, string?>>> StoresAsync() => stores ??=
        [KeyValuePair.Create("Audit:Store", (string?)await MongoServer.NewDatabaseAsync()), KeyValuePair.Create("Audit:KeyStore", (string?)await MongoServer.NewDatabaseAsync())];
}
