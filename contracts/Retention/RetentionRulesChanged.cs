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

    /// <summary>Days from the starting event, at least 1; 0 for <see cref="RetentionStart.ConsentEnded"/>, because the erasure that follows doesn't wait.</summary>
    public required int KeepDays { get; init; }

    /// <summary>What the days are counted from; null: from when it was collected. Whatever it is, nothing is kept for longer than ten years after that.</summary>
    public RetentionStart? From { get; init; }

    /// <summary>What allows it to be kept so long (an article of law, a contract); null: the purpose's lawful basis.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>
    /// Days for which it is kept frozen by <see cref="LegalBasis"/> after that, or after the consent ended if that is earlier: apart, under a key of its own, used for nothing. Null: it is
    /// erased at once.
    /// </summary>
    public int? FreezeDays { get; init; }
}

/// <summary>What a retention period begins with.</summary>
public enum RetentionStart
{
    /// <summary>That it came here.</summary>
    Collected,

    /// <summary>The last event of the person that was taken.</summary>
    LastActivity,

    /// <summary>An event of a type that says that the purpose is reached.</summary>
    PurposeReached,

    /// <summary>That the person's consent ended, by their word or by time.</summary>
    ConsentEnded,
}
