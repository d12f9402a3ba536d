using System.Runtime.CompilerServices;
using System.Text;
using MongoDB.Bson;
using MongoDB.Driver;
using Personalization.Platform.Security;

namespace Personalization.Platform.Storage;

/// <summary>
/// Documents in a MongoDB database of a replica set. Writes are acknowledged by a majority from their journals, reads see only
/// what a majority has, from the primary; a unit of several writes is a transaction.
/// </summary>
/// <remarks>
/// A document is kept as <c>{_id, v: version, s: is sealed, b: body (a string if clear, so that people can read it), f: {field: value}}</c>.
/// Failures of the driver are replaced by this system's own, because their messages hold ids.
/// </remarks>
public sealed class MongoDocumentStore : IDocumentStore
{
    private static readonly Dictionary<DocumentKey, long> NothingHeld = [];
    private static readonly BsonDocument VersionOnly = new("v", 1);
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly WriteConcern Durable = WriteConcern.WMajority.With(journal: true);
    private static readonly TransactionOptions Isolated = new(ReadConcern.Snapshot, ReadPreference.Primary, Durable);

    /// <summary>
    /// Units that are written at the same time. A write may wait in the server for another one, with its connection, and a transaction takes a connection
    /// for each of its steps: were all connections with those who wait, the one they wait for could not go on. The driver opens up to a hundred.
    /// </summary>
    private const int MostWriters = 16;

    private readonly DeclaredCollections _declared = new();
    private readonly SemaphoreSlim _writers = new(MostWriters);
    private readonly MongoClient _client;
    private readonly IMongoDatabase _database;

    /// <summary>Connects to nothing yet; <see cref="InitializeAsync"/> does.</summary>
    /// <param name="connectionString"><c>mongodb://…/DATABASE</c> or <c>mongodb+srv://…/DATABASE</c>. Its read and write concerns are not used.</param>
    /// <param name="trust">Which servers an encrypted connection may lead to; null: those that the machine trusts.</param>
    /// <exception cref="StoreUnusableException">The connection string can't be read or names no database.</exception>
    public MongoDocumentStore(string connectionString, ServerTrust? trust = null)
    {
        MongoUrl url;
        try
        {
            url = new MongoUrl(connectionString);
        }
        catch (Exception e) when (e is MongoConfigurationException or ArgumentException or FormatException)
        {
            // The driver's message repeats the string, with the password in it.
            throw new StoreUnusableException("The MongoDB connection string can't be read.");
        }
        if (string.IsNullOrEmpty(url.DatabaseName))
            throw new StoreUnusableException("The MongoDB connection string names no database: mongodb://HOST/DATABASE.");

        var settings = MongoClientSettings.FromUrl(url);
        settings.ReadConcern = ReadConcern.Majority;
        settings.ReadPreference = ReadPreference.Primary;
        settings.WriteConcern = Durable;
        settings.RetryReads = true;
        settings.RetryWrites = true;
        settings.SslSettings = new SslSettings { EnabledSslProtocols = ServerTrust.Protocols, ServerCertificateValidationCallback = (trust ?? new ServerTrust(null)).Accepts };
        // Commands, and with them ids, stay out of logs; monitoring would fill them with heartbeats.
        settings.LoggingSettings = null;
        _client = new MongoClient(settings);
        _database = _client.GetDatabase(url.DatabaseName);
    }

