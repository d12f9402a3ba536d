namespace Personalization.Profile.Domain;

/// <summary>A side of behaviour that groups are told apart by.</summary>
/// <param name="Name">A stable word.</param>
/// <param name="More">What is said of a group that shows more of it than others.</param>
/// <param name="Less">What is said of a group that shows less; null where that tells little.</param>
public sealed record BehaviourSide(string Name, string More, string? Less = null);

/// <summary>How a person behaves, in numbers that say nothing of what they did: how often, when, how varied, how valued.</summary>
public static class Behaviour
{
    // Somebody seen for the first time today comes no more often than once a week for that.
    private const double DaysSeenAtLeast = 7;

    /// <summary>The sides, in the order of the numbers.</summary>
    public static IReadOnlyList<BehaviourSide> Sides { get; } =
    [
        new("frequency", "often", "rarely"),
        new("recency", "not for a while", "lately"),
        new("variety", "always something new", "the same again and again"),
        new("value", "high values", "low values"),
        new("morning", "mornings"),
        new("evening", "evenings"),
        new("night", "nights"),
        new("weekend", "weekends", "weekdays"),
    ];

    /// <summary>
    /// A person's numbers, of all that is kept for the purpose: how long that is, retention says. NaN where there is none; null for a person of whom nothing
    /// is seen. Hours and days are those of UTC.
    /// </summary>
    /// <param name="seen">What the purpose may know.</param>
    /// <param name="types">The declared event types: their signals say which field is an item and which a value.</param>
    /// <param name="fields">What the purpose may use of them.</param>
    /// <param name="now">The current time.</param>
    public static double[]? Of(Observations seen, IReadOnlyDictionary<string, EventType> types, UsableFields fields, DateTimeOffset now)
    {
        var events = types.Values.Where(type => type.Fields.Values.Any(fields.Permit))
            .SelectMany(type => seen.OfType(type.Type).Select(observation => (Type: type, Seen: observation)))
            .Where(pair => pair.Seen.IsSeen(now)).ToArray();
        if (events.Length == 0) return null;

        Scalar[] items = [.. events.Select(pair => Value(pair.Type, pair.Type.Signal?.ItemField, pair.Seen)).OfType<Scalar>()];
        Scalar[] values = [.. events.Select(pair => Value(pair.Type, pair.Type.Signal?.ValueField, pair.Seen)).OfType<Scalar>()];
        return
        [
            Math.Log(1 + (events.Length * 7 / Math.Max(DaysSeenAtLeast, (now - events.Min(pair => pair.Seen.Time)).TotalDays))),
            Math.Log(1 + (now - events.Max(pair => pair.Seen.Time)).TotalDays),
            items.Length == 0 ? double.NaN : (double)items.Distinct().Count() / items.Length,
            values.Length == 0 ? double.NaN : values.Average(value => value.Number),
            Share(time => time.Hour is >= 6 and < 12),
            Share(time => time.Hour >= 18),
            Share(time => time.Hour < 6),
            Share(time => time.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday),
        ];

        Scalar? Value(EventType type, string? field, Observation observation) =>
            field is not null && type.Fields.TryGetValue(field, out var declared) && fields.Permit(declared) ? observation.ValueOf(field, now) : null;

        double Share(Func<DateTimeOffset, bool> holds) => (double)events.Count(pair => holds(pair.Seen.Time)) / events.Length;
    }
}
