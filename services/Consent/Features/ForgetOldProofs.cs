using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Deletes proofs whose time of keeping is over, then the key they were kept under. Their links stay: the chain goes on verifying.</summary>
public sealed partial class ForgetOldProofs(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetOldProofs> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ForgetAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddYears(-options.Value.KeepProofsYears));
        var rows = await session.QueryRowsAsync<LedgerEntry>("frozen", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count == 0) return false;
        foreach (var row in rows) session.Delete<LedgerEntry>(row.Id);
        await session.CommitAsync(cancellationToken);
        foreach (var key in rows.Select(row => row.Document?.DataKey).OfType<DataKeyId>().Distinct())
        {
            // The youngest proof of an epoch decides how long its key lives.
            var left = await module.OpenSession().QueryAsync<LedgerEntry>(
                "place", after: SubjectIndex.Before(key.SubjectRef), atMost: LedgerLink.IdOf(key.SubjectRef, long.MaxValue), limit: int.MaxValue, cancellationToken: cancellationToken);
            if (!left.Any(entry => entry.DataKey == key)) await module.Keys.DestroyAsync(key, cancellationToken);
        }

        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting old proofs failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
