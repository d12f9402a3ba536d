namespace Personalization.Contracts.Profile;

/// <summary>
/// Published by Profile when it stored something a recommender can learn from. A consumer uses it only while its own gate permits the
/// purpose for the category, with a grant not later than <see cref="Time"/>.
/// </summary>
public sealed record SignalRecorded
{
    /// <summary>The same for every delivery of the same customer event.</summary>
    public required string SignalId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was collected in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version it was collected under; a consumer whose gate is older brings it up to date first.</summary>
    public required long ConsentVersion { get; init; }

    /// <summary>The declared event type.</summary>
    public required string EventType { get; init; }

    /// <summary>The item it is about.</summary>
    public required string ItemId { get; init; }

    /// <summary>The category of data of the item field.</summary>
    public required string Category { get; init; }

    /// <summary>The declared purposes that justify it.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>How much the person liked it, in the event type's own scale; null where the event has none or its category isn't permitted.</summary>
    public double? Value { get; init; }

    /// <summary>The category of <see cref="Value"/>, which may be permitted apart from the item's.</summary>
    public string? ValueCategory { get; init; }

    /// <summary>The declared purposes that justify <see cref="Value"/>: perhaps fewer than the item's. A consumer uses the value for no other; null: for none.</summary>
    public IReadOnlyList<string>? ValuePurposes { get; init; }

    /// <summary>When it happened, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>No consumer keeps it longer, UTC.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
