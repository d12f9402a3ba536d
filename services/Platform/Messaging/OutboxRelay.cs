using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Messaging;

/// <summary>
/// Publishes committed outbox entries in windows and deletes them once the broker confirmed them. Woken by each commit of its own process;
/// what a dead process left, or the broker didn't take, is found again by a sweep. A message may go out twice, never not at all.
/// </summary>
internal sealed partial class OutboxRelay : BackgroundService
{
    private const int Window = 256;
    private const int WindowsAtOnce = 4;
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    // Younger entries are still on their way from the process that committed them.
    private static readonly TimeSpan OrphanedAfter = TimeSpan.FromSeconds(5);
    private readonly ServiceModule module;
    private readonly IMessageTransport transport;
    private readonly TimeProvider time;
    private readonly ILogger<OutboxRelay> logger;
    private readonly Channel<PendingMessage> committed = Channel.CreateUnbounded<PendingMessage>(new() { SingleReader = true });
    private readonly ConcurrentDictionary<string, byte> inFlight = new();
    private readonly SemaphoreSlim windows = new(WindowsAtOnce);

    public OutboxRelay(ServiceModule module, IMessageTransport transport, TimeProvider time, ILogger<OutboxRelay> logger)
    {
        (this.module, this.transport, this.time, this.logger) = (module, transport, time, logger);
        module.Outbox.OnCommitted(Enqueue);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RelayAsync(stoppingToken), time.RepeatAsync(SweepEvery, SweepAsync, error => LogSweepFailed(module.Name, error), stoppingToken));

    private void Enqueue(IReadOnlyList<PendingMessage> entries)
    {
        foreach (var entry in entries)
        {
            if (inFlight.TryAdd(entry.Document.Id, 0)) committed.Writer.TryWrite(entry);
        }
    }

    private async Task RelayAsync(CancellationToken stoppingToken)
    {
        var window = new List<PendingMessage>(Window);
        while (await committed.Reader.WaitToReadAsync(stoppingToken))
        {
            await windows.WaitAsync(stoppingToken);
            while (window.Count < Window && committed.Reader.TryRead(out var entry)) window.Add(entry);
            _ = PublishWindowAsync([.. window], stoppingToken);
            window.Clear();
        }
    }

    private async Task PublishWindowAsync(PendingMessage[] window, CancellationToken stoppingToken)
    {
        try
        {
            var sent = await Task.WhenAll(window.Select(entry => TryPublishAsync(entry, stoppingToken)));
            await DeleteAsync(window.Where((_, i) => sent[i]), stoppingToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Published but not deleted: the sweep sends them again and the inbox takes them for what they are.
            LogDeleteFailed(module.Name, exception.GetType().Name);
        }
        catch (OperationCanceledException)
        {
            // Stopping: what wasn't confirmed stays in the outbox.
        }
        finally
        {
            foreach (var entry in window) inFlight.TryRemove(entry.Document.Id, out _);
            windows.Release();
        }
    }

    private async Task<bool> TryPublishAsync(PendingMessage entry, CancellationToken stoppingToken)
    {
        // An empty parent context would start a trace of its own; without a parent there is nothing to continue.
        using var activity = entry.Document.TraceParent is { } parent
            ? module.ActivitySource.StartActivity($"relay {entry.Message.GetType().Name}", ActivityKind.Internal, parent)
            : null;
        try
        {
            await transport.PublishAsync(Guid.ParseExact(entry.Document.Id, "N"), entry.Message, stoppingToken);
            return true;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error);
            LogPublishFailed(module.Name, entry.Message.GetType().Name, exception.GetType().Name);
            return false;
        }
    }

    private async Task DeleteAsync(IEnumerable<PendingMessage> sent, CancellationToken cancellationToken)
    {
        var collection = module.Documents.Of(typeof(OutboxEntry)).Collection;
        var deletes = sent.Select(entry => DocumentWrite.Delete(new DocumentKey(collection, entry.Document.Id), 1)).ToArray();
        if (deletes.Length == 0) return;
        try
        {
            await module.Store.WriteAsync(deletes, cancellationToken);
        }
        catch (DocumentConflictException)
        {
            // Another instance relayed some of them too and was faster: delete the rest one by one.
            foreach (var delete in deletes)
            {
                try
                {
                    await module.Store.WriteAsync([delete], cancellationToken);
                }
                catch (DocumentConflictException)
                {
                    // Gone already.
                }
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow() - OrphanedAfter);
        var orphans = await session.QueryAsync<OutboxEntry>("created", atMost: before, limit: Window, cancellationToken: cancellationToken);
        module.Telemetry.OutboxAge(orphans.Count == 0 ? TimeSpan.Zero : time.GetUtcNow() - orphans[0].CreatedAt);
        foreach (var entry in orphans)
        {
            if (module.Messages.Find(entry.MessageType) is { } type)
                Enqueue([new PendingMessage(entry, JsonSerializer.Deserialize(entry.Body, type.ClrType, Json.Options)!)]);
            else LogUnknownType(module.Name, entry.MessageType);
        }

        await DropErasedAsync(orphans, before, cancellationToken);
    }

    /// <summary>Entries whose key was destroyed can't be read or sent: the subject was erased while they waited.</summary>
    private async Task DropErasedAsync(IReadOnlyList<OutboxEntry> readable, string before, CancellationToken cancellationToken)
    {
        var collection = module.Documents.Of(typeof(OutboxEntry)).Collection;
        var stored = await module.Store.QueryAsync(new DocumentQuery(collection, "created", AtMost: before, Limit: Window), cancellationToken);
        var known = readable.Select(entry => entry.Id).ToHashSet();
        foreach (var entry in stored.Where(entry => entry.IsSealed && !known.Contains(entry.Key.Id)))
        {
            if (await module.Keys.FindAsync(Privacy.Envelope.KeyOf(entry.Body), cancellationToken) is not null) continue;
            await module.Store.WriteAsync([DocumentWrite.Delete(entry.Key, entry.Version)], cancellationToken);
            LogErased(module.Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Module}: {MessageType} was not taken by the broker ({Error}); it stays in the outbox")]
    private partial void LogPublishFailed(string module, string messageType, string error);

    [LoggerMessage(LogLevel.Warning, "{Module}: confirmed messages could not be deleted from the outbox ({Error})")]
    private partial void LogDeleteFailed(string module, string error);

    [LoggerMessage(LogLevel.Error, "{Module}: the outbox holds {MessageType}, which this version does not publish")]
    private partial void LogUnknownType(string module, string messageType);

    [LoggerMessage(LogLevel.Warning, "{Module}: sweeping the outbox failed ({Error})")]
    private partial void LogSweepFailed(string module, string error);

    [LoggerMessage(LogLevel.Information, "{Module}: dropped a waiting message of an erased subject")]
    private partial void LogErased(string module);
}
