using System.Net;
using System.Net.Sockets;
using DotNet.Testcontainers.Containers;
using MongoDB.Bson;
using MongoDB.Driver;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Storage;

[RequiresMongo]
public sealed class MongoDocumentStoreTests : DocumentStoreContract
{
    protected override Task<string> NewStoreAsync() => MongoServer.NewDatabaseAsync();

    [ContractFact]
    public async Task A_refused_password_is_said_in_one_sentence_without_it()
    {
        var url = new MongoUrlBuilder(ConnectionString) { Username = "nobody", Password = "wrong-4711", AuthenticationSource = "admin" };
        await using var store = new MongoDocumentStore(url.ToString());

        var refused = await Assert.ThrowsAsync<StoreUnusableException>(() => store.InitializeAsync([new("things", [])], None));

        Assert.Equal("MongoDB refused the user or the password of the connection string.", refused.Message);
        Assert.DoesNotContain("4711", refused.ToString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Whoever_waits_for_a_connection_when_these_break_can_try_again_as_those_who_have_one()
    {
        var url = new MongoUrlBuilder(ConnectionString) { DirectConnection = true, MaxConnectionPoolSize = 2, ServerSelectionTimeout = TimeSpan.FromSeconds(1) };
        await using var link = new Link { Target = new Uri($"mongodb://{url.Server.Host}:{url.Server.Port}") };
        (url.ReplicaSetName, url.Server) = (null, new MongoServerAddress("127.0.0.1", link.Address.Port));
        await using var store = new MongoDocumentStore(url.ToString());
        await store.InitializeAsync([new("things", [])], None);
        var writing = Enumerable.Range(0, 100).Select(writer => Task.Run(async () =>
        {
            // Two, because a transaction isn't begun again by the driver.
            for (var i = 0; ; i++) await store.WriteAsync([Put(Thing($"{writer}-{i}-a"), 0), Put(Thing($"{writer}-{i}-b"), 0)], None);
        })).ToArray();
        await Eventually.Is("some have written", async () => (await Store.CountCollectionsAsync(None))["things"], count => count > 100, TimeSpan.FromSeconds(30));

        link.Cut();

        foreach (var writer in writing) await Assert.ThrowsAsync<StoreUnreachableException>(() => writer);
    }

    [ContractFact]
    public async Task Whatever_waits_for_another_write_keeps_no_reader_out()
    {
        await Store.WriteAsync([Put(Thing("held"), 0)], None);
        using var client = new MongoClient(ConnectionString);
        using var other = await HoldAsync(client, "held");
        var writing = Enumerable.Range(0, 300).Select(_ => OutcomeAsync(Store, Put(Thing("held"), 1))).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);

        var read = ReadAsync(Thing("held"));
        var first = await Task.WhenAny(read, Task.WhenAll(writing), Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System));
        await other.AbortTransactionAsync();

        Assert.Same(read, first);
        Assert.Equal(1, (await read)!.Version);
        Assert.Equal([("conflict", 299), ("written", 1)], Count(await Task.WhenAll(writing)));
    }

    [ContractFact]
    public async Task Whatever_has_waited_for_its_turn_as_long_as_for_a_server_can_be_tried_again()
    {
        var url = new MongoUrlBuilder(ConnectionString) { ServerSelectionTimeout = TimeSpan.FromMilliseconds(500) };
        await using var store = new MongoDocumentStore(url.ToString());
        await store.InitializeAsync([new("things", ["due", "kind"])], None);
        await store.WriteAsync([Put(Thing("held"), 0)], None);
        using var client = new MongoClient(ConnectionString);
        using var other = await HoldAsync(client, "held");

        var writing = Enumerable.Range(0, 40).Select(_ => OutcomeAsync(store, Put(Thing("held"), 1))).ToArray();
        await Eventually.Is("some were refused", () => Task.FromResult(writing.Count(write => write.IsCompleted)), refused => refused == 24, TimeSpan.FromSeconds(4));
        await other.AbortTransactionAsync();

        Assert.Equal([("conflict", 15), ("unreachable", 24), ("written", 1)], Count(await Task.WhenAll(writing)));
    }

    private static (string Outcome, int Count)[] Count(string[] outcomes) => [.. outcomes.CountBy(outcome => outcome).Select(counted => (counted.Key, counted.Value)).Order()];

    private static async Task<string> OutcomeAsync(IDocumentStore store, DocumentWrite write)
    {
        try
        {
            await Task.Run(() => store.WriteAsync([write], None));
            return "written";
        }
        catch (DocumentConflictException)
        {
            return "conflict";
        }
        catch (StoreUnreachableException)
        {
            return "unreachable";
        }
    }

    /// <summary>A transaction that has changed a thing and goes no further.</summary>
    private async Task<IClientSessionHandle> HoldAsync(MongoClient client, string id)
    {
        var session = await client.StartSessionAsync();
        session.StartTransaction();
        var things = client.GetDatabase(new MongoUrl(ConnectionString).DatabaseName).GetCollection<BsonDocument>("things");
        await things.UpdateOneAsync(session, new BsonDocument("_id", id), new BsonDocument("$set", new BsonDocument("s", false)));
        return session;
    }
}

public sealed class UnusableMongoTests
{
    [RequiresDockerFact]
    public async Task A_standalone_server_is_refused()
    {
        (IContainer container, string connectionString) = await MongoServer.StartContainerAsync();
        await using (container)
        {
            await using var store = new MongoDocumentStore(connectionString);
            StoreUnusableException refused = await Eventually.Is(
                "the standalone server is refused",
                () => Assert.ThrowsAsync<StoreUnusableException>(() => store.InitializeAsync([new("things", [])], CancellationToken.None)),
                isReached: static _ => true,
                within: TimeSpan.FromSeconds(120));
            Assert.Equal("MongoDB runs standalone, without transactions: start mongod with --replSet and call rs.initiate().", refused.Message);
        }
    }

    [Fact]
    public async Task A_server_that_does_not_answer_can_be_tried_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var store = new MongoDocumentStore($"mongodb://127.0.0.1:{port}/test?serverSelectionTimeoutMS=200");

        for (int attempt = 0; attempt < 2; attempt++)
            await Assert.ThrowsAsync<StoreUnreachableException>(() => store.InitializeAsync([new("things", [])], CancellationToken.None));
        await Assert.ThrowsAsync<StoreUnreachableException>(() => store.PingAsync(CancellationToken.None));
    }
}
