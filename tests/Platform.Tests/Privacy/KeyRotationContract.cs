using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Platform.Tests.Privacy;

public sealed class KeyRotationOnSqliteTests : KeyRotationContract
{
    protected override Task<string> NewStoreAsync() => Task.FromResult($"sqlite:{Path.Combine(Folder, "data-keys.db")}");

    [ContractFact]
    public async Task Nothing_that_the_old_key_wrapped_is_left_in_the_files()
    {
        await Keys.GetOrCreateAsync([new DataKeyId("anna", 1)], None);
        var wrapped = Encoding.ASCII.GetBytes((string)JsonNode.Parse((await RowsAsync()).Single().Body.Span)!["secret"]!);
        Assert.Contains(Files(), file => file.AsSpan().IndexOf(wrapped) >= 0);
        Rotate();

        await Keys.RewrapAsync(None);

        Assert.DoesNotContain(Files(), file => file.AsSpan().IndexOf(wrapped) >= 0);
    }

    private IEnumerable<byte[]> Files() => Directory.GetFiles(Folder, "data-keys.db*").Select(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    });
}

[RequiresMongo]
public sealed class KeyRotationOnMongoTests : KeyRotationContract
{
    protected override Task<string> NewStoreAsync() => MongoServer.NewDatabaseAsync();
}

/// <summary>Rotating the key-encryption key while data keys are made, used and destroyed.</summary>
public abstract class KeyRotationContract : IAsyncLifetime
{
    protected static readonly CancellationToken None = CancellationToken.None;
    private IDocumentStore? store;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("rotation-").FullName;

    private string Keyring => Path.Combine(Folder, "profile", "keyring");

    protected SubjectKeys Keys { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (!IsHere) return;
        Provisioning.EnsureKeys(Folder, ["profile"]);
        store = DocumentStores.Open(await NewStoreAsync());
        await store.InitializeAsync([SubjectKeys.Schema], None);
        Keys = Instance();
    }

