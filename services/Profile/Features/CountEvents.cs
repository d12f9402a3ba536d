using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>What became of a type's events.</summary>
/// <param name="Type">The event type.</param>
/// <param name="From">The first day (UTC, of receipt).</param>
/// <param name="To">The last day: today, until a few seconds ago.</param>
/// <param name="Items">Each day and publisher that something came of.</param>
public sealed record EventStatsAnswer(string Type, DateOnly From, DateOnly To, IReadOnlyList<EventStats> Items);

/// <summary>A publisher's events of a day.</summary>
/// <param name="Day">UTC, of receipt.</param>
/// <param name="Source">The CloudEvents source; <c>(other)</c> for those that aren't named.</param>
/// <param name="Accepted">Stored.</param>
/// <param name="Duplicates">Came before.</param>
/// <param name="Refused">By reason.</param>
/// <param name="Quarantined">No events, by reason; an operator decides on them.</param>
/// <param name="Dropped">Fields that weren't stored, by reason.</param>
public sealed record EventStats(DateOnly Day, string Source, long Accepted, long Duplicates, IReadOnlyList<RefusedCount> Refused, IReadOnlyList<RefusedCount> Quarantined, IReadOnlyList<DroppedCount> Dropped);

/// <summary>Events refused, or put in quarantine, for a reason.</summary>
public sealed record RefusedCount(string Reason, long Count);

/// <summary>Values of a field that weren't stored, and why.</summary>
public sealed record DroppedCount(string Field, string Reason, long Count);

/// <summary>For publishers that see no answer: per day and source what was accepted, refused and dropped, by both doors. Counts of events, of nobody.</summary>
internal static class CountEvents
{
    // A field's undeclared name is told once so many values of it came: one that stands for a person comes rarely.
    private const long ToldFrom = 10;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/event-types/{type}/stats", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("What became of a type's events, per day and publisher");

    private static async Task<Results<Ok<EventStatsAnswer>, ProblemHttpResult>> HandleAsync(
        string type, DocumentSession session, TimeProvider time, CancellationToken cancellationToken, int days = 7)
    {
        if (days is < 1 or > CompactEventCounts.KeepDays)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-days", "So many days are not kept.", $"days: 1 to {CompactEventCounts.KeepDays}.");
        var to = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        DateOnly[] all = [.. Enumerable.Range(1 - days, days).Select(to.AddDays)];
        var counts = await session.LoadManyAsync<DailyEventCounts>(
            [.. all.SelectMany(day => new[] { DailyEventCounts.IdOf(type, day), DailyEventCounts.IdOf(DailyEventCounts.Undeclared, day) })], cancellationToken);
        EventStats[] items =
        [
            .. counts.Values.SelectMany(day => day.Counts.Where(count => count.Type == type).Select(count => (day.Day, Count: count)))
                .GroupBy(pair => (pair.Day, pair.Count.Source), pair => pair.Count)
                .OrderBy(group => group.Key.Day).ThenBy(group => group.Key.Source, StringComparer.Ordinal)
                .Select(group => StatsOf(group.Key.Day, group.Key.Source, [.. group])),
        ];
        return items.Length == 0 && await session.LoadAsync<EventType>(type, cancellationToken) is null
            ? Problems.NotFound("event type")
            : TypedResults.Ok(new EventStatsAnswer(type, all[0], to, items));
    }

    /// <summary>What wasn't stored, by type, field and reason. Of names that nobody declared only those are told that many values came of.</summary>
    public static IReadOnlyList<FieldDropped> DroppedOf(IEnumerable<DailyEventCounts> days) =>
    [
        .. from day in days
           from count in day.Counts
           where count.Field is not null
           group count.Count by (count.Type, Field: NameOf(count), Reason: count.Reason!) into same
           orderby same.Key.Type, same.Key.Field, same.Key.Reason
           select new FieldDropped { EventType = same.Key.Type, Field = same.Key.Field, Reason = same.Key.Reason, Count = same.Sum() },
    ];

    private static string NameOf(EventCount count) => count.Reason == EventDecision.NotDeclared && count.Count < ToldFrom ? DailyEventCounts.Other : count.Field!;

    private static EventStats StatsOf(DateOnly day, string source, IReadOnlyList<EventCount> counts)
    {
        return new EventStats(day, source, SumOf(EventOutcome.Accepted), SumOf(EventOutcome.Duplicate), [.. Because(EventOutcome.Refused)], [.. Because(EventOutcome.Quarantined)], [.. Dropped()]);

        long SumOf(EventOutcome outcome) => counts.Where(count => count.Outcome == outcome).Sum(count => count.Count);

        IEnumerable<RefusedCount> Because(EventOutcome outcome) => counts.Where(count => count.Outcome == outcome).GroupBy(count => count.Reason!)
            .Select(group => new RefusedCount(group.Key, group.Sum(count => count.Count)))
            .OrderBy(count => count.Reason, StringComparer.Ordinal);

        IEnumerable<DroppedCount> Dropped() => counts.Where(count => count.Field is not null)
            .GroupBy(count => (Field: NameOf(count), Reason: count.Reason!))
            .Select(group => new DroppedCount(group.Key.Field, group.Key.Reason, group.Sum(count => count.Count)))
            .OrderBy(count => count.Field, StringComparer.Ordinal).ThenBy(count => count.Reason, StringComparer.Ordinal);
    }
}
