using System.Threading.Channels;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Lets callers that wait at the same time share one read and one write: whatever waits when the previous batch is done is the next one.
/// Nothing waits for a batch to fill, so an idle caller pays no delay.
/// </summary>
/// <typeparam name="TItem">What is batched.</typeparam>
/// <typeparam name="TResult">What each caller gets.</typeparam>
public sealed class Batcher<TItem, TResult> : IAsyncDisposable
{
    private readonly Channel<(TItem Item, TaskCompletionSource<TResult> Done)> waiting;
    private readonly Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> handle;
    private readonly int limit;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task loop;

    /// <param name="handle">Handles a batch, results in order. An exception faults the callers of this batch only.</param>
    /// <param name="limit">Items a batch has at most; four times as many wait before callers are held back.</param>
    public Batcher(Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> handle, int limit = 500)
    {
        (this.handle, this.limit) = (handle, limit);
        waiting = Channel.CreateBounded<(TItem, TaskCompletionSource<TResult>)>(new BoundedChannelOptions(limit * 4) { SingleReader = true });

        // Or every batch would be part of the trace in which the batcher happened to be made.
        using (ExecutionContext.SuppressFlow()) loop = Task.Run(RunAsync);
    }

    /// <summary>Returns when the batch that holds the item was handled.</summary>
    public async Task<TResult> HandleAsync(TItem item, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        await waiting.Writer.WriteAsync((item, done), cancellationToken);
        return await done.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await stopping.CancelAsync();
        await loop;
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<(TItem Item, TaskCompletionSource<TResult> Done)>(limit);
        while (await waiting.Reader.WaitToReadAsync())
        {
            while (batch.Count < limit && waiting.Reader.TryRead(out var entry)) batch.Add(entry);
            try
            {
                stopping.Token.ThrowIfCancellationRequested();
                var results = await handle([.. batch.Select(entry => entry.Item)], stopping.Token);
                for (var i = 0; i < batch.Count; i++) batch[i].Done.TrySetResult(results[i]);
            }
            catch (Exception exception)
            {
                foreach (var (_, done) in batch) done.TrySetException(exception);
            }

            batch.Clear();
        }
    }
}
