namespace Personalization.Contracts.Profile;

/// <summary>
/// Published when somebody other than the person asked for what is held of a person, before the answer goes out: a read that isn't told of
/// doesn't happen. Says who asked, what for and which categories were shown; never what they said.
/// </summary>
public sealed record PersonalDataRead
{
    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The subject's epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>What it is in a word: <c>profile</c>, <c>contacts</c>, <c>objection</c>, <c>export</c> …</summary>
    public required string Data { get; init; }

    /// <summary>The caller's role.</summary>
    public required string Role { get; init; }

    /// <summary>A keyed hash of the token's issuer and subject: the same reader has the same. Null if the token names nobody, which is always refused.</summary>
    public string? Reader { get; init; }

    /// <summary>The purpose of use; null if none was named, or none that any read rule knows.</summary>
    public string? Purpose { get; init; }

    /// <summary>Whether it was <c>shown</c> or <c>refused</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Why it was refused, a stable word; null if it wasn't.</summary>
    public string? Reason { get; init; }

    /// <summary>The categories of data in the answer; empty if there was nothing, or if it was refused.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>When it was asked for, UTC.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>How it stands to the read rules. Null from older publishers.</summary>
    public ReadCompliance? Compliance { get; init; }

    /// <summary>The version of the read rules it was decided by. Null from older publishers.</summary>
    public long? RulesVersion { get; init; }
}

/// <summary>How a read stands to the rules.</summary>
public enum ReadCompliance
{
    /// <summary>A rule allows it.</summary>
    Compliant,

    /// <summary>A rule, or the person's missing consent, forbids it: it was refused.</summary>
    Violation,

    /// <summary>No rule speaks of it: it was refused.</summary>
    Gap,
}
