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
        [.. stats.Items.GroupBy(day => day.Day).OrderBy(day => day.Key).Select(day => new ChartBar(Visitor.Day(new DateTimeOffset(day.Key.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)), day.Sum(source => source.Accepted), Visitor.Number(day.Sum(source => source.Accepted))))];

    private string Reason(string reason) => reason switch
    {
        "no-consent" => Say("нет согласия", "no consent"),
        "restricted" => Say("использование ограничено", "use is restricted"),
        "undeclared" => Say("не объявлено", "not declared"),
        "unused" => Say("никем не используется", "used by nothing"),
        _ => reason,
    };
}
