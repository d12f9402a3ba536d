namespace Personalization.Contracts.Profile;

/// <summary>
/// Published by Profile when a person came to belong to a segment. A consumer may act on it for the purpose only, only while its own gate permits that,
/// and only until <see cref="SegmentLeft"/>. Whoever erases a person forgets it, too: of somebody erased no leaving may follow.
/// </summary>
public sealed record SegmentEntered
{
    /// <summary>The segment.</summary>
    public required string SegmentId { get; init; }

    /// <summary>The version of its rule.</summary>
    public required int SegmentVersion { get; init; }

    /// <summary>The one purpose that the segment is for.</summary>
    public required string Purpose { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch of the data it follows from.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version it was found with; a consumer whose gate is older brings it up to date first.</summary>
    public required long ConsentVersion { get; init; }

    /// <summary>When it was found, UTC.</summary>
    public required DateTimeOffset EnteredAt { get; init; }
}
