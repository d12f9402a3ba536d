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
    /// <summary>The keys.</summary>
    public static readonly CollectionSchema Schema = new("data_keys", [KekField]);

    // Which key-encryption key wrapped it, in clear: that is how a rotation finds what is left to do.
    private const string KekField = "kek";
    private const int Page = 500;

    // An instance that didn't do the erasing may read with a key it holds for so long; the rows are gone long before that.
    private static readonly TimeSpan CacheFor = TimeSpan.FromSeconds(30);
    private const int CacheSize = 50_000;
    private readonly ConcurrentDictionary<string, (DataKey? Key, long Until)> cache = new();

    /// <summary>How far something had come.</summary>
    internal static readonly CollectionSchema PositionSchema = new("key_positions", []);

    /// <summary>Makes the key store ready.</summary>
    public Task InitializeAsync(CancellationToken cancellationToken) => store.InitializeAsync([Schema, PositionSchema], cancellationToken);

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
                    await store.WriteAsync(await MakeAsync([.. missing.Select(pair => pair.Value)], cancellationToken), cancellationToken);
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
                await store.WriteAsync([Write(key.Id, stored?.Version ?? 0, new StoredKey { DestroyedAt = time.GetUtcNow() })], cancellationToken);
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

    /// <summary>
    /// Wraps again, page by page, what another key-encryption key than the current one wrapped; afterwards nothing in the store's files is under
    /// that other key. Safe while any instance reads, writes and erases: a key that changes meanwhile is left to whoever changed it.
    /// </summary>
    /// <returns>How many were wrapped again, and the key that all are under now.</returns>
    /// <exception cref="KeyEncryptionException">The provider can't be used; what was done so far stays done.</exception>
    public async Task<(long Rewrapped, string Current)> RewrapAsync(CancellationToken cancellationToken)
    {
        var current = await encryption.CurrentKeyAsync(cancellationToken);
        var rewrapped = 0L;
        for (string? after = null; await FirstKekAsync(after, cancellationToken) is { } kek;)
        {
            if (kek == current)
            {
                after = kek;
                continue;
            }

            var page = await store.QueryAsync(new DocumentQuery(Schema.Name, KekField, EqualTo: kek, Limit: Page), cancellationToken);
            if (page.Count == 0) continue;
            var wrapped = await encryption.RewrapAsync([.. page.Select(stored => Wrapped(stored.Key.Id, Parse(stored)))], cancellationToken);
            try
            {
                await store.WriteAsync([.. page.Zip(wrapped, (stored, key) => Write(stored.Key.Id, stored.Version, Stored(key)))], cancellationToken);
                rewrapped += page.Count;
            }
            catch (DocumentConflictException)
            {
                // One was destroyed, or another instance does the same: look at what is left.
            }

            // Rotated once more meanwhile: what is under the newest is done.
            current = wrapped[^1].KeyId;
        }

        if (rewrapped > 0) await store.ScrubAsync(cancellationToken);
        return (rewrapped, current);
    }

    /// <summary>
    /// How far something had come when these keys were last used, kept here because the data may be restored without the keys: what the data then
    /// says is less. Null: unknown.
    /// </summary>
    public async Task<string?> PositionAsync(string of, CancellationToken cancellationToken) =>
        (await store.ReadAsync([PositionKey(of)], cancellationToken)).SingleOrDefault() is { } stored ? ThroughOf(stored) : null;

    /// <summary>Moves such a position forward in ordinal order, never back.</summary>
    public async Task AdvanceAsync(string of, string through, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = (await store.ReadAsync([PositionKey(of)], cancellationToken)).SingleOrDefault();
            if (stored is not null && string.CompareOrdinal(ThroughOf(stored), through) >= 0) return;
            var body = JsonSerializer.SerializeToUtf8Bytes(new StoredPosition(through), Json.Options);
            try
            {
                await store.WriteAsync([DocumentWrite.Put(PositionKey(of), stored?.Version ?? 0, body, isSealed: false, new Dictionary<string, string>())], cancellationToken);
                return;
            }
            catch (DocumentConflictException)
            {
                // Another instance advanced it.
            }
        }
    }

    internal async Task WarmAsync(IEnumerable<StoredDocument> documents, CancellationToken cancellationToken)
    {
        var ids = documents.Where(document => document is { IsSealed: true, Body.IsEmpty: false }).Select(document => Envelope.FindKey(document.Body)).OfType<string>().ToHashSet();
        if (ids.Count > 0) await FetchAsync(ids, cancellationToken);
    }

    internal Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken) => store.CountCollectionsAsync(cancellationToken);

    internal async Task PingAsync(CancellationToken cancellationToken)
    {
        await store.PingAsync(cancellationToken);
        await encryption.CurrentKeyAsync(cancellationToken);
    }

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
        var wrapped = new List<WrappedKey>();
        foreach (var stored in await store.ReadAsync(missing, cancellationToken))
        {
            var key = Parse(stored);
            if (key.IsDestroyed) found[stored.Key.Id] = Remember(stored.Key.Id, null);
            else wrapped.Add(Wrapped(stored.Key.Id, key));
        }

        if (wrapped.Count == 0) return found;
        foreach (var key in await encryption.UnwrapAsync(wrapped, cancellationToken)) found[key.Id] = Remember(key.Id, key);
        return found;
    }

    private DataKey? Remember(string id, DataKey? key)
    {
        if (cache.Count >= CacheSize) cache.Clear();
        cache[id] = (key, time.GetTimestamp() + (long)(CacheFor.TotalSeconds * time.TimestampFrequency));
        return key;
    }

    private async Task<IReadOnlyCollection<DocumentWrite>> MakeAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var secrets = ids.Select(_ => RandomNumberGenerator.GetBytes(32)).ToArray();
        var wrapped = await encryption.WrapAsync([.. ids.Zip(secrets, (id, secret) => new DataKey(id, secret))], cancellationToken);
        foreach (var secret in secrets) CryptographicOperations.ZeroMemory(secret);
        return [.. wrapped.Select(key => Write(key.DataKeyId, 0, Stored(key)))];
    }

    private async Task<string?> FirstKekAsync(string? after, CancellationToken cancellationToken) =>
        (await store.QueryAsync(new DocumentQuery(Schema.Name, KekField, After: after, Limit: 1), cancellationToken)).SingleOrDefault()?.Fields[KekField];

    private static DocumentWrite Write(string id, long expectedVersion, StoredKey key) => DocumentWrite.Put(
        new DocumentKey(Schema.Name, id), expectedVersion, JsonSerializer.SerializeToUtf8Bytes(key, Json.Options), isSealed: false,
        key.Kek is null ? [] : new Dictionary<string, string> { [KekField] = key.Kek });

    private static DocumentKey PositionKey(string of) => new(PositionSchema.Name, of);

    private static string ThroughOf(StoredDocument stored) => JsonSerializer.Deserialize<StoredPosition>(stored.Body.Span, Json.Options)!.Through;

    private static StoredKey Parse(StoredDocument stored) => JsonSerializer.Deserialize<StoredKey>(stored.Body.Span, Json.Options)!;

    private static WrappedKey Wrapped(string id, StoredKey key) => new(id, key.Kek!, key.Secret!);

    private static StoredKey Stored(WrappedKey key) => new() { Kek = key.KeyId, Secret = key.Wrapped };

    private sealed record StoredPosition(string Through);

    private sealed record StoredKey
    {
        public string? Kek { get; init; }

        public byte[]? Secret { get; init; }

        public DateTimeOffset? DestroyedAt { get; init; }

        [System.Text.Json.Serialization.JsonIgnore]
        public bool IsDestroyed => DestroyedAt is not null;
    }
}
