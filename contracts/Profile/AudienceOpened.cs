namespace Personalization.Contracts.Profile;

/// <summary>Published by Profile before the first customer id of an audience is handed out: what a product service asked for, and on what consents it rests. Names nobody.</summary>
public sealed record AudienceOpened
{
    /// <summary>The segment.</summary>
    public required string SegmentId { get; init; }

    /// <summary>The version of its rule.</summary>
    public required int SegmentVersion { get; init; }

    /// <summary>The one purpose it may be used for.</summary>
    public required string Purpose { get; init; }

    /// <summary>Where it is to be used.</summary>
    public required string Channel { get; init; }

    /// <summary>Every consent up to this number of the stream was respected.</summary>
    public required long ConsentNumber { get; init; }

    /// <summary>Whether it goes on where an earlier one was cut.</summary>
    public required bool IsResumed { get; init; }

    /// <summary>When it was opened, UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Nobody uses it from then on, UTC.</summary>
    public required DateTimeOffset UsableUntil { get; init; }
}
