using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>What was kept of one event.</summary>
public sealed record ProfileDatum : ISubjectDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(SubjectRef, EventId);

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch);

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was collected in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version it was stored under.</summary>
    public required long ConsentVersion { get; init; }

    /// <summary>The declared event type.</summary>
    public required string EventType { get; init; }

    /// <summary>The publishing system.</summary>
    public required string Source { get; init; }

    /// <summary>A keyed hash of subject, source and the event's id: the same for every delivery of the event.</summary>
    public required string EventId { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<ProfileField> Fields { get; init; }

    /// <summary>When it happened, by the publisher, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When it came here, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>By the shortest retention rule among its purposes and the shortest maximum age of its fields, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Where the datum of an event is.</summary>
    public static string IdOf(string subjectRef, string eventId) => $"{subjectRef}/{eventId}";

    /// <summary>What of it may be used now, or null.</summary>
    public ProfileDatum? PermittedBy(SubjectGate gate, DateTimeOffset now) => now >= ExpiresAt
        ? null
        : Keep((purpose, category) => gate.Permits(purpose, category, Time, Epoch, now));

    /// <summary>
    /// What these rules keep of it, and never for longer than before: people were told the shorter period when it was collected, so a longer
    /// one is for what comes from then on. Null if no rule covers any of it.
    /// </summary>
    public ProfileDatum? ShortenedBy(RetentionRules rules)
    {
        if (Keep((purpose, category) => rules.KeepFor(purpose, category) is not null) is not { } kept) return null;
        var periods = from field in kept.Fields from purpose in field.Purposes select rules.KeepFor(purpose, field.Category)!.Value;
        return ReceivedAt + periods.Min() is var until && until < ExpiresAt ? kept with { ExpiresAt = until } : kept;
    }

    /// <summary>The fields that are not in what is kept of it.</summary>
    public IReadOnlyList<ProfileField> Without(ProfileDatum? kept) => [.. Fields.Where(field => kept?.Fields.Any(left => left.Name == field.Name) != true)];

    /// <summary>Whether the other holds fewer purposes or fields, or ends earlier.</summary>
    public bool IsMoreThan(ProfileDatum kept) => kept.ExpiresAt < ExpiresAt || kept.Fields.Sum(field => field.Purposes.Count) < Fields.Sum(field => field.Purposes.Count);

    /// <summary>The datum without the purposes that are not kept, and without the fields that have none left; null if no field is left.</summary>
    public ProfileDatum? Keep(Func<string, string, bool> keeps)
    {
        ProfileField[] fields = [.. Fields
            .Select(field => field with { Purposes = [.. field.Purposes.Where(purpose => keeps(purpose, field.Category))] })
            .Where(field => field.Purposes.Count > 0)];
        return fields.Length == 0 ? null : this with { Fields = fields };
    }
}

/// <summary>A value and what justifies keeping it.</summary>
/// <param name="Name">The declared name.</param>
/// <param name="Value">Text, number or boolean.</param>
/// <param name="Category">Its category of data.</param>
/// <param name="Purposes">At least one.</param>
public sealed record ProfileField(string Name, JsonElement Value, string Category, IReadOnlyList<string> Purposes);