    public async Task DisposeAsync()
    {
        if (store is not null) await store.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    [ContractFact]
    public async Task A_rotation_while_keys_are_made_read_and_destroyed_loses_none_and_leaves_none_under_the_old_key()
    {
        var other = Instance();
        var made = new ConcurrentDictionary<DataKeyId, byte[]>();
        var destroyed = new ConcurrentBag<DataKeyId>();
        await MakeAsync(Keys, "before", 1200);
        using var stop = new CancellationTokenSource();
        var load = Task.WhenAll(new[] { Keys, other }.Select((keys, instance) => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await MakeAsync(keys, $"during-{instance}-{i}", 5);
                if (i % 3 != 0) continue;
                var gone = new DataKeyId($"during-{instance}-{i}-0", 1);
                Assert.True(await keys.DestroyAsync(gone, None));
                made.TryRemove(gone, out _);
                destroyed.Add(gone);
            }
        })));

        Rotate();
        await Task.WhenAll(Keys.RewrapAsync(None), other.RewrapAsync(None));
        await stop.CancelAsync();
        await load;

        // What an instance wrapped between another's looking and its own is found the next time either looks.
        await Keys.RewrapAsync(None);

        Assert.All(await RowsAsync(), row => Assert.Equal("kek-2", row.Fields["kek"]));
        Assert.Equal(made.Count, (await RowsAsync()).Count);
        File.Delete(Path.Combine(Keyring, "kek-1.key"));
        var afterwards = Instance();
        foreach (var (id, secret) in made) Assert.Equal(secret, (await afterwards.FindAsync(id.ToString(), None))!.Secret.ToArray());
        Assert.NotEmpty(destroyed);
        foreach (var id in destroyed)
        {
            Assert.True(await afterwards.IsDestroyedAsync(id, None));
            await Assert.ThrowsAsync<SubjectErasedException>(() => afterwards.GetOrCreateAsync([id], None));
        }

        async Task MakeAsync(SubjectKeys keys, string name, int count)
        {
            var ids = Enumerable.Range(0, count).Select(i => new DataKeyId($"{name}-{i}", 1)).ToArray();
            foreach (var (id, key) in await keys.GetOrCreateAsync(ids, None)) made[id] = key.Secret.ToArray();
        }
    }

    [ContractFact]
    public async Task A_key_destroyed_while_it_is_wrapped_again_stays_destroyed()
    {
        var id = new DataKeyId("anna", 1);
        await Keys.GetOrCreateAsync([id, new DataKeyId("boris", 1)], None);
        Rotate();
        var disturbed = Instance(keyring => new Disturbed(keyring, () => Keys.DestroyAsync(id, None)));

        var (rewrapped, current) = await disturbed.RewrapAsync(None);

        Assert.Equal((1, "kek-2"), (rewrapped, current));
        Assert.True(await Keys.IsDestroyedAsync(id, None));
        Assert.Single(await RowsAsync());
    }

    [ContractFact]
    public async Task An_instance_that_has_not_noticed_the_rotation_reads_what_another_wrapped_under_the_new_key()
    {
        var late = Instance();
        Rotate();
        await Keys.RewrapAsync(None);
        var key = (await Keys.GetOrCreateAsync([new DataKeyId("anna", 1)], None)).Values.Single();

        Assert.Equal("kek-2", (await RowsAsync()).Single().Fields["kek"]);
        Assert.Equal(key.Secret.ToArray(), (await late.FindAsync("anna.1", None))!.Secret.ToArray());
    }

    [ContractFact]
    public async Task A_wrapped_key_in_the_place_of_another_does_not_open()
    {
        await Keys.GetOrCreateAsync([new DataKeyId("anna", 1)], None);
        var stored = (await RowsAsync()).Single();
        await store!.WriteAsync([DocumentWrite.Put(stored.Key with { Id = "boris.1" }, 0, stored.Body, isSealed: false, stored.Fields)], None);

        await Assert.ThrowsAnyAsync<CryptographicException>(async () => await Keys.FindAsync("boris.1", None));
    }

    protected abstract Task<string> NewStoreAsync();

    protected void Rotate() => Assert.Equal("kek-2", Provisioning.AddKeyEncryptionKey(Folder, "profile"));

    protected async Task<IReadOnlyList<StoredDocument>> RowsAsync() =>
        await store!.QueryAsync(new DocumentQuery(SubjectKeys.Schema.Name, "kek", Limit: 100_000), None);

    private bool IsHere => GetType().GetCustomAttributes(typeof(RequirementAttribute), inherit: true).Cast<RequirementAttribute>().All(requirement => requirement.Unmet is null);

    // An instance has its own keyring and cache; what they share is the store.
    private SubjectKeys Instance(Func<IKeyEncryption, IKeyEncryption>? with = null)
    {
        var keyring = new FileKeyring(Keyring);
        return new SubjectKeys(store!, with is null ? keyring : with(keyring), TimeProvider.System);
    }

    /// <summary>Does something once between wrapping again and writing.</summary>
    private sealed class Disturbed(IKeyEncryption inner, Func<Task> once) : IKeyEncryption
    {
        private Func<Task>? left = once;

        public ValueTask<string> CurrentKeyAsync(CancellationToken cancellationToken) => inner.CurrentKeyAsync(cancellationToken);

        public bool Knows(string keyId) => inner.Knows(keyId);

        public ValueTask<IReadOnlyList<WrappedKey>> WrapAsync(IReadOnlyList<DataKey> keys, CancellationToken cancellationToken) => inner.WrapAsync(keys, cancellationToken);

        public ValueTask<IReadOnlyList<DataKey>> UnwrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken) => inner.UnwrapAsync(keys, cancellationToken);

        public async ValueTask<IReadOnlyList<WrappedKey>> RewrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken)
        {
            var rewrapped = await inner.RewrapAsync(keys, cancellationToken);
            if (Interlocked.Exchange(ref left, null) is { } disturb) await disturb();
            return rewrapped;
        }
    }
}
