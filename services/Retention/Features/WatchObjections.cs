using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Counts the objections that wait, so that a deadline is not only in the queue, and forgets answered ones when their time of keeping is over.</summary>
public sealed partial class WatchObjections(ServiceModule module, IOptions<RetentionOptions> options, RetentionTelemetry telemetry, TimeProvider time, ILogger<WatchObjections> logger)
    : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, WatchAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more to forget.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var open = Objection.PrefixOf(isOpen: true);
        var session = module.OpenSession();
        telemetry.Objections(
            await session.CountAsync<Objection>("state", after: open, atMost: ListErasures.EndOf(open), cancellationToken: cancellationToken),
            await session.CountAsync<Objection>("state", after: open, atMost: open + Json.FormatTime(time.GetUtcNow()), cancellationToken: cancellationToken));
        return await ForgetAsync(cancellationToken);
    }

    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddYears(-options.Value.KeepCertificatesYears));
        var rows = await session.QueryRowsAsync<Objection>("resolved", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count == 0) return false;

        // The keys first: rows that a crash leaves behind are found again, keys without rows would not be.
        foreach (var key in rows.Select(row => row.Document?.DataKey).OfType<DataKeyId>()) await module.Keys.DestroyAsync(key, cancellationToken);
        foreach (var row in rows) session.Delete<Objection>(row.Id);
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Looking through the objections failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
