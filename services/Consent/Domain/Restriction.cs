using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>Why use is restricted: GDPR art. 18(1), and what 152-FZ art. 21 blocks data for.</summary>
public enum RestrictionReason
{
    /// <summary>The person says that the data are wrong; until that was looked at.</summary>
    AccuracyContested,

    /// <summary>The use is, or may be, unlawful, and the person wants the data kept.</summary>
    UnlawfulUse,

    /// <summary>The person needs the data for a claim.</summary>
    LegalClaims,

    /// <summary>The person objected, and has no answer yet.</summary>
    ObjectionPending,

    /// <summary>The person demanded to be forgotten and may still take that back. Retention's alone: it places and lifts it.</summary>
    ErasurePending,
}

/// <summary>
/// That somebody's data are kept and not used until it is lifted. It is part of their consent state, where gates learn of it; and a document of its own, where it is found by its id and its end.
/// Both go when it is lifted; the proofs tell of it. In clear, as the state is, and nothing in it is in anybody's own words.
/// </summary>
public sealed record Restriction : IDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>Only use for these purposes; null: for any.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>Only use of these categories; null: of any.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Why.</summary>
    public required RestrictionReason Reason { get; init; }

    /// <summary>The role of who placed it.</summary>
    public required string PlacedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>When it is lifted by itself, UTC; null: when somebody lifts it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>The reason as messages have it.</summary>
    [JsonIgnore]
    public string ReasonWord => JsonNamingPolicy.CamelCase.ConvertName(Reason.ToString());

    /// <summary>Whether it is about what was decided there.</summary>
    public bool Covers(CategoryConsent decision) => Purposes?.Contains(decision.Purpose) != false && Categories?.Contains(decision.Category) != false;

    /// <summary>Whether nothing but its id and time differ.</summary>
    public bool SaysTheSameAs(Restriction other) =>
        (Reason, PlacedBy, Until) == (other.Reason, other.PlacedBy, other.Until) && AreTheSame(Purposes, other.Purposes) && AreTheSame(Categories, other.Categories);

    private static bool AreTheSame(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null || other is null ? one is null && other is null : one.ToHashSet().SetEquals(other);
}
