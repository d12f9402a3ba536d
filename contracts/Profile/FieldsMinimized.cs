namespace Personalization.Contracts.Profile;

/// <summary>
/// Published at start and then every hour for today and yesterday, where the numbers changed: what minimization kept out, and which declared fields nothing
/// uses. Of a day the newest stands for the whole of it. Counts of values, of nobody.
/// </summary>
public sealed record FieldsMinimized
{
    /// <summary>The day, UTC, of receipt.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>When it was counted, UTC.</summary>
    public required DateTimeOffset CountedAt { get; init; }

    /// <summary>Values that weren't stored, by field and reason.</summary>
    public required IReadOnlyList<FieldDropped> Dropped { get; init; }

    /// <summary>Declared fields that nothing used for so long that they may be done without.</summary>
    public required IReadOnlyList<FieldUnused> Unused { get; init; }
}

/// <summary>Values of a field that weren't stored.</summary>
public sealed record FieldDropped
{
    /// <summary>The event type; <c>(other)</c> for those that aren't named.</summary>
    public required string EventType { get; init; }

    /// <summary>The field; <c>(other)</c> for those that aren't named.</summary>
    public required string Field { get; init; }

    /// <summary>Why, a stable word.</summary>
    public required string Reason { get; init; }

    /// <summary>At least 1.</summary>
    public required long Count { get; init; }
}

/// <summary>A field that nothing uses.</summary>
public sealed record FieldUnused
{
    /// <summary>The event type.</summary>
    public required string EventType { get; init; }

    /// <summary>The field.</summary>
    public required string Field { get; init; }
}
