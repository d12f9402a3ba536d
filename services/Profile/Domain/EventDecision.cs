using System.Globalization;
using System.Text.Json;
using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;

namespace Personalization.Profile.Domain;

/// <summary>What became of an event.</summary>
public enum EventOutcome
{
    /// <summary>Something of it is kept.</summary>
    Accepted,

    /// <summary>Came before; nothing more to keep.</summary>
    Duplicate,

    /// <summary>Nothing of it is kept, for a stated reason.</summary>
    Refused,

    /// <summary>Came by the bus and is no event; waits for an operator.</summary>
    Quarantined,
}

/// <summary>A field that isn't kept, and why.</summary>
public sealed record DroppedField(string Field, string Reason);

/// <summary>A decision on one event.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why it was refused; a stable word.</param>
/// <param name="Dropped">Fields of it that aren't kept; none where the event was refused before its fields were looked at.</param>
/// <param name="DeclaredType">The event type, if it is a declared one.</param>
/// <param name="Datum">What is kept; null unless accepted.</param>
public sealed record EventDecision(EventOutcome Outcome, string? Reason, IReadOnlyList<DroppedField> Dropped, string? DeclaredType, ProfileDatum? Datum)
{
    /// <summary>The event lies too far ahead of this clock.</summary>
    public const string FutureTime = "future-time";

    /// <summary>Nobody declared the type.</summary>
    public const string UnknownType = "unknown-event-type";

    /// <summary>The source is a third party, and the type doesn't take such.</summary>
    public const string ThirdPartySource = "third-party-source";

    /// <summary>The subject names a person by itself, or a text that people write does.</summary>
    public const string DirectIdentifier = "direct-identifier";

    /// <summary>The person allows no purpose of it.</summary>
    public const string NoConsent = "no-consent";

    /// <summary>The person allows it, and its use is restricted for now: nothing is added to what is held.</summary>
    public const string Restricted = "restricted";

    /// <summary>The person allows it, but did not yet when it happened.</summary>
    public const string BeforeConsent = "before-consent";

    /// <summary>Nothing says how long it may be kept.</summary>
    public const string NoRetentionRule = "no-retention-rule";

    /// <summary>It happened longer ago than the field's values are of use.</summary>
    public const string TooOld = "too-old";

    /// <summary>Nothing has used the field for long, and its type says that such fields are dropped.</summary>
    public const string Unused = "unused";

    /// <summary>The field is not declared for the type.</summary>
    public const string NotDeclared = "not-declared";

    /// <summary>The value is of another JSON type than declared.</summary>
    public const string WrongType = "wrong-type";

    /// <summary>The text is longer than a field may be.</summary>
    public const string TooLong = "too-long";

    /// <summary>The event has no field at all.</summary>
    public const string NoData = "no-data";

    /// <summary>The event came before and was kept without the field; nothing is added to it later.</summary>
    public const string StoredBefore = "stored-before";

    /// <summary>Characters a text may have.</summary>
    internal const int LongestText = 4096;

    // What tells most comes first: consent before housekeeping before form.
    private static readonly string[] Telling = [BeforeConsent, Restricted, NoConsent, NoRetentionRule, TooOld, Unused, DirectIdentifier, TooLong, WrongType, NotDeclared, NoData];
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    /// <summary>Refuses an event.</summary>
    public static EventDecision Refuse(string reason, string? declaredType = null) => new(EventOutcome.Refused, reason, [], declaredType, null);

    /// <summary>Puts aside what is no event.</summary>
    public static EventDecision Quarantine(string reason) => new(EventOutcome.Quarantined, reason, [], null, null);

