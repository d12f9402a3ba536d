namespace Personalization.Contracts.Profile;

/// <summary>
/// Published when staff asked for something that holds data of many people, or when they were refused before it was known whose data it would be; of one
/// person's data <see cref="PersonalDataRead"/> tells. Before the answer goes out: a read that isn't told of doesn't happen. About nobody.
/// </summary>
public sealed record StaffReadDecided
{
    /// <summary>What it is in a word: <c>erasure-cases</c>, <c>consents</c> …</summary>
    public required string Data { get; init; }

    /// <summary>The caller's role.</summary>
    public required string Role { get; init; }

    /// <summary>A keyed hash of the token's issuer and subject: the same reader has the same. Null if the token names nobody, which is always refused.</summary>
    public string? Reader { get; init; }

    /// <summary>The purpose of use; null if none was named, or none that any read rule knows.</summary>
    public string? Purpose { get; init; }

    /// <summary>Whether it was <c>shown</c>, <c>counted</c> (how many there are, no row) or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it was refused, a stable word; null if it wasn't.</summary>
    public string? Reason { get; init; }

    /// <summary>How it stands to the read rules.</summary>
    public required ReadCompliance Compliance { get; init; }

    /// <summary>The version of the read rules it was decided by.</summary>
    public required long RulesVersion { get; init; }

    /// <summary>The categories of data asked for.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}
