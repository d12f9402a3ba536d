using System.Globalization;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Adds what units of work counted to the days' counts, and deletes days that are over for long.</summary>
public sealed partial class CompactEventCounts(ServiceModule module, TimeProvider time, ILogger<CompactEventCounts> logger) : BackgroundService
{
    /// <summary>Days that counts are kept.</summary>
    public const int KeepDays = 31;

    private const int Batch = 200;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, CompactAllAsync, LogFailed, stoppingToken);

    private async Task CompactAllAsync(CancellationToken cancellationToken)
    {
        while (await CompactAsync(cancellationToken) == Batch)
        {
        }

        await PurgeAsync(cancellationToken);
    }

    private async Task<int> CompactAsync(CancellationToken cancellationToken)
    {
        // Added and deleted in one write: whoever loses a race has added nothing.
        var session = module.OpenSession();
        var units = await session.QueryAsync<EventCounts>("created", limit: Batch, cancellationToken: cancellationToken);
        var days = units.SelectMany(unit => unit.Days).GroupBy(day => day.Id).ToArray();
        var known = await session.LoadManyAsync<DailyEventCounts>([.. days.Select(day => day.Key)], cancellationToken);
        foreach (var day in days)
            session.Store((known.GetValueOrDefault(day.Key) ?? day.First() with { Counts = [] }).Add(day.SelectMany(unit => unit.Counts)));
        foreach (var unit in units) session.Delete<EventCounts>(unit.Id);
        await session.CommitAsync(cancellationToken);
        return units.Count;
    }

    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var last = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-KeepDays).ToString("O", CultureInfo.InvariantCulture);
        foreach (var old in await session.QueryAsync<DailyEventCounts>("day", atMost: last, limit: Batch, cancellationToken: cancellationToken))
            session.Delete<DailyEventCounts>(old.Id);
        await session.CommitAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Adding up the counts of events failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
