using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Keeps the rewards of somebody who is erased, and deletes them with their key some years after.</summary>
public sealed partial class ForgetOldRewards(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetOldRewards> logger) : BackgroundService
{
    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>What an erasure leaves, and until when.</summary>
    internal static async Task<RetainedData?> KeepAsync(EraseSubject command, DocumentSession session, int years, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = (await RewardsAsync(session, command.SubjectRef, cancellationToken)).Where(grant => grant.Epoch <= command.Epoch).ToArray();
        if (kept.Length == 0) return null;
        if (command.WholeEpoch)
        {
            foreach (var grant in kept.Where(grant => grant.LeftAt is null)) session.Store(grant with { LeftAt = now });
        }

        return new RetainedData
        {
            Store = "reward_grants",
            Category = "reward",
            Count = kept.Length,
            Reason = "a reward stays the person's: withdrawing is without detriment (GDPR recital 42); given once",
            Until = command.WholeEpoch ? now.AddYears(years) : null,
        };
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                while (await ForgetAsync(stoppingToken))
                {
                }
            }
            catch (DocumentConflictException)
            {
                // The person came back just now.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

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
            if (!(await RewardsAsync(module.OpenSession(), key.SubjectRef, cancellationToken)).Any(grant => grant.DataKey == key)) await module.Keys.DestroyAsync(key, cancellationToken);
        }

        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch;
    }

    private static Task<IReadOnlyList<RewardGrant>> RewardsAsync(DocumentSession session, string subjectRef, CancellationToken cancellationToken) =>
        session.QueryAsync<RewardGrant>("place", after: SubjectIndex.Before(subjectRef), atMost: RewardGrant.Last(subjectRef), cancellationToken: cancellationToken);

    [LoggerMessage(LogLevel.Warning, "Forgetting old rewards failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
