using Personalization.Portal.Parts;

namespace Personalization.Portal.Pages;

/// <summary>An event type with what became of its events.</summary>
/// <param name="Type">What is declared.</param>
/// <param name="Stats">What came in the last days; null: that can't be told at the moment.</param>
/// <param name="Usage">What its fields are used for; null: that can't be told at the moment.</param>
public sealed record EventTypeTold(EventType Type, EventStats? Stats, FieldUsage? Usage);

/// <summary>Event types.</summary>
public sealed partial class EventTypesPage
{
    private static long Accepted(EventStats stats) => stats.Items.Sum(day => day.Accepted);

    private static IEnumerable<(string Reason, long Count)> Refused(EventStats stats) =>
        stats.Items.SelectMany(day => day.Refused).GroupBy(refused => refused.Reason, (reason, all) => (reason, all.Sum(one => one.Count))).OrderByDescending(refused => refused.Item2);

    private static IEnumerable<(string Field, string Reason, long Count)> Dropped(EventStats stats) =>
        stats.Items.SelectMany(day => day.Dropped).GroupBy(dropped => (dropped.Field, dropped.Reason), (key, all) => (key.Field, key.Reason, all.Sum(one => one.Count))).OrderByDescending(dropped => dropped.Item3);

    private IReadOnlyList<ChartBar> Bars(EventStats stats) =>
    [
        .. from offset in Enumerable.Range(0, stats.To.DayNumber - stats.From.DayNumber + 1)
           let day = stats.From.AddDays(offset)
           let accepted = stats.Items.Where(source => source.Day == day).Sum(source => source.Accepted)
           select new ChartBar(Visitor.Day(new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)), accepted, Visitor.Number(accepted)),
    ];

    private static long Quarantined(EventStats stats) => stats.Items.Sum(day => day.Quarantined.Sum(reason => reason.Count));

    // What is sent although nothing declares it.
    private static IEnumerable<string> Undeclared(EventTypeTold told) =>
        told.Stats is null ? [] : Dropped(told.Stats).Select(dropped => dropped.Field).Distinct().Where(field => !told.Type.Fields.ContainsKey(field)).Order(StringComparer.Ordinal);

    private string WhyDropped(EventTypeTold told, string field) => told.Stats is null ? "" : string.Join(
        ", ", Dropped(told.Stats).Where(dropped => dropped.Field == field).Select(dropped => $"{EventWords.Reason(Visitor, dropped.Reason)}: {Visitor.Number(dropped.Count)}"));
}
