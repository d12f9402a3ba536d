using System.Text.Json.Serialization;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>How a person is reached: a direct identifier, in the identity vault only, sealed with the epoch's key, and only while a purpose justifies it.</summary>
public sealed record ContactEntry : ISubjectDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(SubjectRef, Type);

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch);

    /// <summary>The pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was given in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version it was stored under.</summary>
    public required long ConsentVersion { get; init; }

    /// <summary>The contact type.</summary>
    public required string Type { get; init; }

    /// <summary>The address or number.</summary>
    public required string Value { get; init; }

    /// <summary>Its category of data.</summary>
    public required string Category { get; init; }

    /// <summary>What justifies keeping it; at least one.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>When it came here, UTC.</summary>
    public required DateTimeOffset StoredAt { get; init; }

    /// <summary>By the shortest retention rule among its purposes, UTC. With open terms as far as is known.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What may still change its end; null: nothing does.</summary>
    public KeepingTerms? Terms { get; init; }

    /// <summary>Where a person's contact of a type is.</summary>
    public static string IdOf(string subjectRef, string type) => $"{subjectRef}/{type}";

    /// <summary>What may be stored of a contact, or null and why nothing is.</summary>
    /// <param name="type">The declared type, or null.</param>
    /// <param name="value">Well formed.</param>
    /// <param name="gate">The person's consent.</param>
    /// <param name="rules">How long what may be kept.</param>
    /// <param name="now">The current time.</param>
    /// <param name="refused">A stable word.</param>
    public static ContactEntry? Of(ContactType? type, string value, SubjectGate gate, RetentionRules rules, DateTimeOffset now, out string? refused)
    {
        string[] permitted = [.. type?.Purposes.Where(purpose => gate.Permits(purpose, type.Category, now, null, now)) ?? []];
        string[] ruled = [.. permitted.Where(purpose => rules.KeepFor(purpose, type!.Category) is not null)];
        refused = type is null ? EventDecision.NotDeclared : permitted.Length == 0 ? EventDecision.NoConsent : ruled.Length == 0 ? EventDecision.NoRetentionRule : null;
        if (refused is not null) return null;
        var terms = KeepingTerms.Of(rules, ruled.Select(purpose => (purpose, type!.Category)), now);
        return new ContactEntry
        {
            SubjectRef = gate.Id,
            Epoch = gate.Epoch,
            ConsentVersion = gate.Version,
            Type = type!.Type,
            Value = value,
            Category = type.Category,
            Purposes = ruled,
            StoredAt = now,
            ExpiresAt = terms.EndOf(null, now),
            Terms = terms.IsOpen ? terms : null,
        };
    }

    /// <summary>What of it may be used now, or null.</summary>
    public ContactEntry? PermittedBy(SubjectGate gate, DateTimeOffset now) =>
        now >= ExpiresAt ? null : Keep(purpose => gate.Permits(purpose, Category, StoredAt, Epoch, now));

    /// <summary>What of it may be held now, used or not, or null: what the person themselves is told.</summary>
    public ContactEntry? KeptBy(SubjectGate gate, DateTimeOffset now) =>
        now >= ExpiresAt ? null : Keep(purpose => gate.Keeps(purpose, Category, StoredAt, Epoch, now));

    /// <summary>What these rules keep of it, and never for longer than before; null if no rule covers it.</summary>
    public ContactEntry? ShortenedBy(RetentionRules rules, SubjectActivity? activity = null)
    {
        if (Keep(purpose => rules.KeepFor(purpose, Category) is not null) is not { } kept) return null;
        return kept.Under((Terms ?? new KeepingTerms(ExpiresAt)).And(KeepingTerms.Of(rules, kept.Purposes.Select(purpose => (purpose, Category)), StoredAt)), activity);
    }

    /// <summary>With these terms, and the end that follows from them now.</summary>
    public ContactEntry Under(KeepingTerms terms, SubjectActivity? activity)
    {
        var own = activity?.Epoch == Epoch ? activity : null;
        var known = terms.After(own, StoredAt);
        return this with { ExpiresAt = known.EndOf(own, StoredAt), Terms = known.IsOpen ? known : null };
    }

    /// <summary>Whether the other is kept for fewer purposes, ends earlier, or may.</summary>
    public bool IsMoreThan(ContactEntry kept) => kept.ExpiresAt < ExpiresAt || kept.Purposes.Count < Purposes.Count
        || !(kept.Terms ?? new KeepingTerms(kept.ExpiresAt)).SaysTheSameAs(Terms ?? new KeepingTerms(ExpiresAt));

    /// <summary>The entry without the purposes that are not kept; null if none is left.</summary>
    public ContactEntry? Keep(Func<string, bool> keeps)
    {
        string[] purposes = [.. Purposes.Where(keeps)];
        return purposes.Length == 0 ? null : this with { Purposes = purposes };
    }
}
