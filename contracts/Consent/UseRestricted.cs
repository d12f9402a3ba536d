namespace Personalization.Contracts.Consent;

/// <summary>
/// Published with the change of consent that restricts the use of a person's data (GDPR art. 18; blocking, 152-FZ art. 3): what is held stays, and nothing uses it or adds to it until it is lifted.
/// What to stop is in that change's <see cref="ConsentRevoked"/>; this says why and by whom, and nobody has to act on it.
/// </summary>
public sealed record UseRestricted
{
    /// <summary>The restriction.</summary>
    public required string RestrictionId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The consent version that put it in force.</summary>
    public required long Version { get; init; }

    /// <summary>Only use for these purposes; null: for any.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>Only use of these categories of data; null: of any.</summary>
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary><c>accuracyContested</c>, <c>unlawfulUse</c>, <c>legalClaims</c>, <c>objectionPending</c> or <c>erasurePending</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>The role of who placed it: <c>subject</c>, <c>product</c> on the person's behalf, <c>officer</c>, or <c>service</c>: Retention, while a demand to be forgotten can be cancelled.</summary>
    public required string PlacedBy { get; init; }

    /// <summary>Of an officer, a keyed hash of who.</summary>
    public string? Officer { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>When it is lifted by itself, UTC; null: when somebody lifts it.</summary>
    public DateTimeOffset? Until { get; init; }
}
