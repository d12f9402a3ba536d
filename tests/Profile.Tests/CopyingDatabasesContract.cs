using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MongoDB.Bson;
using MongoDB.Driver;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>Profile with a database of its own, and a way to copy it as a backup or a thief would.</summary>
public abstract class CopiedProfileApp : ProfileApp
{
    /// <summary>Where the databases are that a copy can be opened by.</summary>
    public abstract Task<string> CopyAsync(bool keys);

    /// <summary>The connection string of the key store in use.</summary>
    public abstract string KeyStore { get; }
}

/// <summary>On SQLite, whose copy is that of its files.</summary>
public sealed class CopiedSqliteProfileApp : CopiedProfileApp
{
    public override string KeyStore => $"sqlite:{Path.Combine(KeysDirectory, "profile", "data-keys.db")}";

    public override Task<string> CopyAsync(bool keys)
    {
        var file = keys ? KeyStore["sqlite:".Length..] : Path.Combine(DataDirectory, "profile.db");
        var folder = Directory.CreateDirectory(Path.Combine(DataDirectory, $"copy-{Guid.NewGuid():N}")).FullName;
        foreach (var part in Directory.GetFiles(Path.GetDirectoryName(file)!, $"{Path.GetFileName(file)}*").Where(part => !part.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(part, Path.Combine(folder, Path.GetFileName(part)));
        return Task.FromResult($"sqlite:{Path.Combine(folder, Path.GetFileName(file))}");
    }
}

/// <summary>On MongoDB, whose copy is a dump: every document of every collection, put into another database.</summary>
public sealed class CopiedMongoProfileApp : CopiedProfileApp
{
    private string store = "";
    private string keyStore = "";

    public override string KeyStore => keyStore;

    public override async Task InitializeAsync()
    {
        if (MongoServer.Unavailable is not null) return;
        (store, keyStore) = (await MongoServer.NewDatabaseAsync(), await MongoServer.NewDatabaseAsync());
        await base.InitializeAsync();
    }

    public override Task DisposeAsync() => MongoServer.Unavailable is null ? base.DisposeAsync() : Task.CompletedTask;

    public override async Task<string> CopyAsync(bool keys)
    {
        var copy = await MongoServer.NewDatabaseAsync();
        using var client = new MongoClient(keys ? keyStore : store);
        var from = client.GetDatabase(new MongoUrl(keys ? keyStore : store).DatabaseName);
        var to = client.GetDatabase(new MongoUrl(copy).DatabaseName);
        foreach (var collection in await (await from.ListCollectionNamesAsync()).ToListAsync())
        {
            var documents = await from.GetCollection<BsonDocument>(collection).Find(FilterDefinition<BsonDocument>.Empty).ToListAsync();
            if (documents.Count > 0) await to.GetCollection<BsonDocument>(collection).InsertManyAsync(documents);
        }

        return copy;
    }

    protected override Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() => Task.FromResult<IEnumerable<KeyValuePair<string, string?>>>(
        [new("Profile:Store", store), new("Profile:KeyStore", keyStore)]);
}

public sealed class CopyingSqliteTests(CopiedSqliteProfileApp app) : CopyingDatabasesContract<CopiedSqliteProfileApp>(app);

[RequiresMongo]
public sealed class CopyingMongoTests(CopiedMongoProfileApp app) : CopyingDatabasesContract<CopiedMongoProfileApp>(app);

/// <summary>What a copy of the database is worth: everything with the keys of its time, nothing of an erased person with those of today.</summary>
public abstract class CopyingDatabasesContract<TApp>(TApp app) : IClassFixture<TApp>
    where TApp : CopiedProfileApp
{
    private static readonly CancellationToken None = CancellationToken.None;

    [ContractFact]
    public async Task A_copy_taken_before_an_erasure_and_the_keys_of_today_decrypt_nothing_of_that_person()
    {
        (await app.SendAsync(
            HttpMethod.Put, "/contact-types/email", ServiceApp.Content(new { description = "Where news are sent.", category = "contact", purposes = new[] { "recommendations" } }),
            Roles.Operator)).Expect(HttpStatusCode.OK);
        await app.RuleAsync(9, ("recommendations", "viewing", 365), ("recommendations", "opinion", 300), ("recommendations", "contact", 90));
        foreach (var customer in new[] { "anna-4711", "boris-4712" })
        {
            await app.GrantAsync(customer, "recommendations", "viewing", "opinion", "contact");
            (await app.SendAsync(HttpMethod.Put, $"/profiles/{customer}/contacts", ServiceApp.Content(new { email = $"{customer}@example.org" }), Roles.Product)).Expect(HttpStatusCode.OK);
            await app.PublishAsync(app.Event(customer, new { filmId = $"film-of-{customer}", rating = 1.5 }));
        }

        var (data, keys) = (await app.CopyAsync(keys: false), await app.CopyAsync(keys: true));
        var ofThen = await KeysInAsync(keys);
        await app.EraseAsync(await app.RevokeAsync("anna-4711"));
        var ofToday = await KeysInAsync(app.KeyStore);

        // The copy is worth something: with the keys of its time it tells all, with those of today all of the other person.
        foreach (var (customer, held) in new[] { ("anna-4711", ofThen), ("boris-4712", ofToday) })
        {
            var opened = await OpenedAsync(data, customer, held);
            foreach (var told in new[] { $"\"film-of-{customer}\"", $"\"{customer}\"", $"\"{customer}@example.org\"" })
                Assert.Contains(opened, body => body.Contains(told, StringComparison.Ordinal));
        }

        Assert.NotEmpty(ofToday);
        Assert.Empty(await OpenedAsync(data, "anna-4711", ofToday));
    }

    [ContractFact]
    public async Task A_rotation_while_events_are_stored_and_read_loses_nothing_and_leaves_no_key_under_the_old_one()
    {
        string[] customers = [.. Enumerable.Range(0, 6).Select(i => $"rotated-{i}")];
        foreach (var customer in customers) await app.GrantAsync(customer, "recommendations", "viewing");
        var stored = 0;
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await UntilTakenAsync([.. customers.Select(customer => app.Event(customer, new { filmId = $"f-{worker}-{i}" }))]);
                Interlocked.Increment(ref stored);
                Assert.NotEmpty(await app.ProfileAsync(customers[i % customers.Length]));
                await app.GrantAsync($"new-{worker}-{i}", "recommendations", "viewing");
                await UntilTakenAsync(app.Event($"new-{worker}-{i}", new { filmId = "f1" }));
            }
        })));
        await UntilAsync(() => Volatile.Read(ref stored) > 4);

        var next = Provisioning.AddKeyEncryptionKey(app.KeysDirectory, "profile");
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.Is("keys were wrapped again", async () => (await WrappedByAsync(next)).Count, count => count > customers.Length, ServiceApp.Soon);
        var during = Volatile.Read(ref stored);
        await UntilAsync(() => Volatile.Read(ref stored) > during + 4);
        await stop.CancelAsync();
        await load;
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        await Eventually.Is("no key is under the old one", async () => (await WrappedByAsync("kek-1")).Count, count => count == 0, ServiceApp.Soon);
        File.Delete(Path.Combine(app.KeysDirectory, "profile", "keyring", "kek-1.key"));
        await app.RestartAsync();
        foreach (var customer in customers)
        {
            Assert.Equal(stored + 1, (await app.RowsAsync(customer)).Count);
            Assert.Equal(Math.Min(stored, 200), (await app.ProfileAsync(customer)).Count);
        }

        // A minute that passes at once ends the lease; until it is renewed publishers are told to send again.
        Task UntilTakenAsync(params JsonNode[] batch) => Eventually.Is(
            "the events are taken",
            async () => await app.PostAsync(ServiceApp.Content(new JsonArray([.. batch.Select(json => json.DeepClone())]), "application/cloudevents-batch+json")),
            answer => answer.Status == HttpStatusCode.OK && answer.Expect(HttpStatusCode.OK)["accepted"]!.GetValue<int>() == batch.Length,
            ServiceApp.Soon);

        static Task UntilAsync(Func<bool> reached) => Eventually.Is("more events were stored", () => Task.FromResult(reached()), ServiceApp.Soon);
    }

    private async Task<IReadOnlyList<StoredDocument>> WrappedByAsync(string kek)
    {
        await using var store = DocumentStores.Open(app.KeyStore);
        await store.InitializeAsync([SubjectKeys.Schema], None);
        return await store.QueryAsync(new DocumentQuery(SubjectKeys.Schema.Name, "kek", EqualTo: kek, Limit: 10_000), None);
    }

    /// <summary>Every data key of a key store, unwrapped.</summary>
    private async Task<IReadOnlyList<DataKey>> KeysInAsync(string keyStore)
    {
        await using var store = DocumentStores.Open(keyStore);
        await store.InitializeAsync([SubjectKeys.Schema], None);
        var rows = await store.QueryAsync(new DocumentQuery(SubjectKeys.Schema.Name, "kek", Limit: 10_000), None);
        return await new FileKeyring(Path.Combine(app.KeysDirectory, "profile", "keyring")).UnwrapAsync(
            [.. rows.Select(row => new WrappedKey(row.Key.Id, row.Fields["kek"], JsonNode.Parse(row.Body.Span)!["secret"]!.Deserialize<byte[]>()!))], None);
    }

    /// <summary>What of a person's documents in a copy any of the keys opens, under its own name and under the one the document asks for.</summary>
    private async Task<IReadOnlyList<string>> OpenedAsync(string copy, string customer, IReadOnlyList<DataKey> keys)
    {
        await using var store = DocumentStores.Open(copy);

        // Withdrawals are found by number, and outlive an erasure for a while: of a copy taken before it none is about the person.
        var collections = app.Module("profile").Documents.All.Where(type => type.ClrType.IsAssignableTo(typeof(ISubjectDocument)))
            .Select(type => type.Schema).Where(schema => schema.Fields.Contains("subject")).ToArray();
        await store.InitializeAsync(collections, None);
        var opened = new List<string>();
        var found = 0;
        foreach (var collection in collections)
        {
            foreach (var row in await store.QueryAsync(
                new DocumentQuery(collection.Name, "subject", After: SubjectIndex.Before(app.RefOf(customer)), AtMost: SubjectIndex.Through(app.RefOf(customer), 99)), None))
            {
                found++;
                var name = Envelope.KeyOf(row.Body);
                if (keys.SelectMany(key => new[] { key, key with { Id = name } }).Select(key => TryOpen(key, row)).FirstOrDefault(body => body is not null) is { } body) opened.Add(body);
            }
        }

        Assert.NotEqual(0, found);
        return opened;
    }

    private static string? TryOpen(DataKey key, StoredDocument row)
    {
        try
        {
            return Encoding.UTF8.GetString(Envelope.Open(key, row.Key, row.Body));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
