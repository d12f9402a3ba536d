using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Personalization.Profile.Domain;

/// <summary>What is made of the events that a measure selects.</summary>
public enum MeasureOf
{
    /// <summary>How many there are.</summary>
    Count,

    /// <summary>The sum of a field.</summary>
    Sum,

    /// <summary>The mean of a field.</summary>
    Average,

    /// <summary>The least value of a field.</summary>
    Min,

    /// <summary>The greatest value of a field.</summary>
    Max,

    /// <summary>The field's value in the newest event that has it.</summary>
    Last,

    /// <summary>How many different values of a field there are.</summary>
    Distinct,

    /// <summary>Whole days since the newest event.</summary>
    DaysSince,
}

/// <summary>How two values are compared.</summary>
public enum Comparison
{
    /// <summary>The same.</summary>
    [JsonStringEnumMemberName("=")]
    Equal,

    /// <summary>Another.</summary>
    [JsonStringEnumMemberName("!=")]
    NotEqual,

    /// <summary>Less.</summary>
    [JsonStringEnumMemberName("<")]
    Less,

    /// <summary>Not more.</summary>
    [JsonStringEnumMemberName("<=")]
    AtMost,

    /// <summary>More.</summary>
    [JsonStringEnumMemberName(">")]
    Greater,

    /// <summary>Not less.</summary>
    [JsonStringEnumMemberName(">=")]
    AtLeast,

    /// <summary>One of several.</summary>
    [JsonStringEnumMemberName("in")]
    In,
}

/// <summary>Which events count.</summary>
/// <param name="Field">A declared field of the event.</param>
/// <param name="Is">How.</param>
/// <param name="Value">What with; several only for <see cref="Comparison.In"/>.</param>
public sealed record FieldCondition(string Field, Comparison Is, Operand Value);

/// <summary>
/// A value made of a person's events of one type: the smallest part of a segment's rule, and a trait by itself. A measure of nothing is 0 for
/// counts and sums; otherwise it has no value.
/// </summary>
/// <param name="Event">A declared event type.</param>
/// <param name="Of">What is made of them.</param>
/// <param name="Field">The field it is made of; not for counts and days.</param>
/// <param name="Within">Only what happened less than so long ago: <c>P30D</c>, <c>PT12H</c>. Null: all that is kept.</param>
/// <param name="Where">All of these hold for the event.</param>
public sealed partial record Measure(string Event, MeasureOf Of, string? Field = null, string? Within = null, IReadOnlyList<FieldCondition>? Where = null)
{
    /// <summary><see cref="Within"/>.</summary>
    [JsonIgnore]
    public TimeSpan? Window { get; } = WindowOf(Within);

    /// <summary>Days or hours, up to ten years, as ISO 8601 has them; null if it is something else.</summary>
    public static TimeSpan? WindowOf(string? text)
    {
        if (text is null || Period().Match(text) is not { Success: true } match) return null;
        var days = match.Groups["days"];
        var window = days.Success
            ? TimeSpan.FromDays(int.Parse(days.ValueSpan, CultureInfo.InvariantCulture))
            : TimeSpan.FromHours(int.Parse(match.Groups["hours"].ValueSpan, CultureInfo.InvariantCulture));
        return window > TimeSpan.Zero && window <= TimeSpan.FromDays(3660) ? window : null;
    }

    /// <summary>Its value at a moment; null: there is nothing to make one of.</summary>
    public Scalar? ValueAt(Observations seen, DateTimeOffset at)
    {
        var selected = seen.OfType(Event).Where(observation => Selects(observation, at));
        switch (Of)
        {
            case MeasureOf.Count:
                return Scalar.Of(selected.Count());
            case MeasureOf.DaysSince:
                return selected.LastOrDefault() is { } newest ? Scalar.Of(Math.Floor((at - newest.Time).TotalDays)) : null;
        }

        Scalar[] values = [.. selected.Select(observation => observation.ValueOf(Field!, at)).OfType<Scalar>()];
        return Of switch
        {
            MeasureOf.Sum => Scalar.Of(values.Sum(value => value.Number)),
            MeasureOf.Distinct => Scalar.Of(values.Distinct().Count()),
            _ when values.Length == 0 => null,
            MeasureOf.Average => Scalar.Of(values.Average(value => value.Number)),
            MeasureOf.Min => values.Aggregate((least, value) => value.CompareTo(least) < 0 ? value : least),
            MeasureOf.Max => values.Aggregate((greatest, value) => value.CompareTo(greatest) > 0 ? value : greatest),
            _ => values[^1],
        };
    }

    /// <summary>The values of the field in the newest events that have it, newest first, each once.</summary>
    public IReadOnlyList<Scalar> NewestAt(Observations seen, int most, DateTimeOffset at) =>
        [.. seen.OfType(Event).Reverse().Where(observation => Selects(observation, at)).Select(observation => observation.ValueOf(Field!, at)).OfType<Scalar>().Distinct().Take(most)];

    /// <summary>The moments after which its value may be another though nothing new was heard: events come of age, leave the window, or may be used no longer.</summary>
    /// <param name="seen">What is known.</param>
    /// <param name="compared">What a number of days is compared with.</param>
    public IEnumerable<DateTimeOffset> MomentsOfChange(Observations seen, Operand? compared)
    {
        foreach (var observation in seen.OfType(Event))
        {
            yield return observation.Time;
            yield return observation.Until;
            if (Window is { } window) yield return observation.Time + window;
            foreach (var field in observation.Fields.Where(IsUsed)) yield return field.Until;
            if (Of != MeasureOf.DaysSince || compared is null) continue;
            foreach (var days in compared.Values.Where(value => value.Kind == ScalarKind.Number))
            {
                // A number of whole days is reached, and left again a day later.
                if (days.Number is < 0 or > MostDays) continue;
                yield return observation.Time + TimeSpan.FromDays(Math.Ceiling(days.Number));
                yield return observation.Time + TimeSpan.FromDays(Math.Floor(days.Number) + 1);
            }
        }
    }

    /// <summary>No comparison with more days can hold: nothing is kept so long.</summary>
    internal const int MostDays = 36_600;

    private bool Selects(Observation observation, DateTimeOffset at) => observation.IsSeen(at)
        && (Window is not { } window || at < observation.Time + window)
        && Where?.All(condition => observation.ValueOf(condition.Field, at) is { } value && condition.Value.Holds(value, condition.Is)) != false;

    private bool IsUsed(ObservedField field) => field.Name == Field || Where?.Any(condition => condition.Field == field.Name) == true;

    [GeneratedRegex(@"^P(?:(?<days>\d{1,4})D|T(?<hours>\d{1,5})H)$", RegexOptions.NonBacktracking)]
    private static partial Regex Period();
}
