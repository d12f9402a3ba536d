using System.Diagnostics;
using Personalization.Platform.Telemetry;

namespace Personalization.Platform.Storage;

/// <summary>A module's store with the time of each call measured; whole copies and what is done once at a start are not.</summary>
internal sealed class MeasuredStore(IDocumentStore inner, ModuleTelemetry telemetry) : IDocumentStore
{
    public Task InitializeAsync(IReadOnlyCollection<CollectionSchema> collections, CancellationToken cancellationToken) => inner.InitializeAsync(collections, cancellationToken);

    public Task<IReadOnlyList<StoredDocument>> ReadAsync(IReadOnlyCollection<DocumentKey> keys, CancellationToken cancellationToken) =>
        MeasureAsync("read", inner.ReadAsync, keys, cancellationToken);

    public Task<(IReadOnlyList<StoredDocument> Documents, IReadOnlyList<StoredDocument> Found)> ReadAsync(
        IReadOnlyCollection<DocumentKey> keys, IReadOnlyDictionary<DocumentKey, long> held, DocumentQuery query, CancellationToken cancellationToken) =>
        MeasureAsync("read", (asked, token) => inner.ReadAsync(asked, held, query, token), keys, cancellationToken);

    public Task<IReadOnlyList<StoredDocument>> QueryAsync(DocumentQuery query, CancellationToken cancellationToken) => MeasureAsync("query", inner.QueryAsync, query, cancellationToken);

    public Task<long> CountAsync(DocumentQuery query, CancellationToken cancellationToken) => MeasureAsync("count", inner.CountAsync, query, cancellationToken);

    public Task<IReadOnlyDictionary<string, long>> CountCollectionsAsync(CancellationToken cancellationToken) => inner.CountCollectionsAsync(cancellationToken);

    public IAsyncEnumerable<StoredDocument> ReadAllAsync(IReadOnlyList<string> first, CancellationToken cancellationToken) => inner.ReadAllAsync(first, cancellationToken);

    public Task DropAsync(string collection, CancellationToken cancellationToken) => inner.DropAsync(collection, cancellationToken);

    public Task WriteAsync(IReadOnlyCollection<DocumentWrite> writes, CancellationToken cancellationToken) => MeasureAsync(
        "write",
        async (changes, token) =>
        {
            await inner.WriteAsync(changes, token);
            return true;
        },
        writes,
        cancellationToken);

    public Task ScrubAsync(CancellationToken cancellationToken) => inner.ScrubAsync(cancellationToken);

    public Task PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task<TResult> MeasureAsync<TArgument, TResult>(
        string operation, Func<TArgument, CancellationToken, Task<TResult>> call, TArgument argument, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        try
        {
            return await call(argument, cancellationToken);
        }
        finally
        {
            telemetry.Called(operation, Stopwatch.GetElapsedTime(startedAt));
        }
    }
}
