using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>
/// Goes through the records after a notice changed materially: whoever agreed to an older version is to be asked again, by
/// <see cref="ConsentRenewalNeeded"/>, and where the purpose says so the grant lapses. Each page is one write with the place it came to.
/// </summary>
public sealed partial class MarkRenewals(ServiceModule module, TimeProvider time, ILogger<MarkRenewals> logger) : BackgroundService
{
    private const int Page = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // A request that had read the older notice may commit behind a pass; none takes as long as this.
    private static readonly TimeSpan Overtaken = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, MarkDueAsync, LogFailed, stoppingToken);

    private async Task MarkDueAsync(CancellationToken cancellationToken)
    {
        foreach (var change in await module.OpenSession().QueryAsync<NoticeChange>("due", atMost: Json.FormatTime(time.GetUtcNow()), cancellationToken: cancellationToken))
        {
            while (await MarkAsync(change.Id, cancellationToken))
            {
            }
        }
    }

    /// <returns>Whether this pass goes on.</returns>
    private async Task<bool> MarkAsync(string purpose, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var session = module.OpenSession();
        if (await session.LoadAsync<NoticeChange>(purpose, cancellationToken) is not { } change || change.PassStartedAt > now) return false;
        var records = await session.QueryAsync<ConsentRecord>("granting", after: change.Through ?? "", limit: Page, cancellationToken: cancellationToken);
        foreach (var record in records)
        {
            if (record.NeedRenewal(purpose, change.NoticeVersion, change.RenewBy) is not { } next) continue;
            session.Store(next);
            session.Publish(new ConsentRenewalNeeded
            {
                SubjectRef = record.Id,
                Version = record.Version,
                Purpose = purpose,
                DecidedNoticeVersion = record.NoticeVersions.GetValueOrDefault(purpose),
                NoticeVersion = change.NoticeVersion,
                RenewBy = change.RenewBy,
            });
        }

        if (records.Count == Page) session.Store(change with { Through = records[^1].Id });
        else if (change.PassStartedAt >= change.PublishedAt + Overtaken) session.Delete<NoticeChange>(purpose);
        else session.Store(change with { Through = null, PassStartedAt = change.PublishedAt + Overtaken });
        await session.CommitAsync(cancellationToken);
        return records.Count == Page;
    }

    [LoggerMessage(LogLevel.Warning, "Marking consents for renewal failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
