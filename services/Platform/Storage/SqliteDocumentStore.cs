using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Personalization.Platform.Storage;

/// <summary>
/// Documents in one SQLite file: the embedded default, nothing to install. One thread writes: it takes every unit of work that
/// waits, applies each under a savepoint of its own and commits them together, so the disk is waited for once a group.
/// </summary>
/// <remarks>Reads run on the caller's thread, beside the writer; they are of the last committed state.</remarks>
public sealed class SqliteDocumentStore : IDocumentStore
{
    // Bounds how long the first unit of a group waits for the last.
    private const int MostWritesInACommit = 4096;

    private const int MostIdleReaders = 8;

    // To group some keys and make a list of their ids takes as long as a statement for each.
    private const int MostReadAlone = 4;

    private readonly string _path;
    private readonly DeclaredCollections _declared = new();
    private readonly ConcurrentDictionary<string, SqliteTable> _tables = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Together> _together = new(StringComparer.Ordinal);
    private readonly ConcurrentStack<SqliteSession> _idleReaders = [];
    private readonly BlockingCollection<Job> _jobs = [];
    private readonly Task _writing;

    /// <summary>Opens nothing yet; the file and its folder are made by <see cref="InitializeAsync"/>.</summary>
    /// <param name="path">The file's path. Two more files lie beside it: <c>-wal</c> and <c>-shm</c>.</param>
    public SqliteDocumentStore(string path)
    {
        _path = Path.GetFullPath(path);
        // A thread of its own, because it waits for the disk.
        _writing = Task.Factory.StartNew(WriteUntilDisposed, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public async Task InitializeAsync(IReadOnlyCollection<CollectionSchema> collections, CancellationToken cancellationToken)
    {
        DeclaredCollections.CheckNames(collections);
        await AloneAsync(
            writer =>
            {
                writer.Execute("BEGIN IMMEDIATE");
                foreach (CollectionSchema collection in collections)
                    _tables[collection.Name] = SqliteTable.Create(writer, collection);
                writer.Execute("COMMIT");
            },
            cancellationToken);
        _together.Clear();
        _declared.Add(collections);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDocument>> ReadAsync(IReadOnlyCollection<DocumentKey> keys, CancellationToken cancellationToken)
    {
        _declared.Check(keys);
        return ReadingAsync<IReadOnlyList<StoredDocument>>(reader => Read(reader, keys), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<StoredDocument> Found)> ReadAsync(
        IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken)
    {
        _declared.Check(keys);
        _declared.Check(query);
        return ReadingAsync<(IReadOnlyList<StoredDocument>, IReadOnlyList<StoredDocument>)>(
            reader =>
            {
                if (keys.Count <= MostReadAlone)
                    return ReadTogether(reader, [.. keys.Distinct()], held, query);

                // In one transaction: one moment, and the log's locks are taken once.
                reader.Execute("BEGIN");
                try
                {
                    return (Read(reader, keys, held), _tables[query.Collection].Query(reader, query));
                }
                finally
                {
                    reader.Execute("COMMIT");
                }
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        _declared.Check(query);
        return ReadingAsync<IReadOnlyList<StoredDocument>>(reader => _tables[query.Collection].Query(reader, query), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> CountAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        _declared.Check(query);
        return ReadingAsync(reader => _tables[query.Collection].Count(reader, query), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken) =>
        ReadingAsync<IReadOnlyDictionary<string, long>>(SqliteTable.CountAll, cancellationToken);

    /// <inheritdoc/>
#pragma warning disable CS1998 // It reads on the caller's thread, as every read here does.
    public async IAsyncEnumerable<StoredDocument> ReadAllAsync(IReadOnlyList<string> first, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One transaction sees one moment, and keeps the log from being emptied as long as it reads.
        using SqliteSession reader = SqliteSession.OpenReader(_path);
        reader.Execute("BEGIN");
        IReadOnlyList<string> names = SqliteTable.NamesIn(reader);
        foreach (string name in first.Intersect(names).Concat(names.Except(first).Order(StringComparer.Ordinal)))
        {
            foreach (StoredDocument document in SqliteTable.Existing(reader, name).ReadAll(reader))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return document;
            }
        }
    }
#pragma warning restore CS1998

    /// <inheritdoc/>
    public async Task DropAsync(string collection, CancellationToken cancellationToken)
    {
        await AloneAsync(writer => SqliteTable.Drop(writer, collection), cancellationToken);
        await ScrubAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task WriteAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken)
    {
        _declared.Check(writes);
        return writes.Count == 0 ? Task.CompletedTask : EnqueueAsync(new Job(writes, null, cancellationToken));
    }

    /// <inheritdoc/>
    public Task ScrubAsync(CancellationToken cancellationToken) =>
        AloneAsync(
            writer =>
            {
                // The log is emptied only once no reader needs it any more; each attempt waits for readers as long as busy_timeout.
                for (int attempt = 0; attempt < 6; attempt++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (writer.Scalar("PRAGMA wal_checkpoint(TRUNCATE)") is 0L)
                        return;
                }
                throw new TimeoutException("Readers kept the write-ahead log from being emptied; deleted documents are still in it.");
            },
            cancellationToken);

    /// <inheritdoc/>
    // Writes a page of the file, because a full disk still answers reads.
    public Task PingAsync(CancellationToken cancellationToken) =>
        AloneAsync(static writer => writer.Execute("PRAGMA user_version=1"), cancellationToken);

    /// <summary>Finishes the writes that wait, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _jobs.CompleteAdding();
        await _writing;
        CloseIdleReaders();
    }

    private List<StoredDocument> Read(SqliteSession reader, IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long>? held = null)
    {
        var found = new List<StoredDocument>(keys.Count);
        if (keys.Count <= MostReadAlone)
        {
            foreach (DocumentKey key in keys.Distinct())
                _tables[key.Collection].Read(reader, key.Id, held?.GetValueOrDefault(key) ?? 0, found);
            return found;
        }
        foreach (IGrouping<string, DocumentKey> group in keys.Distinct().GroupBy(k => k.Collection))
        {
            SqliteTable table = _tables[group.Key];
            if (held is not null && group.Any(held.ContainsKey))
                foreach (DocumentKey key in group)
                    table.Read(reader, key.Id, held.GetValueOrDefault(key), found);
            else
                table.Read(reader, [.. group.Select(k => k.Id)], found);
        }
        return found;
    }

    /// <summary>In one statement, which is one moment too: a statement for each takes longer.</summary>
    private (List<StoredDocument> Documents, List<StoredDocument> Found) ReadTogether(
        SqliteSession reader, DocumentKey[] keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query)
    {
        var values = new List<object>(8);
        var form = new StringBuilder();
        foreach (DocumentKey key in keys)
        {
            values.Add(key.Id);
            bool isHeld = held.TryGetValue(key, out long version);
            if (isHeld)
                values.Add(version);
            form.Append(key.Collection).Append(isHeld ? " held, " : ", ");
        }
        form.Append(query.Collection).Append(SqliteTable.FormOf(query));
        values.AddRange(SqliteTable.Bounds(query));
        values.Add(query.Limit);
        Together together = _together.GetOrAdd(form.ToString(), _ => TogetherOf(keys, held, query));

        var (documents, found) = (new List<StoredDocument>(keys.Length), new List<StoredDocument>());
        using SqliteDataReader rows = reader.Read(together.Text, CollectionsMarshal.AsSpan(values));
        while (rows.Read())
        {
            int part = rows.GetInt32(0);
            (part < keys.Length ? documents : found).Add(together.Tables[part].Row(rows, 1));
        }
        return (documents, found);
    }

    private Together TogetherOf(DocumentKey[] keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query)
    {
        SqliteTable[] tables = [.. keys.Select(k => _tables[k.Collection]), _tables[query.Collection]];
        int width = tables.Max(t => t.Width);
        int parameter = 0;
        List<string> parts = [.. keys.Select((key, i) => tables[i].OneText(ref parameter, held.ContainsKey(key), $"{i}, ", width))];
        parts.Add($"SELECT * FROM ({tables[^1].QueryText(query, parameter, $"{keys.Length}, ", width)})");
        return new Together(string.Join(" UNION ALL ", parts), tables);
    }

    private void CloseIdleReaders()
    {
        while (_idleReaders.TryPop(out SqliteSession? reader))
            reader.Dispose();
    }

    private Task AloneAsync(Action<SqliteSession> alone, CancellationToken cancellationToken) =>
        EnqueueAsync(new Job([], alone, cancellationToken));

    private async Task EnqueueAsync(Job job)
    {
        job.CancellationToken.ThrowIfCancellationRequested();
        try
        {
            _jobs.Add(job, CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteDocumentStore));
        }
        await job.Done.Task;
    }

    private Task<T> ReadingAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_jobs.IsAddingCompleted, this);
        SqliteSession reader = _idleReaders.TryPop(out SqliteSession? idle) ? idle : SqliteSession.OpenReader(_path);
        bool keep = false;
        try
        {
            T result = read(reader);
            keep = _idleReaders.Count < MostIdleReaders;
            return Task.FromResult(result);
        }
        finally
        {
            if (keep)
                _idleReaders.Push(reader);
            else
                reader.Dispose();
            if (_jobs.IsAddingCompleted)
                CloseIdleReaders();
        }
    }

    private void WriteUntilDisposed()
    {
        SqliteSession? writer = null;
        var group = new List<Job>();
        Job? next = null;
        while (next is not null || _jobs.TryTake(out next, Timeout.Infinite))
        {
            group.Clear();
            group.Add(next);
            int writes = next.Writes.Count;
            bool alone = next.Alone is not null;
            next = null;
            while (!alone && writes < MostWritesInACommit && _jobs.TryTake(out next) && next.Alone is null)
            {
                group.Add(next);
                writes += next.Writes.Count;
                next = null;
            }

            group.RemoveAll(job => job.CancellationToken.IsCancellationRequested && job.Done.TrySetCanceled(job.CancellationToken));
            try
            {
                writer ??= SqliteSession.OpenWriter(_path);
                if (alone)
                    group.ForEach(job => job.Alone!(writer));
                else
                    Commit(writer, group);
                group.ForEach(job => job.Complete());
            }
            catch (Exception e)
            {
                // Closing rolls back whatever the failure left open, and leaves no statement in a half-run state.
                writer?.Dispose();
                writer = null;
                group.ForEach(job => job.Done.TrySetException(e));
            }
        }
        writer?.Dispose();
    }

    private void Commit(SqliteSession writer, List<Job> group)
    {
        if (group.Count == 0)
            return;
        writer.Execute("BEGIN IMMEDIATE");
        foreach (Job job in group)
        {
            // A single write that conflicts has changed nothing.
            bool several = job.Writes.Count > 1;
            if (several)
                writer.Execute("SAVEPOINT unit");
            foreach (DocumentWrite write in job.Writes)
                if (!_tables[write.Key.Collection].Apply(writer, write))
                    (job.Conflicts ??= []).Add(write.Key);
            if (several)
                writer.Execute(job.Conflicts is null ? "RELEASE unit" : "ROLLBACK TO unit; RELEASE unit");
        }
        writer.Execute("COMMIT");
    }

    /// <summary>A statement of several parts, and by a row's first column the table it is of.</summary>
    private sealed record Together(string Text, SqliteTable[] Tables);

    /// <summary>A unit of work to commit with others, or something the writer does alone.</summary>
    private sealed class Job(IReadOnlyCollection<DocumentWrite> writes, Action<SqliteSession>? alone, CancellationToken cancellationToken)
    {
        public IReadOnlyCollection<DocumentWrite> Writes { get; } = writes;

        public Action<SqliteSession>? Alone { get; } = alone;

        public CancellationToken CancellationToken { get; } = cancellationToken;

        public List<DocumentKey>? Conflicts { get; set; }

        // Asynchronously, or the callers' code would run on the writer's thread.
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Complete()
        {
            if (Conflicts is null)
                Done.TrySetResult();
            else
                Done.TrySetException(new DocumentConflictException(Conflicts));
        }
    }
}
