using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;
using Xunit.Abstractions;

namespace Personalization.Consent.Tests;

/// <summary>Several instances on one store, one of them killed: what must hold of the stream's numbers.</summary>
public abstract class NumberingContract(ITestOutputHelper output) : IDisposable
{
    private const int Instances = 3;
    private const int Customers = 60;
    private const int Decisions = 40;

    private readonly string directory = System.IO.Directory.CreateTempSubdirectory("numbering-").FullName;

    protected string Directory => directory;

    protected abstract Task<(string Store, string KeyStore)> NewStoreAsync();

    private protected abstract void End(ServiceProcess instance);

    public void Dispose()
    {
        System.IO.Directory.Delete(directory, recursive: true);
        GC.SuppressFinalize(this);
    }

    [ContractFact]
    public async Task Numbers_are_contiguous_and_no_decision_is_lost_or_numbered_twice_though_an_instance_ends()
    {
        var (connection, keyStore) = await NewStoreAsync();
        var instances = new List<ServiceProcess>();
        try
        {
            for (var i = 0; i < Instances; i++) instances.Add(await ConsentProcess.StartAsync(directory, connection, keyStore));
            await DeclareAsync(instances[0]);
            using var client = ConsentProcess.Client(directory, Roles.Product);
            var decided = 0;
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Customers).Select(customer => Task.Run(async () =>
            {
                for (var i = 0; i < Decisions; i++)
                {
                    await DecideAsync(client, instances, customer, i);
                    if (Interlocked.Increment(ref decided) == Customers * Decisions / 3) End(instances[1]);
                }
            })));
            var acknowledged = Stopwatch.GetElapsedTime(started);

            await using var store = DocumentStores.Open(connection);
            await store.InitializeAsync([new("pending_changes", ["created"]), new("consent_stream_entries", ["number", "subject"])], CancellationToken.None);
            var pending = new DocumentQuery("pending_changes", "created");
            await Eventually.Is("everything has its number", async () => await store.CountAsync(pending, CancellationToken.None) == 0, TimeSpan.FromSeconds(60));
            var numbered = Stopwatch.GetElapsedTime(started);
            output.WriteLine($"{decided} decisions: {decided / acknowledged.TotalSeconds:0} a second acknowledged, {decided / numbered.TotalSeconds:0} a second numbered.");

            var stream = await StreamAsync(store);
            Assert.Equal(Enumerable.Range(1, Customers * Decisions).Select(number => (long)number), stream.Select(entry => entry.Consent.Number));
            Assert.Equal(Customers, stream.Select(entry => entry.SubjectRef).Distinct().Count());
            Assert.All(stream.GroupBy(entry => entry.SubjectRef), ofSubject =>
                Assert.Equal(Enumerable.Range(1, Decisions).Select(version => (long)version), ofSubject.Select(entry => entry.Version).Order()));
        }
        finally
        {
            foreach (var instance in instances) instance.Dispose();
        }
    }

    /// <summary>Decides until it is answered. What timed out or met a dying instance is sent again under the same key, so that it counts once.</summary>
    private static async Task DecideAsync(HttpClient client, List<ServiceProcess> instances, int customer, int decision)
    {
        var grant = new { decision = "granted", noticeVersion = 1, language = "en", channel = "web", decidedAt = TimeProvider.System.GetUtcNow() };
        var attempt = 0;
        await Eventually.Is("somebody took the decision", AskAsync, TimeSpan.FromMinutes(2));

        async Task<bool> AskAsync()
        {
            var instance = instances[(customer + decision + attempt++) % instances.Count];
            using var request = new HttpRequestMessage(decision % 2 == 0 ? HttpMethod.Put : HttpMethod.Delete, new Uri(instance.Address, $"/consents/customer-{customer}/many"));
            request.Headers.Add(IdempotencyKeys.Header, $"{customer}-{decision}");
            if (decision % 2 == 0) request.Content = JsonContent.Create(grant);
            using var response = await client.SendAsync(request);
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
            Assert.True(response.IsSuccessStatusCode || response.StatusCode >= HttpStatusCode.InternalServerError, $"{response.StatusCode} {body["type"]}");
            if (!response.IsSuccessStatusCode) return false;
            Assert.Equal(decision + 1, (long)body["version"]!);
            return true;
        }
    }

    private async Task DeclareAsync(ServiceProcess instance)
    {
        using var client = ConsentProcess.Client(directory, Roles.Operator);
        using var response = await client.PutAsJsonAsync(new Uri(instance.Address, "/purposes/many"), new
        {
            lawfulBasis = "consent",
            categories = new[] { "viewing" },
            notices = new[] { new { language = "en", title = "What you watch", text = "We use what you watch." } },
        });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<IReadOnlyList<Contracts.Consent.IConsentEvent>> StreamAsync(IDocumentStore store)
    {
        var stream = new List<Contracts.Consent.IConsentEvent>();
        var after = "";
        while (true)
        {
            var page = await store.QueryAsync(new DocumentQuery("consent_stream_entries", "number", After: after), CancellationToken.None);
            if (page.Count == 0) return stream;
            stream.AddRange(page.Select(stored => JsonSerializer.Deserialize<ConsentStreamEntry>(JsonNode.Parse(stored.Body.Span)!["entry"]!, Json.Options)!.Event));
            after = page[^1].Fields["number"];
        }
    }
}

public sealed class NumberingOnSqliteTests(ITestOutputHelper output) : NumberingContract(output)
{
    protected override Task<(string Store, string KeyStore)> NewStoreAsync() =>
        Task.FromResult(($"sqlite:{Path.Combine(Directory, "consent.db")}", $"sqlite:{Path.Combine(Directory, "data-keys.db")}"));

    private protected override void End(ServiceProcess instance) => instance.Kill();
}

[RequiresMongo]
public sealed class NumberingOnMongoTests(ITestOutputHelper output) : NumberingContract(output)
{
    protected override async Task<(string Store, string KeyStore)> NewStoreAsync() => (await MongoServer.NewDatabaseAsync(), await MongoServer.NewDatabaseAsync());

    // Of a client that was killed a server keeps the open transaction, and what it has locked, for as long as it is set to: a minute unless told otherwise.
    private protected override void End(ServiceProcess instance) => instance.Terminate();
}
