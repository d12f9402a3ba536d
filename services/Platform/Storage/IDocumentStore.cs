namespace Personalization.Platform.Storage;

/// <summary>
/// Versioned documents in named collections. Bodies are opaque to a store: what they hold, and whether it is encrypted, is
/// decided above (<see cref="DocumentSession"/>), and neither back end knows that messaging or encryption exist.
/// </summary>
/// <remarks>
/// Guarantees, held by both back ends and asserted by one contract suite: a write is all or nothing and durable when it returns;
/// a read that starts after a write returned sees it; a conflicting write changes nothing.
/// </remarks>
public interface IDocumentStore : IAsyncDisposable
{
    /// <summary>
    /// Creates what is missing of the collections and their indexes; documents written before a field was declared have no value
    /// for it until they are written again. Comes before every other call, may be called again with more, and is safe to call from
    /// several instances at once.
    /// </summary>
    /// <exception cref="ArgumentException">A name is not of the form that <see cref="CollectionSchema"/> states.</exception>
    /// <exception cref="StoreUnusableException">The store can't give the guarantees (a standalone MongoDB server, say) or refuses this user.</exception>
    /// <exception cref="StoreUnreachableException">It doesn't answer for now; trying again may succeed.</exception>
    Task InitializeAsync(IReadOnlyCollection<CollectionSchema> collections, CancellationToken cancellationToken);

    /// <summary>Reads many documents of any collections, in one round trip a collection; those that don't exist are left out.</summary>
    Task<IReadOnlyList<StoredDocument>> ReadAsync(IReadOnlyCollection<DocumentKey> keys, CancellationToken cancellationToken);

    /// <summary>Reads many documents and, in the same go, those that a query finds: no round trip waits for another. One that is both comes in both.</summary>
    /// <param name="keys">The documents.</param>
    /// <param name="held">Versions whose bodies the caller has: a document that is still of that version comes with an empty body.</param>
    /// <param name="query">What else to find.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<StoredDocument> Found)> ReadAsync(
        IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Reads the documents whose declared field matches, in the ordinal order of that field, then of the id.</summary>
    Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Counts the documents whose declared field matches; the query's limit is not used.</summary>
    Task<long> CountAsync(DocumentQuery query, CancellationToken cancellationToken);

    /// <summary>Every collection that is in the store, declared by this process or not, and how many documents it has: about, where the store keeps count itself (MongoDB).</summary>
    Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Every document of every collection, declared or not, as of one moment: for a copy. MongoDB keeps a moment readable for 5 minutes unless told
    /// otherwise (<c>minSnapshotHistoryWindowInSeconds</c>).
    /// </summary>
    /// <param name="first">Collections that come before the others.</param>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<StoredDocument> ReadAllAsync(IReadOnlyList<string> first, CancellationToken cancellationToken);

    /// <summary>Removes a collection, declared or not, and all that is in it. One that isn't there is no error.</summary>
    Task DropAsync(string collection, CancellationToken cancellationToken);

    /// <summary>
    /// Applies every write or none. A document is in it at most once, in an initialized collection, with declared fields only
    /// (<see cref="ArgumentException"/> otherwise). Cancelled once it was begun, it may have been applied.
    /// </summary>
    /// <exception cref="DocumentConflictException">A document's version is not the one expected.</exception>
    Task WriteAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken);

    /// <summary>Makes what was deleted unreadable in the store's own files, as far as the store allows (SQLite: truncates the write-ahead log).</summary>
    Task ScrubAsync(CancellationToken cancellationToken);

    /// <summary>Fails if the store can't be reached or can't be written to.</summary>
    /// <exception cref="StoreUnreachableException">It doesn't answer, or isn't the primary for now.</exception>
    Task PingAsync(CancellationToken cancellationToken);
}

/// <summary>A collection and the fields it can be queried by.</summary>
/// <param name="Name">snake_case plural, unique in the system.</param>
/// <param name="Fields">Names (letters only, different also when case is ignored) of the declared fields.</param>
public sealed record CollectionSchema(string Name, IReadOnlyList<string> Fields);

/// <summary>A document's place: collection and id.</summary>
public readonly record struct DocumentKey(string Collection, string Id);

