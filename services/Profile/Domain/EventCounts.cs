using System.Globalization;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>What became of so many events of a publisher, or of so many values of a field.</summary>
/// <param name="Type">The <c>type</c> attribute.</param>
/// <param name="Source">The publisher.</param>
/// <param name="Outcome">What became of the events; null for a field's values.</param>
/// <param name="Reason">Why they were refused or dropped.</param>
/// <param name="Field">Whose values weren't stored.</param>
/// <param name="Count">At least 1.</param>
public sealed record EventCount(string Type, string Source, EventOutcome? Outcome = null, string? Reason = null, string? Field = null, long Count = 1);

/// <summary>An event to count.</summary>
/// <param name="Type">Its type, if it has a readable one.</param>
/// <param name="Source">Its source, if it has a readable one.</param>
/// <param name="Decision">What became of it.</param>
public sealed record CountedEvent(string? Type, string? Source, EventDecision Decision);

/// <summary>
/// The events of a day (UTC, of receipt) of one declared type, or of all that aren't declared. Counts of events and fields, of nobody: what a
/// publisher can make up is counted under its own name only as far as it is few and can't be a person's, the rest as <see cref="Other"/>.
/// </summary>
public sealed record DailyEventCounts : IDocument
{
    /// <summary>Stands for what isn't named.</summary>
    public const string Other = "(other)";

    /// <summary>The key under which the types that nobody declared are counted; no type can be called so.</summary>
    public const string Undeclared = "(undeclared)";

    private const int MostSources = 10;
    private const int MostTypes = 50;
    private const int MostFields = 20;
    private const int MostDigits = 3;
    private const int LongestName = 64;

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Key, Day);

    /// <summary>A declared type, or <see cref="Undeclared"/>.</summary>
    public required string Key { get; init; }

    /// <summary>The day.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Each thing counted once.</summary>
    public IReadOnlyList<EventCount> Counts { get; init; } = [];

    /// <summary>Where a day's counts are.</summary>
    public static string IdOf(string key, DateOnly day) => $"{key}/{day.ToString("O", CultureInfo.InvariantCulture)}";

    /// <summary>Counts a unit of work.</summary>
    public static IReadOnlyList<DailyEventCounts> Of(IEnumerable<CountedEvent> events, DateOnly day) =>
    [
        .. events.GroupBy(counted => counted.Decision.DeclaredType ?? Undeclared)
            .Select(group => new DailyEventCounts { Key = group.Key, Day = day }.Add(group.SelectMany(CountsOf))),
    ];

    /// <summary>The counts with others added. What would be one name too many is added to the rest.</summary>
    public DailyEventCounts Add(IEnumerable<EventCount> others)
    {
        var sums = Counts.ToDictionary(count => count with { Count = 0 }, count => count.Count);
        var sources = new Names(MostSources, Counts.Select(count => count.Source));
        var types = new Names(MostTypes, Counts.Select(count => count.Type));
        var fields = new Names(MostFields, Counts.Where(count => count.Reason == EventDecision.NotDeclared).Select(count => count.Field));
        foreach (var count in others)
        {
            var key = count with
            {
                Count = 0,
                Source = sources.Of(count.Source),
                Type = types.Of(count.Type),
                Field = count.Field is { } field && count.Reason == EventDecision.NotDeclared ? fields.Of(field) : count.Field,
            };
            sums[key] = sums.GetValueOrDefault(key) + count.Count;
        }

        return this with { Counts = [.. sums.Select(sum => sum.Key with { Count = sum.Value })] };
    }

    private static IEnumerable<EventCount> CountsOf(CountedEvent counted)
    {
        var decision = counted.Decision;
        var type = decision.DeclaredType ?? (IsHarmless(counted.Type) ? counted.Type! : Other);
        var source = counted.Source is { } given && !DirectIdentifier.IsIn(given) ? given : Other;
        yield return new EventCount(type, source, decision.Outcome, decision.Reason);

        // Once, however often the event is published.
        if (decision.Outcome == EventOutcome.Duplicate) yield break;
        foreach (var dropped in decision.Dropped)
            yield return new EventCount(type, source, null, dropped.Reason, dropped.Reason != EventDecision.NotDeclared || IsHarmless(dropped.Field) ? dropped.Field : Other);
    }

    /// <summary>A made-up name may be somebody's: one with many digits, for example, is the key of a map by customer.</summary>
    private static bool IsHarmless(string? name) =>
        name is { Length: <= LongestName } && EventTypeDeclaration.IsTypeName(name) && name.Count(char.IsAsciiDigit) <= MostDigits;

    /// <summary>So many names, first come, first served.</summary>
    private sealed class Names(int most, IEnumerable<string?> known)
    {
        private readonly HashSet<string> all = [.. known.OfType<string>().Where(name => name != Other)];

        public string Of(string name) => name == Other || (!all.Contains(name) && all.Count >= most) ? Other : Add(name);

        private string Add(string name)
        {
            all.Add(name);
            return name;
        }
    }
}

/// <summary>
/// What a unit of work decided, counted in its own write: exactly what was committed, and no two units conflict over it. Added to the days'
/// counts soon.
/// </summary>
public sealed record EventCounts : IDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>By type.</summary>
    public required IReadOnlyList<DailyEventCounts> Days { get; init; }

    /// <summary>The counts of a unit of work, to be stored by it.</summary>
    public static EventCounts Of(IEnumerable<CountedEvent> events, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now).ToString("N"),
        Days = DailyEventCounts.Of(events, DateOnly.FromDateTime(now.UtcDateTime)),
    };
}