    /// <inheritdoc/>
    public async Task InitializeAsync(IReadOnlyCollection<CollectionSchema> collections, CancellationToken cancellationToken)
    {
        DeclaredCollections.CheckNames(collections);
        await ExplainedAsync(async () =>
        {
            await RequirePrimaryAsync(cancellationToken);
            foreach (CollectionSchema collection in collections)
                await CreateAsync(collection, cancellationToken);
            return true;
        });
        _declared.Add(collections);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDocument>> ReadAsync(IReadOnlyCollection<DocumentKey> keys, CancellationToken cancellationToken) =>
        ReadAsync(keys, NothingHeld, cancellationToken);

    /// <inheritdoc/>
    public async Task<(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<StoredDocument> Found)> ReadAsync(
        IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<StoredDocument>> documents = ReadAsync(keys, held, cancellationToken);
        Task<IReadOnlyList<StoredDocument>> found = QueryAsync(query, cancellationToken);
        await Task.WhenAll(documents, found);
        return (await documents, await found);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        _declared.Check(query);
        List<BsonDocument> documents = await ExplainedAsync(() => Collection(query.Collection)
            .Find(Filter(query))
            .Sort(new BsonDocument { { Path(query.Field), 1 }, { "_id", 1 } })
            .Limit(query.Limit)
            .ToListAsync(cancellationToken));
        return documents.ConvertAll(d => ToStored(query.Collection, d));
    }

    /// <inheritdoc/>
    public Task<long> CountAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        _declared.Check(query);
        return ExplainedAsync(() => Collection(query.Collection).CountDocumentsAsync(Filter(query), cancellationToken: cancellationToken));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken) =>
        ExplainedAsync<IReadOnlyDictionary<string, long>>(async () =>
        {
            var counts = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (string name in await NamesAsync(cancellationToken))
                counts.Add(name, await Collection(name).EstimatedDocumentCountAsync(cancellationToken: cancellationToken));
            return counts;
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoredDocument> ReadAllAsync(IReadOnlyList<string> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<string> names = await ExplainedAsync(() => NamesAsync(cancellationToken));
        using IClientSessionHandle moment = await ExplainedAsync(() => _client.StartSessionAsync(new ClientSessionOptions { Snapshot = true }, cancellationToken));
        foreach (string name in first.Intersect(names).Concat(names.Except(first).Order(StringComparer.Ordinal)))
        {
            // The snapshot is the read concern.
            IMongoCollection<BsonDocument> collection = Collection(name).WithReadConcern(ReadConcern.Default);
            using IAsyncCursor<BsonDocument> documents = await ExplainedAsync(() => collection.FindAsync(moment, FilterDefinition<BsonDocument>.Empty, cancellationToken: cancellationToken));
            while (await ExplainedAsync(() => documents.MoveNextAsync(cancellationToken)))
                foreach (BsonDocument document in documents.Current)
                    yield return ToStored(name, document);
        }
    }

    /// <inheritdoc/>
    public Task DropAsync(string collection, CancellationToken cancellationToken) =>
        ExplainedAsync(async () =>
        {
            await _database.DropCollectionAsync(collection, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public async Task WriteAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken)
    {
        _declared.Check(writes);
        if (writes.Count == 0)
            return;
        // As long as an operation looks for a server, so that nobody waits for a turn to learn that there is none.
        if (!await _writers.WaitAsync(_client.Settings.ServerSelectionTimeout, cancellationToken))
            throw new StoreUnreachableException("The MongoDB server is too slow for what is written.");
        try
        {
            await ExplainedAsync(async () =>
            {
                if (writes.Count == 1 && writes.First() is { Kind: not WriteKind.Require } write)
                {
                    if (!await WriteOneAsync(write, cancellationToken))
                        throw new DocumentConflictException([write.Key]);
                }
                else if (!await WriteTogetherAsync(writes, cancellationToken))
                {
                    throw new DocumentConflictException(await ConflictsAsync(writes, cancellationToken));
                }
                return true;
            });
        }
        finally
        {
            _writers.Release();
        }
    }

    /// <summary>Does nothing: MongoDB overwrites the space of deleted documents in its own time, so what must be unreadable at once has to be sealed.</summary>
    public Task ScrubAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) =>
        ExplainedAsync(async () =>
        {
            await RequirePrimaryAsync(cancellationToken);
            return true;
        });

    /// <summary>Closes the connections.</summary>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _writers.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<IReadOnlyList<StoredDocument>> ReadAsync(
        IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, CancellationToken cancellationToken)
    {
        _declared.Check(keys);
        List<StoredDocument>[] found = await ExplainedAsync(() => Task.WhenAll(keys.Distinct().GroupBy(k => k.Collection).Select(async group =>
        {
            List<BsonDocument> documents = await FindAsync(group.Key, [.. group.Select(k => k.Id)], WithoutBodies([.. group.Where(held.ContainsKey)], held), cancellationToken);
            return documents.ConvertAll(d => ToStored(group.Key, d));
        })));
        return found is [List<StoredDocument> only] ? only : [.. found.SelectMany(d => d)];
    }

    /// <summary>All of a document, but the body only if it isn't of the version held.</summary>
    private static BsonDocument? WithoutBodies(IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held)
    {
        if (keys.Count == 0)
            return null;
        // An id may begin with a dollar sign.
        IEnumerable<BsonDocument> same = keys.Select(k => new BsonDocument("$and", new BsonArray
        {
            new BsonDocument("$eq", new BsonArray { "$_id", new BsonDocument("$literal", k.Id) }),
            new BsonDocument("$eq", new BsonArray { "$v", held[k] }),
        }));
        var body = new BsonDocument("$cond", new BsonArray { new BsonDocument("$or", new BsonArray(same)), "$$REMOVE", "$b" });
        return new BsonDocument { { "v", 1 }, { "s", 1 }, { "f", 1 }, { "b", body } };
    }

    private async Task RequirePrimaryAsync(CancellationToken cancellationToken)
    {
        BsonDocument hello = await _database.RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1), ReadPreference.Primary, cancellationToken);
        bool sharded = hello.GetValue("msg", "") == "isdbgrid";
        // A member that was started with --replSet and not yet initiated says so; it may be in a moment.
        bool member = hello.Contains("setName") || hello.Contains("isreplicaset");
        if (!sharded && !member)
            throw new StoreUnusableException("MongoDB runs standalone, without transactions: start mongod with --replSet and call rs.initiate().");
        if (!hello.GetValue("isWritablePrimary", false).ToBoolean())
            throw new StoreUnreachableException("The MongoDB server is not the primary of its replica set for now.");
    }

