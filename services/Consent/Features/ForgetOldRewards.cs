using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Deletes the rewards of somebody who was erased some years ago, then the key they were kept under.</summary>
public sealed partial class ForgetOldRewards(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetOldRewards> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ForgetAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddYears(-options.Value.KeepRewardsYears));
        var rows = await session.QueryRowsAsync<RewardGrant>("left", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count == 0) return false;
        foreach (var row in rows) session.Delete<RewardGrant>(row.Id);
        await session.CommitAsync(cancellationToken);
        foreach (var key in rows.Select(row => row.Document?.DataKey).OfType<DataKeyId>().Distinct())
        {
            // Several rewards of one epoch share a key.
            if (!(await KeepRewardsInErasure.RewardsAsync(module.OpenSession(), key.SubjectRef, cancellationToken)).Any(grant => grant.DataKey == key)) await module.Keys.DestroyAsync(key, cancellationToken);
        }

        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting old rewards failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
