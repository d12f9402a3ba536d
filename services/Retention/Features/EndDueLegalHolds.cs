using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Ends holds whose time is over, and forgets ended ones when their time of keeping is.</summary>
public sealed partial class EndDueLegalHolds(
    ServiceModule module, ChangeLegalHolds holds, IOptions<RetentionOptions> options, TimeProvider time, ILogger<EndDueLegalHolds> logger) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, EndAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EndAsync(CancellationToken cancellationToken)
    {
        var due = await module.OpenSession().QueryAsync<LegalHold>("until", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        foreach (var holdId in due.Select(hold => hold.Id))
        {
            var session = module.OpenSession();
            if (await session.LoadAsync<LegalHold>(holdId, cancellationToken) is not { Stands: true } hold) continue;
            await holds.EndAsync(hold, session, cancellationToken);
            await session.CommitAsync(cancellationToken);
        }

        return await ForgetAsync(cancellationToken) || due.Count == Batch;
    }

    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddYears(-options.Value.KeepCertificatesYears));
        var rows = await session.QueryRowsAsync<LegalHold>("ended", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count == 0) return false;

        // The keys first: rows that a crash leaves behind are found again, keys without rows would not be.
        foreach (var key in rows.Select(row => row.Document?.DataKey).OfType<DataKeyId>()) await module.Keys.DestroyAsync(key, cancellationToken);
        foreach (var row in rows) session.Delete<LegalHold>(row.Id);
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Ending legal holds failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