/// <summary>A document as a store holds it.</summary>
/// <param name="Key">Its place.</param>
/// <param name="Version">1 when inserted, one more with each write.</param>
/// <param name="Body">UTF-8 JSON, or the sealed form of it.</param>
/// <param name="IsSealed">Whether the body is ciphertext; a store may show a clear body in a form that people can read.</param>
/// <param name="Fields">Values of the declared fields, in clear. A field without a value is not in it and matches no query.</param>
public sealed record StoredDocument(
    DocumentKey Key, long Version, ReadOnlyMemory<byte> Body, bool IsSealed, IReadOnlyDictionary<string, string> Fields);

/// <summary>What a write does to one document.</summary>
public enum WriteKind
{
    /// <summary>Writes the body; expected version 0 means that the document must not exist.</summary>
    Put,

    /// <summary>Removes the document, which has at least version 1.</summary>
    Delete,

    /// <summary>Changes nothing, but fails the whole write unless the document has the expected version (0: doesn't exist), also against writers at the same time.</summary>
    Require,
}

/// <summary>One part of an all-or-nothing write. <see cref="Body"/>, <see cref="IsSealed"/> and <see cref="Fields"/> are those of a <see cref="WriteKind.Put"/>.</summary>
public sealed record DocumentWrite(
    WriteKind Kind, DocumentKey Key, long ExpectedVersion, ReadOnlyMemory<byte> Body, bool IsSealed, IReadOnlyDictionary<string, string> Fields)
{
    private static readonly Dictionary<string, string> NoFields = [];

    /// <summary>Inserts (expected version 0) or replaces.</summary>
    public static DocumentWrite Put(
        DocumentKey key, long expectedVersion, ReadOnlyMemory<byte> body, bool isSealed, IReadOnlyDictionary<string, string> fields) =>
        new(WriteKind.Put, key, expectedVersion, body, isSealed, fields);

    /// <summary>Removes the document of that version.</summary>
    public static DocumentWrite Delete(DocumentKey key, long expectedVersion) =>
        new(WriteKind.Delete, key, expectedVersion, default, false, NoFields);

    /// <summary>Fails the whole write unless the document has that version.</summary>
    public static DocumentWrite Require(DocumentKey key, long expectedVersion) =>
        new(WriteKind.Require, key, expectedVersion, default, false, NoFields);
}

/// <summary>Selects by one declared field, compared ordinally (as UTF-8 bytes). Null bounds: every document that has the field.</summary>
/// <param name="Collection">The collection.</param>
/// <param name="Field">A declared field.</param>
/// <param name="EqualTo">Only this value.</param>
/// <param name="AtMost">Only values up to this one, inclusive.</param>
/// <param name="After">Only values greater than this one.</param>
/// <param name="Limit">At most so many documents; at least 1.</param>
public sealed record DocumentQuery(
    string Collection, string Field, string? EqualTo = null, string? AtMost = null, string? After = null, int Limit = 1000);

/// <summary>A document's version was not the one expected; nothing of the write was applied.</summary>
/// <param name="conflicts">The documents found with another version. A back end that learns of one conflict at a time names that one; empty when it can't tell (a transaction aborted by a concurrent one).</param>
public sealed class DocumentConflictException(IReadOnlyList<DocumentKey> conflicts)
    : Exception($"{conflicts.Count} document(s) changed since they were read: {string.Join(", ", conflicts.Select(c => c.Collection).Distinct())}.")
{
    /// <summary>The documents found with another version; ids stay out of the message because it is logged.</summary>
    public IReadOnlyList<DocumentKey> Conflicts { get; } = conflicts;
}

/// <summary>
/// A document is not what was written: it doesn't open under its key, or isn't of its form. One whose key was destroyed reads as absent instead.
/// Who works on documents of many goes on without this one.
/// </summary>
public sealed class DocumentUnreadableException(DocumentKey document) : Exception($"A document of {document.Collection} can't be read: it is not what was written.")
{
    /// <summary>Which; its id stays out of the message because that is logged.</summary>
    public DocumentKey Document { get; } = document;
}

/// <summary>The store can't give the guarantees this system needs; the message says what to do.</summary>
public sealed class StoreUnusableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The store doesn't answer for now; trying again may succeed. A write that failed so may have been applied: reload before
/// repeating it, the versions tell.
/// </summary>
public sealed class StoreUnreachableException(string message) : Exception(message);
