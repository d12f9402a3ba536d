using System.Collections.Concurrent;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Tests;

/// <summary>A call on a store and the collections it touched.</summary>
public sealed record StoreCall(string Method, IReadOnlySet<string> Collections);

/// <summary>The calls on a store, and a door that holds its reads back.</summary>
public sealed class StoreCalls
{
    private readonly ConcurrentQueue<StoreCall> calls = new();
    private volatile Task door = Task.CompletedTask;

    /// <summary>Calls that touched one of these collections.</summary>
    public IReadOnlyList<StoreCall> On(params string[] collections) => [.. calls.Where(call => call.Collections.Overlaps(collections))];

    public void Forget() => calls.Clear();

    /// <summary>Lets no read of events begin until it is opened again, at the latest with the end of the test.</summary>
    public Door CloseDoor()
    {
        var closed = new Door();
        door = closed.Opened;
        return closed;
    }

    internal Task PassAsync() => door;

    internal void Add(string method, IEnumerable<string> collections) => calls.Enqueue(new StoreCall(method, collections.ToHashSet()));
}

/// <summary>What reads wait at.</summary>
public sealed class Door : IDisposable
{
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal Task Opened => opened.Task;

    public void Open() => opened.TrySetResult();

    public void Dispose() => Open();
}

/// <summary>A store that says what was asked of it.</summary>
internal sealed class RecordingStore(IDocumentStore inner, StoreCalls calls) : IDocumentStore
{
    public Task InitializeAsync(IReadOnlyCollection<CollectionSchema> collections, CancellationToken cancellationToken) => inner.InitializeAsync(collections, cancellationToken);

    public async Task<IReadOnlyList<StoredDocument>> ReadAsync(IReadOnlyCollection<DocumentKey> keys, CancellationToken cancellationToken)
    {
        calls.Add("read", keys.Select(key => key.Collection));
        if (keys.Any(key => key.Collection == "profile_data")) await calls.PassAsync();
        return await inner.ReadAsync(keys, cancellationToken);
    }

    public Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        calls.Add("query", [query.Collection]);
        return inner.QueryAsync(query, cancellationToken);
    }

    public Task<long> CountAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        calls.Add("count", [query.Collection]);
        return inner.CountAsync(query, cancellationToken);
    }

    public Task WriteAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken)
    {
        calls.Add("write", writes.Select(write => write.Key.Collection));
        return inner.WriteAsync(writes, cancellationToken);
    }

    public Task ScrubAsync(CancellationToken cancellationToken) => inner.ScrubAsync(cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
