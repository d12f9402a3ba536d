namespace Personalization.Contracts.Profile;

/// <summary>
/// Published when the rules were replaced that say who may read what of a person and what for, and every hour. Each service keeps the newest version and
/// goes by it.
/// </summary>
public sealed record ReadRulesChanged
{
    /// <summary>Rises by one with each change.</summary>
    public required long Version { get; init; }

    /// <summary>All rules. What no rule allows is refused to everybody but the person.</summary>
    public required IReadOnlyList<ReadRule> Rules { get; init; }

    /// <summary>When they were replaced, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>
/// What a role may read of some categories for a purpose: data that rests on consent of those people only who consent to it. Of a role, a purpose and a
/// category no two rules speak.
/// </summary>
public sealed record ReadRule
{
    /// <summary>The caller's role.</summary>
    public required string Role { get; init; }

    /// <summary>The purpose of use: one that people decide on, or a task of the staff, <c>operations</c> for example.</summary>
    public required string Purpose { get; init; }

    /// <summary>The categories of data, at least one.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>How much of them. Null: all.</summary>
    public ReadAccess? Access { get; init; }

    /// <summary>Whether reads of the role that name no purpose are for this one; never of data that rests on consent. Null: they aren't.</summary>
    public bool? IsDefault { get; init; }
}

/// <summary>How much a role may read.</summary>
public enum ReadAccess
{
    /// <summary>All of it.</summary>
    Allow,

    /// <summary>How many there are, never a row.</summary>
    CountsOnly,

    /// <summary>Nothing. Somebody thought of it and said no, where without a rule nobody has.</summary>
    Deny,
}
