namespace Personalization.Contracts.Profile;

/// <summary>Published by Profile when a person no longer belongs to a segment: by what they did, by time, by another rule, or because they took consent back.</summary>
public sealed record SegmentLeft
{
    /// <summary>The segment.</summary>
    public required string SegmentId { get; init; }

    /// <summary>The one purpose that the segment was for.</summary>
    public required string Purpose { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch of the data that the membership followed from.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version of the subject at that moment: an entering found with an older one is over, however late it comes.</summary>
    public required long ConsentVersion { get; init; }

    /// <summary>When it was found, UTC; later than the entering that it ends.</summary>
    public required DateTimeOffset LeftAt { get; init; }
}
