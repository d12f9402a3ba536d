using System.Text.Json;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Tells what was dropped, and what is kept and not used, for the audit log: at start and every hour, of today and, as its last counts may come after midnight, of
/// yesterday. Every instance does; the newest of a day counts.
/// </summary>
public sealed partial class TellOfMinimization(ServiceModule module, IOptions<ProfileOptions> options, TimeProvider time, ILogger<TellOfMinimization> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private readonly Dictionary<DateOnly, string> told = [];
    private long? toldIn;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, TellAsync, LogFailed, stoppingToken);

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var hour = now.UtcTicks / TimeSpan.TicksPerHour;
        if (toldIn == hour) return;
        var today = now.DayOf();
        var session = module.OpenSession();
        var types = await session.EventTypesAsync(cancellationToken);
        var usages = await session.LoadManyAsync<FieldUsage>([.. types.Keys], cancellationToken);
        FieldUnused[] unused =
        [
            .. from type in types.Values.OrderBy(type => type.Type, StringComparer.Ordinal)
               from field in (usages.GetValueOrDefault(type.Type) ?? new FieldUsage { Type = type.Type }).UnusedOf(type, today, options.Value.UnusedAfterDays).Order(StringComparer.Ordinal)
               select new FieldUnused { EventType = type.Type, Field = field },
        ];
        var said = new Dictionary<DateOnly, string>();
        foreach (var day in new[] { today.AddDays(-1), today })
        {
            var counts = await session.LoadManyAsync<DailyEventCounts>([.. types.Keys.Append(DailyEventCounts.Undeclared).Select(key => DailyEventCounts.IdOf(key, day))], cancellationToken);
            var minimized = new FieldsMinimized { Day = day, CountedAt = now, Dropped = CountEvents.DroppedOf(counts.Values), Unused = unused };
            said[day] = JsonSerializer.Serialize(minimized with { CountedAt = default }, Json.Options);
            if (told.GetValueOrDefault(day) != said[day] && (minimized.Dropped.Count > 0 || unused.Length > 0)) session.Publish(minimized);
        }

        await session.CommitAsync(cancellationToken);
        toldIn = hour;
        told.Clear();
        foreach (var (day, text) in said) told[day] = text;
    }

    [LoggerMessage(LogLevel.Warning, "Telling of minimization failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
