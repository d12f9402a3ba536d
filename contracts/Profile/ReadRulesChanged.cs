namespace Personalization.Contracts.Profile;

/// <summary>Published when the rules were replaced that say who may read what of a person and what for.</summary>
public sealed record ReadRulesChanged
{
    /// <summary>Rises by one with each change.</summary>
    public required long Version { get; init; }

    /// <summary>All rules. What no rule allows is refused to everybody but the person.</summary>
    public required IReadOnlyList<ReadRule> Rules { get; init; }

    /// <summary>When they were replaced, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }
}

/// <summary>That a role may read data of some categories for a purpose, of those people who consent to it.</summary>
public sealed record ReadRule
{
    /// <summary>The caller's role.</summary>
    public required string Role { get; init; }

    /// <summary>The purpose of use: one that people decide on.</summary>
    public required string Purpose { get; init; }

    /// <summary>The categories of data, at least one.</summary>
    public required IReadOnlyList<string> Categories { get; init; }
}