    private async Task CreateAsync(CollectionSchema schema, CancellationToken cancellationToken)
    {
        try
        {
            await _database.CreateCollectionAsync(schema.Name, cancellationToken: cancellationToken);
        }
        catch (MongoCommandException e) when (e.CodeName == "NamespaceExists")
        {
            // By an earlier start, or by an instance that starts at the same time.
        }
        if (schema.Fields.Count > 0)
            await Collection(schema.Name).Indexes.CreateManyAsync(
                schema.Fields.Select(f => new CreateIndexModel<BsonDocument>(new BsonDocument { { Path(f), 1 }, { "_id", 1 } })),
                cancellationToken);
    }

    /// <summary>A single document's change is atomic and conditional by itself.</summary>
    private async Task<bool> WriteOneAsync(DocumentWrite write, CancellationToken cancellationToken)
    {
        IMongoCollection<BsonDocument> collection = Collection(write.Key.Collection);
        try
        {
            switch (write)
            {
                case { Kind: WriteKind.Delete }:
                    return (await collection.DeleteOneAsync(Expected(write), cancellationToken)).DeletedCount == 1;
                case { ExpectedVersion: 0 }:
                    await collection.InsertOneAsync(ToBson(write), cancellationToken: cancellationToken);
                    return true;
                default:
                    return (await collection.ReplaceOneAsync(Expected(write), ToBson(write), cancellationToken: cancellationToken)).MatchedCount == 1;
            }
        }
        catch (MongoException e) when (IsDuplicate(e))
        {
            return false;
        }
    }

