using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Storage;

namespace Personalization.StandIns;

/// <summary>A call on a store and the collections it touched.</summary>
public sealed record StoreCall(string Method, IReadOnlySet<string> Collections);

/// <summary>The calls on a store, and a door that holds its reads back.</summary>
public sealed class StoreCalls
{
    private readonly ConcurrentQueue<StoreCall> calls = new();
    private volatile Shut? shut;
    private volatile Held? held;
    private (string[] Collections, Door Door)? heldRead;

    /// <summary>Calls that touched one of these collections.</summary>
    public IReadOnlyList<StoreCall> On(params string[] collections) => [.. calls.Where(call => call.Collections.Overlaps(collections))];

    public void Forget() => calls.Clear();

    /// <summary>Puts itself between a service and its store.</summary>
    public void Record(IServiceCollection services, string service)
    {
        var original = services.Single(registered => registered.ServiceType == typeof(IDocumentStore) && registered.ServiceKey is string key && key == service);
        services.Remove(original);
        services.AddKeyedSingleton(service, (provider, key) => (IDocumentStore)new RecordingStore((IDocumentStore)original.KeyedImplementationFactory!(provider, key), this));
    }

    /// <summary>Lets no read of the collection begin until it is opened again, at the latest with the end of the test.</summary>
    public Door CloseDoor(string collection)
    {
        var closed = new Door();
        shut = new Shut(collection, closed);
        return closed;
    }

    /// <summary>Holds one query back: the first by that field after so many others by it.</summary>
    public Door HoldQuery(string collection, string field, int after = 0)
    {
        var closed = new Door();
        held = new Held(collection, field, closed) { Left = after };
        return closed;
    }

    /// <summary>Holds one read back: the first that touches all of these collections.</summary>
    public Door HoldRead(params string[] collections)
    {
        var closed = new Door();
        heldRead = (collections, closed);
        return closed;
    }

    internal async Task PassAsync(IReadOnlyCollection<DocumentKey> keys)
    {
        if (shut is { } door && keys.Any(key => key.Collection == door.Collection)) await door.Door.Opened;
        if (heldRead is not { } hold || hold.Collections.Except(keys.Select(key => key.Collection)).Any()) return;
        heldRead = null;
        hold.Door.Reach();
        await hold.Door.Opened;
    }

    internal Task PassAsync(DocumentQuery query)
    {
        if (held is not { } hold || hold.Collection != query.Collection || hold.Field != query.Field || hold.Left-- > 0) return Task.CompletedTask;
        held = null;
        hold.Door.Reach();
        return hold.Door.Opened;
    }

    internal void Add(string method, IEnumerable<string> collections) => calls.Enqueue(new StoreCall(method, collections.ToHashSet()));

    private sealed record Shut(string Collection, Door Door);

    private sealed record Held(string Collection, string Field, Door Door)
    {
        public int Left { get; set; }
    }
}

/// <summary>What reads wait at.</summary>
public sealed class Door : IDisposable
{
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Somebody waits at it.</summary>
    public Task Reached => reached.Task.WaitAsync(ServiceApp.Soon);

    internal Task Opened => opened.Task;

    internal void Reach() => reached.TrySetResult();

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
        await calls.PassAsync(keys);
        return await inner.ReadAsync(keys, cancellationToken);
    }

    public async Task<(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<StoredDocument> Found)> ReadAsync(
        IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken)
    {
        calls.Add("read", keys.Select(key => key.Collection).Append(query.Collection));
        await calls.PassAsync(keys);
        await calls.PassAsync(query);
        return await inner.ReadAsync(keys, held, query, cancellationToken);
    }

    public Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken) => inner.CountCollectionsAsync(cancellationToken);

    public async Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken)
    {
        calls.Add("query", [query.Collection]);
        await calls.PassAsync(query);
        return await inner.QueryAsync(query, cancellationToken);
    }

    public IAsyncEnumerable<StoredDocument> ReadAllAsync(IReadOnlyList<string> first, CancellationToken cancellationToken) => inner.ReadAllAsync(first, cancellationToken);

    public Task DropAsync(string collection, CancellationToken cancellationToken) => inner.DropAsync(collection, cancellationToken);

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