    /// <summary>Decides what of an event may be stored: only declared fields, each only for purposes the person allows since before it happened.</summary>
    /// <param name="received">The event, its attributes checked.</param>
    /// <param name="type">Its declared type, or null.</param>
    /// <param name="gate">The person's consent.</param>
    /// <param name="rules">How long what may be kept.</param>
    /// <param name="now">The current time.</param>
    /// <param name="unused">The fields of the type that are dropped because nothing uses them.</param>
    public static EventDecision Of(ReceivedEvent received, EventType? type, SubjectGate gate, RetentionRules rules, DateTimeOffset now, IReadOnlySet<string>? unused = null)
    {
        if (type is null) return Refuse(UnknownType);
        if (!type.Takes(received.Source)) return Refuse(ThirdPartySource, type.Type);
        if (received.Time > now + ClockTolerance) return Refuse(FutureTime, type.Type);

        var dropped = new List<DroppedField>();
        var kept = new List<ProfileField>();
        var usefulUntil = DateTimeOffset.MaxValue;

        // A member that stands there twice counts once; null says that there is no value.
        foreach (var property in received.Data.EnumerateObject().DistinctBy(member => member.Name).Where(member => member.Value.ValueKind != JsonValueKind.Null))
        {
            if (!type.Fields.TryGetValue(property.Name, out var field))
            {
                dropped.Add(new DroppedField(property.Name, NotDeclared));
                continue;
            }

            if (!IsOf(field.Type, property.Value))
            {
                dropped.Add(new DroppedField(property.Name, WrongType));
                continue;
            }

            if (property.Value.ValueKind == JsonValueKind.String && property.Value.GetString()!.Length > LongestText)
            {
                dropped.Add(new DroppedField(property.Name, TooLong));
                continue;
            }

            var permitted = field.Purposes.Where(purpose => gate.Permits(purpose, field.Category, received.Time, null, now)).ToArray();
            var ruled = permitted.Where(purpose => rules.KeepFor(purpose, field.Category) is not null).ToArray();
            if (ruled.Length == 0)
            {
                dropped.Add(new DroppedField(property.Name, permitted.Length > 0 ? NoRetentionRule
                    : field.Purposes.Any(purpose => gate.Permits(purpose, field.Category, DateTimeOffset.MaxValue, null, now)) ? BeforeConsent
                    : field.Purposes.Any(purpose => gate.Keeps(purpose, field.Category, DateTimeOffset.MaxValue, null, now)) ? Restricted : NoConsent));
                continue;
            }

            if (field.UsefulUntil(received.Time) <= now)
            {
                dropped.Add(new DroppedField(property.Name, TooOld));
                continue;
            }

            if (unused?.Contains(property.Name) == true)
            {
                dropped.Add(new DroppedField(property.Name, Unused));
                continue;
            }

            // Last: what may not be used isn't looked into either.
            if (field.FreeText == true && Domain.DirectIdentifier.IsIn(property.Value.GetString()!))
            {
                dropped.Add(new DroppedField(property.Name, DirectIdentifier));
                continue;
            }

            kept.Add(new ProfileField(property.Name, property.Value.Clone(), field.Category, ruled));
            if (field.UsefulUntil(received.Time) is { } useful && useful < usefulUntil) usefulUntil = useful;
        }

        if (kept.Count == 0)
        {
            var reasons = dropped.Select(field => field.Reason).Append(NoData).ToArray();
            return Refuse(Telling.First(reasons.Contains), type.Type) with { Dropped = dropped };
        }

        var terms = KeepingTerms.Of(rules, from field in kept from purpose in field.Purposes select (purpose, field.Category), now).And(new KeepingTerms(usefulUntil));
        return new EventDecision(EventOutcome.Accepted, null, dropped, type.Type, new ProfileDatum
        {
            SubjectRef = gate.Id,
            Epoch = gate.Epoch,
            ConsentVersion = gate.Version,
            EventType = type.Type,
            Source = received.Source,
            EventId = received.EventId,
            Fields = kept,
            Time = received.Time,
            ReceivedAt = now,
            ExpiresAt = terms.EndOf(null, now),
            Terms = terms.IsOpen ? terms : null,
        });
    }

    /// <summary>
    /// The decision on an accepted event that was stored before: it is answered like the first time, as far as what is permitted and declared
    /// is still the same, and in any case with what isn't kept.
    /// </summary>
    /// <param name="known">What was kept of it.</param>
    public EventDecision AsDuplicateOf(ProfileDatum known)
    {
        var kept = known.Fields.Select(field => field.Name).ToHashSet();
        var missing = Datum!.Fields.Where(field => !kept.Contains(field.Name)).Select(field => new DroppedField(field.Name, StoredBefore));
        return this with { Outcome = EventOutcome.Duplicate, Dropped = [.. Dropped, .. missing], Datum = null };
    }

    /// <summary>What a recommender may learn from a stored datum, or null.</summary>
    public static SignalRecorded? SignalOf(ProfileDatum datum, EventType type)
    {
        if (type.Signal is not { } signal || datum.Fields.FirstOrDefault(field => field.Name == signal.ItemField) is not { } item) return null;

        // A value that none of the item's purposes may use would only be carried along.
        var value = datum.Fields.FirstOrDefault(field => field.Name == signal.ValueField);
        string[] valuePurposes = [.. value?.Purposes.Intersect(item.Purposes) ?? []];
        if (valuePurposes.Length == 0) value = null;
        return new SignalRecorded
        {
            SignalId = datum.EventId,
            SubjectRef = datum.SubjectRef,
            Epoch = datum.Epoch,
            ConsentVersion = datum.ConsentVersion,
            EventType = datum.EventType,
            ItemId = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : item.Value.GetInt64().ToString(CultureInfo.InvariantCulture),
            Category = item.Category,
            Purposes = item.Purposes,
            Value = value?.Value.GetDouble(),
            ValueCategory = value?.Category,
            ValuePurposes = value is null ? null : valuePurposes,
            Time = datum.Time,
            ExpiresAt = datum.LatestAt,
        };
    }

    private static bool IsOf(FieldType type, JsonElement value) => type switch
    {
        FieldType.String => value.ValueKind == JsonValueKind.String,
        FieldType.Number => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number),
        FieldType.Integer => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        FieldType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        FieldType.Time => value.ValueKind == JsonValueKind.String && ReceivedEvent.TimeOf(value.GetString()) is not null,
        _ => false,
    };
}
