using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
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
    private readonly ConcurrentQueue<Checkpoint> posted = new();
    private readonly ConcurrentQueue<HttpStatusCode> answers = new();
    private long rules;
    private WebApplication? witness;

    /// <summary>The other party's file.</summary>
    public string CheckpointFile => Path.Combine(DataDirectory, "elsewhere.ndjson");

    public IReadOnlyList<Checkpoint> Delivered => File.Exists(CheckpointFile)
        ? [.. File.ReadLines(CheckpointFile).Where(line => line.EndsWith('}')).Select(line => JsonSerializer.Deserialize<Checkpoint>(line, Json.Options)!)]
        : [];

    /// <summary>What was taken at the other party's address.</summary>
    public IReadOnlyCollection<Checkpoint> Posted => posted;

    public override async Task InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        witness = builder.Build();
        witness.MapPost("/checkpoints", async (HttpRequest request) =>
        {
            var checkpoint = await request.ReadFromJsonAsync<Checkpoint>(Json.Options);
            if (answers.TryDequeue(out var refusal)) return Results.StatusCode((int)refusal);
            posted.Enqueue(checkpoint!);
            return Results.Ok();
        });
        await witness.StartAsync();
        await base.InitializeAsync();

        // Audit's own and those of the stand-ins; later entries are those of the tests.
        await Eventually.Is("the first data maps have their entries", SizeAsync, size => size >= 3, Soon);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await witness!.DisposeAsync();
    }

    /// <summary>Lets the other party's address answer so the next times.</summary>
    public void Answer(HttpStatusCode status, int times)
    {
        for (var i = 0; i < times; i++) answers.Enqueue(status);
    }

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
        [KeyValuePair.Create("Audit:CheckpointFile", (string?)CheckpointFile), KeyValuePair.Create("Audit:CheckpointUrl", (string?)$"{witness!.Urls.First()}/checkpoints"), .. await StoresAsync()];

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
