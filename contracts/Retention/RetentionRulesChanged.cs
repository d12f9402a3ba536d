namespace Personalization.Contracts.Retention;

/// <summary>Published when the retention rules were replaced. A consumer takes the newest version and ignores older ones.</summary>
public sealed record RetentionRulesChanged
{
    /// <summary>Rises by one with each change.</summary>
    public required long Version { get; init; }

    /// <summary>All rules. What no rule covers must not be stored.</summary>
    public required IReadOnlyList<RetentionRule> Rules { get; init; }
}

/// <summary>How long data of a category may be kept for a purpose.</summary>
public sealed record RetentionRule
{
    /// <summary>The purpose's id.</summary>
    public required string Purpose { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }

    /// <summary>Days from receipt, at least 1.</summary>
    public required int KeepDays { get; init; }

    /// <summary>What allows it to be kept so long (an article of law, a contract); null: the purpose's lawful basis.</summary>
    public string? LegalBasis { get; init; }
}
