using Personalization.Platform.Privacy;

namespace Personalization.Profile.Domain;

/// <summary>A field of an event, and until when it may be used.</summary>
/// <param name="Name">The declared name.</param>
/// <param name="Value">Its value.</param>
/// <param name="Until">When it expires or its grant ends, whichever is first.</param>
public sealed record ObservedField(string Name, Scalar Value, DateTimeOffset Until);

/// <summary>What one purpose may know of an event.</summary>
/// <param name="EventId">Tells it from every other.</param>
/// <param name="Time">When it happened; what a publisher's clock puts ahead has not happened yet.</param>
/// <param name="Until">When the last of its fields goes.</param>
/// <param name="Fields">At least one.</param>
public sealed record Observation(string EventId, DateTimeOffset Time, DateTimeOffset Until, IReadOnlyList<ObservedField> Fields)
{
    /// <summary>Whether it may be used at that moment.</summary>
    public bool IsSeen(DateTimeOffset at) => Time <= at && at < Until;

    /// <summary>The value of a field at that moment, if it may be used then.</summary>
    public Scalar? ValueOf(string field, DateTimeOffset at) =>
        Fields.FirstOrDefault(known => known.Name == field) is { } found && at < found.Until ? found.Value : null;
}

/// <summary>
/// What one purpose may know of a person: only fields that it justifies, of categories that the person permits for it, since before the event.
/// Ordered by the events' own times, so that neither the order of arrival nor a repetition makes a difference.
/// </summary>
public sealed class Observations
{
    private static readonly IReadOnlyList<Observation> None = [];
    private readonly Dictionary<string, IReadOnlyList<Observation>> byType;

    private Observations(Dictionary<string, IReadOnlyList<Observation>> byType) => this.byType = byType;

    /// <summary>Selects from what is stored.</summary>
    public static Observations Of(IEnumerable<ProfileDatum> data, SubjectGate gate, string purpose) => new(data
        .Where(datum => datum.Epoch == gate.Epoch)
        .DistinctBy(datum => datum.EventId)
        .Select(datum => (datum.EventType, Seen: Select(datum, gate, purpose)))
        .Where(pair => pair.Seen is not null)
        .GroupBy(pair => pair.EventType, pair => pair.Seen!)
        .ToDictionary(
            type => type.Key,
            IReadOnlyList<Observation> (type) => [.. type.OrderBy(seen => seen.Time).ThenBy(seen => seen.EventId, StringComparer.Ordinal)]));

    /// <summary>Events of a type, oldest first.</summary>
    public IReadOnlyList<Observation> OfType(string eventType) => byType.GetValueOrDefault(eventType) ?? None;

    private static Observation? Select(ProfileDatum datum, SubjectGate gate, string purpose)
    {
        ObservedField[] fields = [.. datum.Fields
            .Where(field => field.Purposes.Contains(purpose))
            .Select(field => (Field: field, Grant: gate.Grants.FirstOrDefault(grant => grant.Purpose == purpose && grant.Category == field.Category)))
            .Where(pair => pair.Grant is not null && pair.Grant.GrantedAt <= datum.Time)
            .Select(pair => Scalar.Of(pair.Field.Value) is { } value ? new ObservedField(pair.Field.Name, value, Earlier(datum.ExpiresAt, pair.Grant!.ValidUntil)) : null)
            .OfType<ObservedField>()];
        return fields.Length == 0 ? null : new Observation(datum.EventId, datum.Time, fields.Max(field => field.Until), fields);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset? other) => other is { } end && end < one ? end : one;
}
