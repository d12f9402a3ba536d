using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Counts served notices once each: the mark that one is counted and the day's count are one write. Apart from the numbering of decisions, which must not wait for it.</summary>
public sealed partial class CountServedNotices(ServiceModule module, TimeProvider time, ILogger<CountServedNotices> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, CountAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> CountAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var served = await session.QueryAsync<ServedNotice>("uncounted", limit: Batch, cancellationToken: cancellationToken);
        foreach (var day in served.GroupBy(one => (one.Purpose, Day: CountDecisions.DayOf(one.ServedAt))))
        {
            var tally = await session.LoadAsync<ServedTally>(DecisionTally.IdOf(day.Key.Purpose, day.Key.Day), cancellationToken)
                ?? new ServedTally { Purpose = day.Key.Purpose, Day = day.Key.Day };
            session.Store(tally with { Served = tally.Served + day.Count() });
            foreach (var one in day) session.Store(one with { IsCounted = true });
        }

        await session.CommitAsync(cancellationToken);
        return served.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Counting served notices failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
