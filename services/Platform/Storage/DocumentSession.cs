using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;

namespace Personalization.Platform.Storage;

/// <summary>
/// The unit of work: documents read, changes to write and messages to publish, committed all or nothing. What is about a subject is
/// encrypted on the way in and decrypted on the way out; a document whose key was destroyed reads as absent.
/// </summary>
/// <remarks>
/// Whatever loads or queries documents throws <see cref="DocumentUnreadableException"/> for one that is not what was written; reading ahead doesn't.
/// Not safe for concurrent use. The edges (HTTP filter, inbox filter) commit; handlers don't.
/// </remarks>
public sealed class DocumentSession
{
    private readonly IDocumentStore store;
    private readonly DocumentMap map;
    private readonly SubjectKeys keys;
    private readonly Outbox outbox;
    private readonly Dictionary<DocumentKey, Tracked> tracked = [];
    private readonly List<(object Message, string? TraceParent)> messages = [];

    internal DocumentSession(IDocumentStore store, DocumentMap map, SubjectKeys keys, Outbox outbox) =>
        (this.store, this.map, this.keys, this.outbox) = (store, map, keys, outbox);

    private enum Change
    {
        None,
        Put,
        Delete,
        Require,
    }

    /// <summary>Whether there is anything to commit.</summary>
    public bool HasChanges => messages.Count > 0 || tracked.Values.Any(document => document.Change != Change.None);

    /// <summary>Names a document for <see cref="PrefetchAsync"/>.</summary>
    public DocumentKey Key<T>(string id)
        where T : class, IDocument => new(map.Of(typeof(T)).Collection, id);

    /// <summary>Reads documents of several types at once; loading them afterwards costs nothing.</summary>
    public async Task PrefetchAsync(IEnumerable<DocumentKey> documents, CancellationToken cancellationToken)
    {
        var missing = Missing(documents);
        if (missing.Length > 0) await TrackAsync(missing, await store.ReadAsync(missing, cancellationToken), cancellationToken);
    }

    /// <summary>
    /// The same and, in the same go, the rows that a query finds; these are as the store holds them, whatever this session changed. A document of a
    /// version that the caller holds is read without its body; loading it after all reads it again.
    /// </summary>
    public async Task<IReadOnlyList<StoredDocument>> PrefetchAsync(
        IEnumerable<DocumentKey> documents, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken)
    {
        var missing = Missing(documents);
        var (read, found) = await store.ReadAsync(missing, held, query, cancellationToken);
        await TrackAsync(missing, read, cancellationToken);
        return found;
    }

    /// <summary>The row as the store held it when this session read it, unopened; null if there was none.</summary>
    public async ValueTask<StoredDocument?> FindRowAsync<T>(string id, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var key = Key<T>(id);
        if (!tracked.ContainsKey(key)) await PrefetchAsync([key], cancellationToken);
        return tracked[key].Stored;
    }

    /// <summary>The document, or null if there is none or its key was destroyed.</summary>
    public async Task<T?> LoadAsync<T>(string id, CancellationToken cancellationToken)
        where T : class, IDocument => (await LoadManyAsync<T>([id], cancellationToken)).GetValueOrDefault(id);

    /// <summary>The documents that exist, by id.</summary>
    public async Task<IReadOnlyDictionary<string, T>> LoadManyAsync<T>(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var keyed = ids.Distinct().Select(id => (Id: id, Key: Key<T>(id))).ToArray();
        await PrefetchAsync(keyed.Select(pair => pair.Key), cancellationToken);
        var found = new Dictionary<string, T>(keyed.Length);
        foreach (var (id, key) in keyed)
        {
            if (await OpenAsync<T>(tracked[key], cancellationToken) is { } document) found[id] = document;
        }

        return found;
    }