    /// <summary>One transaction, one bulk a collection; false, with nothing applied, if a document has another version.</summary>
    /// <remarks>
    /// Snapshot isolation lets two transactions pass that each change what the other has only read. So nothing is only read:
    /// every expectation is held by writing its document, and the later of two such writes fails.
    /// </remarks>
    private async Task<bool> WriteTogetherAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken)
    {
        using IClientSessionHandle session = await _client.StartSessionAsync(cancellationToken: cancellationToken);
        session.StartTransaction(Isolated);
        try
        {
            // In the same order in every transaction, so that two meet at their first common document and not after half of the work.
            IEnumerable<DocumentWrite> ordered = writes.OrderBy(w => w.Key.Collection, StringComparer.Ordinal).ThenBy(w => w.Key.Id, StringComparer.Ordinal);
            foreach (IGrouping<string, DocumentWrite> group in ordered.GroupBy(w => w.Key.Collection))
                if (!await WriteManyAsync(session, group.Key, [.. group], cancellationToken))
                    return false;
            await session.CommitTransactionAsync(cancellationToken);
            return true;
        }
        catch (MongoException e) when (IsDuplicate(e))
        {
            return false;
        }
        finally
        {
            if (session.IsInTransaction)
                await session.AbortTransactionAsync(CancellationToken.None);
        }
    }

    private async Task<bool> WriteManyAsync(IClientSessionHandle session, string collection, DocumentWrite[] writes, CancellationToken cancellationToken)
    {
        var inserts = new List<WriteModel<BsonDocument>>();
        var updates = new List<WriteModel<BsonDocument>>();
        var deletes = new List<WriteModel<BsonDocument>>();
        foreach (DocumentWrite write in writes)
        {
            switch (write)
            {
                case { Kind: WriteKind.Delete }:
                    deletes.Add(new DeleteOneModel<BsonDocument>(Expected(write)));
                    break;
                case { Kind: WriteKind.Put, ExpectedVersion: 0 }:
                    inserts.Add(new InsertOneModel<BsonDocument>(ToBson(write)));
                    break;
                case { Kind: WriteKind.Put }:
                    updates.Add(new ReplaceOneModel<BsonDocument>(Expected(write), ToBson(write)));
                    break;
                // That a document doesn't exist is held by making and removing it: its key then conflicts with another insert.
                case { ExpectedVersion: 0 }:
                    inserts.Add(new InsertOneModel<BsonDocument>(new BsonDocument { { "_id", write.Key.Id }, { "v", 0L } }));
                    deletes.Add(new DeleteOneModel<BsonDocument>(Expected(write)));
                    break;
                default:
                    updates.Add(new UpdateOneModel<BsonDocument>(Expected(write), new BsonDocument("$inc", new BsonDocument("required", 1L))));
                    break;
            }
        }
        // By kind, because the driver sends each run of one kind as one command.
        BulkWriteResult<BsonDocument> result = await Collection(collection).BulkWriteAsync(
            session, [.. updates, .. inserts, .. deletes], new BulkWriteOptions { IsOrdered = true }, cancellationToken);
        return result.MatchedCount == updates.Count && result.DeletedCount == deletes.Count;
    }

    /// <summary>Which documents have another version than expected, after the fact: it may be none any more.</summary>
    private async Task<IReadOnlyList<DocumentKey>> ConflictsAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken)
    {
        var versions = new Dictionary<DocumentKey, long>();
        foreach (IGrouping<string, string> ids in writes.GroupBy(w => w.Key.Collection, w => w.Key.Id))
            foreach (BsonDocument document in await FindAsync(ids.Key, [.. ids], VersionOnly, cancellationToken))
                versions.Add(new(ids.Key, document["_id"].AsString), document["v"].ToInt64());
        return [.. writes.Where(w => versions.GetValueOrDefault(w.Key) != w.ExpectedVersion).Select(w => w.Key)];
    }

    private Task<List<BsonDocument>> FindAsync(string collection, IReadOnlyCollection<string> ids, BsonDocument? projection, CancellationToken cancellationToken) =>
        Collection(collection)
            .Find(new BsonDocument("_id", new BsonDocument("$in", new BsonArray(ids))), new FindOptions { BatchSize = ids.Count })
            .Project<BsonDocument>(projection)
            .ToListAsync(cancellationToken);

    /// <summary>All but those of the server itself, of a view or of time series for example.</summary>
    private async Task<List<string>> NamesAsync(CancellationToken cancellationToken) =>
        [.. (await (await _database.ListCollectionNamesAsync(cancellationToken: cancellationToken)).ToListAsync(cancellationToken))
            .Where(name => !name.StartsWith("system.", StringComparison.Ordinal))];

    private IMongoCollection<BsonDocument> Collection(string name) => _database.GetCollection<BsonDocument>(name);

    private static string Path(string field) => $"f.{field}";

    private static BsonDocument Expected(DocumentWrite write) => new() { { "_id", write.Key.Id }, { "v", write.ExpectedVersion } };

    private static BsonDocument Filter(DocumentQuery query)
    {
        // Every value is a string, and none is less than the empty one: this selects the documents that have the field.
        var bounds = new BsonDocument("$gte", "");
        if (query.EqualTo is not null)
            bounds["$eq"] = query.EqualTo;
        if (query.AtMost is not null)
            bounds["$lte"] = query.AtMost;
        if (query.After is not null)
            bounds["$gt"] = query.After;
        return new BsonDocument(Path(query.Field), bounds);
    }

    private static BsonDocument ToBson(DocumentWrite write) => new()
    {
        { "_id", write.Key.Id },
        { "v", write.ExpectedVersion + 1 },
        { "s", write.IsSealed },
        { "b", write.IsSealed ? new BsonBinaryData(write.Body.ToArray()) : new BsonString(StrictUtf8.GetString(write.Body.Span)) },
        { "f", new BsonDocument(write.Fields.Select(f => new BsonElement(f.Key, f.Value))) },
    };

    private static StoredDocument ToStored(string collection, BsonDocument document) => new(
        new(collection, document["_id"].AsString),
        document["v"].ToInt64(),
        document.GetValue("b", null) switch
        {
            null => default(ReadOnlyMemory<byte>),
            BsonString clear => StrictUtf8.GetBytes(clear.Value),
            BsonValue sealedBody => sealedBody.AsByteArray,
        },
        document["s"].AsBoolean,
        document["f"].AsBsonDocument.ToDictionary(f => f.Name, f => f.Value.AsString, StringComparer.Ordinal));

    private static async Task<T> ExplainedAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (MongoAuthenticationException)
        {
            throw new StoreUnusableException("MongoDB refused the user or the password of the connection string.");
        }
        catch (MongoCommandException e) when (e.CodeName == "Unauthorized")
        {
            throw new StoreUnusableException("The MongoDB user may not do this in its database; it needs the role readWrite there.");
        }
        catch (Exception e) when (e is MongoConnectionException or MongoConnectionPoolPausedException or MongoNotPrimaryException or MongoNodeIsRecoveringException
            or MongoExecutionTimeoutException or MongoWaitQueueFullException or TimeoutException
            || e is MongoException unknown && unknown.HasErrorLabel("UnknownTransactionCommitResult"))
        {
            throw new StoreUnreachableException($"MongoDB doesn't answer for now ({e.GetType().Name}).");
        }
        catch (MongoException e) when (IsAborted(e))
        {
            throw new DocumentConflictException([]);
        }
        catch (MongoException e)
        {
            throw new InvalidOperationException($"MongoDB refused a command: {CodeOf(e)}.");
        }
    }

    private static bool IsDuplicate(MongoException e) => e switch
    {
        MongoWriteException write => write.WriteError?.Category == ServerErrorCategory.DuplicateKey,
        MongoBulkWriteException bulk => bulk.WriteErrors.Any(w => w.Category == ServerErrorCategory.DuplicateKey),
        MongoCommandException command => command.CodeName == "DuplicateKey",
        _ => e is MongoDuplicateKeyException,
    };

    /// <summary>Whether a concurrent writer won: the server aborts the transaction that comes second.</summary>
    private static bool IsAborted(MongoException e)
    {
        const int writeConflict = 112;
        return e.HasErrorLabel("TransientTransactionError") || e switch
        {
            MongoWriteException write => write.WriteError?.Code == writeConflict,
            MongoBulkWriteException bulk => bulk.WriteErrors.Any(w => w.Code == writeConflict),
            MongoCommandException command => command.Code == writeConflict,
            _ => false,
        };
    }

    private static string CodeOf(MongoException e) => e switch
    {
        MongoWriteException { WriteError: { } error } => $"error {error.Code}",
        MongoBulkWriteException { WriteErrors: [{ } error, ..] } => $"error {error.Code}",
        MongoCommandException command => $"error {command.Code} {command.CodeName}",
        _ => e.GetType().Name,
    };
}
