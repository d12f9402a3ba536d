namespace Personalization.Contracts.Audit;

/// <summary>
/// Published when a service announced another data map than before, or its first. About nobody. How many documents there are is no change.
/// </summary>
public sealed record DataMapChanged
{
    /// <summary>The service.</summary>
    public required string Participant { get; init; }

    /// <summary>When it announced it, UTC.</summary>
    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>What differs; of a first map, that it is there.</summary>
    public required IReadOnlyList<DataMapDifference> Differences { get; init; }

    /// <summary>Lower-case hex SHA-256 of the canonical JSON of the new map without counts and times: proves later what it said.</summary>
    public required string Fingerprint { get; init; }
}

/// <summary>One thing that differs.</summary>
public sealed record DataMapDifference
{
    /// <summary>The collection as <c>store/name</c>; or <c>purposes</c>, <c>retentionRules</c>, <c>parties</c>, <c>region</c>; or <c>map</c>: there was none before.</summary>
    public required string Of { get; init; }

    /// <summary>What happened to it.</summary>
    public required DifferenceKind Kind { get; init; }

    /// <summary>Of a change: the members that differ, <c>data</c> or <c>keeping</c> for example.</summary>
    public required IReadOnlyList<string> Members { get; init; }
}

/// <summary>What happened to a part of a map.</summary>
public enum DifferenceKind
{
    /// <summary>It wasn't there before.</summary>
    Added,

    /// <summary>It isn't there any more.</summary>
    Removed,

    /// <summary>It says something else.</summary>
    Changed,
}