    /// <summary>The documents whose declared field matches, in the field's order. Changes of this session that aren't committed are not seen by the match.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(
        string field, string? equalTo = null, string? atMost = null, string? after = null, int limit = 1000, CancellationToken cancellationToken = default)
        where T : class, IDocument =>
        [.. (await QueryRowsAsync<T>(field, equalTo, atMost, after, limit, cancellationToken)).Select(row => row.Document).OfType<T>()];

    /// <summary>As <see cref="QueryAsync"/>, with the documents that can't be read any more because their key was destroyed: what an erasure must not miss.</summary>
    public async Task<IReadOnlyList<QueryRow<T>>> QueryRowsAsync<T>(
        string field, string? equalTo = null, string? atMost = null, string? after = null, int limit = 1000, CancellationToken cancellationToken = default)
        where T : class, IDocument
    {
        var results = await store.QueryAsync(new DocumentQuery(map.Of(typeof(T)).Collection, field, equalTo, atMost, after, limit), cancellationToken);
        await keys.WarmAsync(results, cancellationToken);
        var rows = new List<QueryRow<T>>(results.Count);
        foreach (var stored in results)
        {
            if (!tracked.TryGetValue(stored.Key, out var known)) tracked[stored.Key] = known = new Tracked(stored);
            rows.Add(new QueryRow<T>(stored.Key.Id, stored.Fields[field], await OpenAsync<T>(known, cancellationToken)));
        }

        return rows;
    }

    /// <summary>Counts the documents whose declared field matches, without reading them.</summary>
    public Task<long> CountAsync<T>(string field, string? equalTo = null, string? atMost = null, string? after = null, CancellationToken cancellationToken = default)
        where T : class, IDocument =>
        store.CountAsync(new DocumentQuery(map.Of(typeof(T)).Collection, field, equalTo, atMost, after), cancellationToken);

    /// <summary>Writes the document at commit: over the version this session read, or as a new one if it read none.</summary>
    public void Store<T>(T document)
        where T : class, IDocument
    {
        var entry = Track(Key<T>(document.Id));
        (entry.Document, entry.IsOpen, entry.Change) = (document, true, Change.Put);
    }

    /// <summary>Removes the document at commit. It must have been read by this session; one that doesn't exist is ignored.</summary>
    public void Delete<T>(string id)
        where T : class, IDocument => Track(Key<T>(id)).Change = Change.Delete;

    /// <summary>Makes the commit fail if somebody else changes the document (or makes it, if this session found none) in the meantime.</summary>
    public void Require<T>(string id)
        where T : class, IDocument
    {
        var entry = Track(Key<T>(id));
        if (entry.Change == Change.None) entry.Change = Change.Require;
    }

    /// <summary>Publishes the message if, and only if, this session commits; it continues the trace that is current now.</summary>
    public void Publish<T>(T message)
        where T : class => messages.Add((message, Activity.Current?.Id));

    /// <summary>Writes everything or nothing, then hands the messages to the relay. The session can be used on, as if it were new.</summary>
    /// <exception cref="DocumentConflictException">Somebody changed a document since it was read: clear, load again, decide again.</exception>
    /// <exception cref="SubjectErasedException">A document belongs to an epoch whose key was destroyed.</exception>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (!HasChanges) return;
        var entries = outbox.Wrap(messages);
        foreach (var entry in entries) Store(entry.Document);

        var changed = tracked.Values.Where(document => document.Change != Change.None).ToArray();
        var dataKeys = await keys.GetOrCreateAsync(
            changed.Where(c => c.Change == Change.Put).Select(c => (c.Document as ISubjectDocument)?.DataKey).OfType<DataKeyId>(), cancellationToken);

        var writes = new List<DocumentWrite>(changed.Length);
        foreach (var entry in changed)
        {
            switch (entry.Change)
            {
                case Change.Put:
                    writes.Add(Seal(entry, dataKeys));
                    break;
                case Change.Delete when entry.Version > 0:
                    writes.Add(DocumentWrite.Delete(entry.Key, entry.Version));
                    break;
                case Change.Require:
                    writes.Add(DocumentWrite.Require(entry.Key, entry.Version));
                    break;
            }
        }

        if (writes.Count > 0) await store.WriteAsync(writes, cancellationToken);
        Clear();
        outbox.Committed(entries);
    }

    /// <summary>Forgets everything read and changed.</summary>
    public void Clear()
    {
        tracked.Clear();
        messages.Clear();
    }

    private DocumentKey[] Missing(IEnumerable<DocumentKey> documents) => [.. documents.Where(key => !tracked.ContainsKey(key)).Distinct()];

    private Task TrackAsync(DocumentKey[] asked, IReadOnlyList<StoredDocument> read, CancellationToken cancellationToken)
    {
        foreach (var key in asked) tracked[key] = new Tracked { Key = key };
        foreach (var stored in read) tracked[stored.Key] = new Tracked(stored);
        return keys.WarmAsync(read, cancellationToken);
    }

    private Tracked Track(DocumentKey key)
    {
        if (!tracked.TryGetValue(key, out var entry)) tracked[key] = entry = new Tracked { Key = key };
        return entry;
    }

    private DocumentWrite Seal(Tracked entry, IReadOnlyDictionary<DataKeyId, DataKey> dataKeys)
    {
        var document = entry.Document!;
        var fields = new Dictionary<string, string>();
        foreach (var field in map.Of(document.GetType()).Fields)
        {
            if (field.Value(document) is { } value) fields[field.Name] = value;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(document, document.GetType(), Json.Options);
        return (document as ISubjectDocument)?.DataKey is { } id
            ? DocumentWrite.Put(entry.Key, entry.Version, Envelope.Seal(dataKeys[id], entry.Key, json), isSealed: true, fields)
            : DocumentWrite.Put(entry.Key, entry.Version, json, isSealed: false, fields);
    }

    private async ValueTask<T?> OpenAsync<T>(Tracked entry, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        if (entry.Change == Change.Delete) return null;
        if (!entry.IsOpen)
        {
            if (entry.Stored?.Body.IsEmpty == true) entry.Stored = (await store.ReadAsync([entry.Key], cancellationToken)).SingleOrDefault();
            if (entry.Stored is { } stored && await ReadBodyAsync(stored, cancellationToken) is { } body)
                entry.Document = Parse<T>(entry.Key, body);
            entry.IsOpen = true;
        }

        return (T?)entry.Document;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadBodyAsync(StoredDocument stored, CancellationToken cancellationToken)
    {
        if (!stored.IsSealed) return stored.Body;
        if (await keys.FindAsync(Envelope.FindKey(stored.Body) ?? throw new DocumentUnreadableException(stored.Key), cancellationToken) is not { } key) return null;
        try
        {
            return Envelope.Open(key, stored.Key, stored.Body);
        }
        catch (CryptographicException)
        {
            throw new DocumentUnreadableException(stored.Key);
        }
    }

    // What the parser says may hold some of the document, so it isn't passed on.
    private static T? Parse<T>(DocumentKey key, ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(body.Span, Json.Options);
        }
        catch (JsonException)
        {
            throw new DocumentUnreadableException(key);
        }
    }

    private sealed class Tracked
    {
        public Tracked()
        {
        }

        public Tracked(StoredDocument stored) => (Key, Stored) = (stored.Key, stored);

        public DocumentKey Key { get; init; }

        public StoredDocument? Stored { get; set; }

        public long Version => Stored?.Version ?? 0;

        public IDocument? Document { get; set; }

        public bool IsOpen { get; set; }

        public Change Change { get; set; }
    }
}

/// <summary>A document found by a query.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Value">Its value of the field queried by: where the next page begins.</param>
/// <param name="Document">The document; null if its key was destroyed.</param>
public sealed record QueryRow<T>(string Id, string Value, T? Document)
    where T : class, IDocument;
