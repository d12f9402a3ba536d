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

    /// <summary>By the shortest retention rule among its purposes and the shortest maximum age of its fields, UTC. With open terms as far as is known.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What may still change its end; null: nothing does.</summary>
    public KeepingTerms? Terms { get; init; }

    /// <summary>What those who learn from it are told: it ends no later, and they are told when it ends before, UTC.</summary>
    [JsonIgnore]
    public DateTimeOffset LatestAt => Terms?.LatestAt ?? ExpiresAt;

    /// <summary>Where the datum of an event is.</summary>
    public static string IdOf(string subjectRef, string eventId) => $"{subjectRef}/{eventId}";

    /// <summary>What of it may be used now, or null.</summary>
    public ProfileDatum? PermittedBy(SubjectGate gate, DateTimeOffset now) => now >= ExpiresAt
        ? null
        : Keep((purpose, category) => gate.Permits(purpose, category, Time, Epoch, now));

    /// <summary>What of it may be held now, used or not, or null: what the person themselves is told.</summary>
    public ProfileDatum? KeptBy(SubjectGate gate, DateTimeOffset now) => now >= ExpiresAt
        ? null
        : Keep((purpose, category) => gate.Keeps(purpose, category, Time, Epoch, now));

    /// <summary>
    /// What these rules keep of it, and never for longer than before: people were told the shorter period when it was collected, so a longer
    /// one is for what comes from then on. Null if no rule covers any of it.
    /// </summary>
    /// <param name="rules">The rules.</param>
    /// <param name="activity">What is known of the person; null: nothing.</param>
    public ProfileDatum? ShortenedBy(RetentionRules rules, SubjectActivity? activity = null)
    {
        if (Keep((purpose, category) => rules.KeepFor(purpose, category) is not null) is not { } kept) return null;
        var ruled = KeepingTerms.Of(rules, from field in kept.Fields from purpose in field.Purposes select (purpose, field.Category), ReceivedAt);
        return kept.Under((Terms ?? new KeepingTerms(ExpiresAt)).And(ruled), activity);
    }

    /// <summary>The fields that are not in what is kept of it.</summary>
    public IReadOnlyList<ProfileField> Without(ProfileDatum? kept) => [.. Fields.Where(field => kept?.Fields.Any(left => left.Name == field.Name) != true)];

    /// <summary>With these terms, and the end that follows from them now.</summary>
    public ProfileDatum Under(KeepingTerms terms, SubjectActivity? activity)
    {
        var own = activity?.Epoch == Epoch ? activity : null;
        var known = terms.After(own, ReceivedAt);
        return this with { ExpiresAt = known.EndOf(own, ReceivedAt), Terms = known.IsOpen ? known : null };
    }

    /// <summary>Whether the other holds fewer purposes or fields, ends earlier, or may.</summary>
    public bool IsMoreThan(ProfileDatum kept) =>
        kept.ExpiresAt < ExpiresAt
        || !(kept.Terms ?? new KeepingTerms(kept.ExpiresAt)).SaysTheSameAs(Terms ?? new KeepingTerms(ExpiresAt))
        || kept.Fields.Sum(field => field.Purposes.Count) < Fields.Sum(field => field.Purposes.Count);

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
