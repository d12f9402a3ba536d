using Microsoft.Extensions.Hosting;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Removes signals from the store whose time is over. Nothing has used them since: every reading looks at the time itself.</summary>
public sealed partial class SweepExpiredSignals(ServiceModule module, TimeProvider time, ILogger<SweepExpiredSignals> logger) : BackgroundService
{
    private const int Page = 20;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Removes what has expired.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var swept = 0;
        while (true)
        {
            int count;
            try
            {
                count = await SweepPageAsync(cancellationToken);
            }
            catch (DocumentConflictException)
            {
                // A signal came in meanwhile: look again.
                continue;
            }
            catch (DocumentUnreadableException exception)
            {
                // What of it has expired can't be told from the rest.
                var session = module.OpenSession();
                await session.PrefetchAsync([exception.Document], cancellationToken);
                session.Delete<SubjectHistory>(exception.Document.Id);
                await session.CommitAsync(cancellationToken);
                swept++;
                continue;
            }

            swept += count;
            if (count == Page) continue;
            if (swept > 0) await module.Store.ScrubAsync(cancellationToken);
            return;
        }
    }

    private async Task<int> SweepPageAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var session = module.OpenSession();
        var due = await session.QueryRowsAsync<SubjectHistory>("expires", atMost: Json.FormatTime(now), limit: Page, cancellationToken: cancellationToken);
        foreach (var row in due)
        {
            // A row whose key is gone has nothing to keep, and would stand before all others for ever.
            if (row.Document?.WithoutExpired(now) is { } kept) session.Store(kept);
            else session.Delete<SubjectHistory>(row.Id);
        }

        await session.CommitAsync(cancellationToken);
        return due.Count;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, SweepAsync, LogFailed, stoppingToken);

    [LoggerMessage(LogLevel.Information, "A sweep of expired signals was given up ({Error}); the next one takes it up")]
    private partial void LogFailed(string error);
}
