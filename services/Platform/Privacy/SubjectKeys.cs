using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>The key of that subject and epoch was destroyed: nothing can be written about them under it again.</summary>
public sealed class SubjectErasedException() : Exception("The data key of this epoch was destroyed; nothing can be stored under it.");

/// <summary>
/// A service's data keys, one per subject and epoch, in a key store of their own, apart from the data and its backups, wrapped by a
/// key-encryption key. Destroying leaves a mark without the key, so it is never made again: that is what keeps a late writer from
/// bringing an erased epoch back.
/// </summary>
public sealed class SubjectKeys(IDocumentStore store, IKeyEncryption encryption, TimeProvider time)
{
    /// <summary>The one collection of a key store.</summary>
    public static readonly CollectionSchema Schema = new("data_keys", []);

    // An instance that didn't do the erasing may read with a key it holds for so long; the rows are gone long before that.
    private static readonly TimeSpan CacheFor = TimeSpan.FromSeconds(30);
    private const int CacheSize = 50_000;
    private readonly ConcurrentDictionary<string, (DataKey? Key, long Until)> cache = new();

    /// <summary>Makes the key store ready.</summary>
    public Task InitializeAsync(CancellationToken cancellationToken) => store.InitializeAsync([Schema], cancellationToken);

    /// <summary>The keys, made where there are none yet; they are durable before this returns.</summary>
    /// <exception cref="SubjectErasedException">One of them was destroyed.</exception>
    public async Task<IReadOnlyDictionary<DataKeyId, DataKey>> GetOrCreateAsync(IEnumerable<DataKeyId> ids, CancellationToken cancellationToken) =>
        (await FindOrCreateAsync(ids, cancellationToken)).ToDictionary(pair => pair.Key, pair => pair.Value ?? throw new SubjectErasedException());

    /// <summary>As <see cref="GetOrCreateAsync"/>, with null for each that was destroyed.</summary>
    public async Task<IReadOnlyDictionary<DataKeyId, DataKey?>> FindOrCreateAsync(IEnumerable<DataKeyId> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.Distinct().ToDictionary(id => id, id => id.ToString());
        if (wanted.Count == 0) return new Dictionary<DataKeyId, DataKey?>();
        for (var attempt = 0; ; attempt++)
        {
            var known = await FetchAsync(wanted.Values, cancellationToken);
            var missing = wanted.Where(pair => !known.ContainsKey(pair.Value)).ToArray();
            if (missing.Length > 0)
            {
                try
                {
                    await store.WriteAsync([.. missing.Select(pair => Make(pair.Value))], cancellationToken);
                }
                catch (DocumentConflictException) when (attempt < 10)
                {
                    // Another writer made one of them first: read theirs.
                }

                continue;
            }

            return wanted.ToDictionary(pair => pair.Key, pair => known[pair.Value]);
        }
    }

    /// <summary>The key, or null if it was destroyed or never made.</summary>
    public async ValueTask<DataKey?> FindAsync(string id, CancellationToken cancellationToken) =>
        cache.TryGetValue(id, out var hit) && hit.Until > time.GetTimestamp()
            ? hit.Key
            : (await FetchAsync([id], cancellationToken)).GetValueOrDefault(id);

    /// <summary>Destroys the key of an epoch. Durable when it returns; a key never made is marked all the same.</summary>
    /// <returns>Whether there was a key.</returns>
    public async Task<bool> DestroyAsync(DataKeyId id, CancellationToken cancellationToken)
    {
        var key = new DocumentKey(Schema.Name, id.ToString());
        while (true)
        {
            var stored = (await store.ReadAsync([key], cancellationToken)).SingleOrDefault();
            var existed = stored is not null && !Parse(stored).IsDestroyed;
            if (stored is not null && !existed) return false;
            try
            {
                await store.WriteAsync([Write(key.Id, stored?.Version ?? 0, new WrappedKey { DestroyedAt = time.GetUtcNow() })], cancellationToken);
                await store.ScrubAsync(cancellationToken);
                Remember(key.Id, null);
                return existed;
            }
            catch (DocumentConflictException)
            {
                // A writer made it just now, or another instance destroyed it: look again.
            }
        }
    }

    /// <summary>Whether the key was destroyed, by the key store's own word.</summary>
    public async Task<bool> IsDestroyedAsync(DataKeyId id, CancellationToken cancellationToken) =>
        (await store.ReadAsync([new DocumentKey(Schema.Name, id.ToString())], cancellationToken)).SingleOrDefault() is { } stored && Parse(stored).IsDestroyed;

    internal async Task WarmAsync(IEnumerable<StoredDocument> documents, CancellationToken cancellationToken)
    {
        var ids = documents.Where(document => document.IsSealed).Select(document => Envelope.KeyOf(document.Body)).ToHashSet();
        if (ids.Count > 0) await FetchAsync(ids, cancellationToken);
    }

    internal Task PingAsync(CancellationToken cancellationToken) => store.PingAsync(cancellationToken);

    /// <summary>Null values: destroyed. Absent: never made.</summary>
    private async Task<Dictionary<string, DataKey?>> FetchAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, DataKey?>();
        List<DocumentKey>? missing = null;
        var now = time.GetTimestamp();
        foreach (var id in ids)
        {
            if (cache.TryGetValue(id, out var hit) && hit.Until > now) found[id] = hit.Key;
            else (missing ??= []).Add(new DocumentKey(Schema.Name, id));
        }

        if (missing is null) return found;
        foreach (var stored in await store.ReadAsync(missing, cancellationToken))
        {
            var wrapped = Parse(stored);
            found[stored.Key.Id] = Remember(stored.Key.Id, wrapped.IsDestroyed
                ? null
                : new DataKey(stored.Key.Id, encryption.Unwrap(wrapped.Kek!, stored.Key.Id, wrapped.Secret)));
        }

        return found;
    }

    private DataKey? Remember(string id, DataKey? key)
    {
        if (cache.Count >= CacheSize) cache.Clear();
        cache[id] = (key, time.GetTimestamp() + (long)(CacheFor.TotalSeconds * time.TimestampFrequency));
        return key;
    }

    private DocumentWrite Make(string id)
    {
        Span<byte> secret = stackalloc byte[32];
        RandomNumberGenerator.Fill(secret);
        var (kek, wrapped) = encryption.Wrap(id, secret);
        CryptographicOperations.ZeroMemory(secret);
        return Write(id, 0, new WrappedKey { Kek = kek, Secret = wrapped });
    }

    private static DocumentWrite Write(string id, long expectedVersion, WrappedKey key) => DocumentWrite.Put(
        new DocumentKey(Schema.Name, id), expectedVersion, JsonSerializer.SerializeToUtf8Bytes(key, Json.Options), isSealed: false, new Dictionary<string, string>());

    private static WrappedKey Parse(StoredDocument stored) => JsonSerializer.Deserialize<WrappedKey>(stored.Body.Span, Json.Options)!;

    private sealed record WrappedKey
    {
        public string? Kek { get; init; }

        public byte[]? Secret { get; init; }

        public DateTimeOffset? DestroyedAt { get; init; }

        [System.Text.Json.Serialization.JsonIgnore]
        public bool IsDestroyed => DestroyedAt is not null;
    }
}
