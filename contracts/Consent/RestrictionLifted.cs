namespace Personalization.Contracts.Consent;

/// <summary>Published with the change of consent that lifts a restriction: what may be used again is in that change's <see cref="ConsentGranted"/>; nobody has to act on this.</summary>
public sealed record RestrictionLifted
{
    /// <summary>The restriction.</summary>
    public required string RestrictionId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The consent version that lifted it.</summary>
    public required long Version { get; init; }

    /// <summary>The role of who lifted it, as in <see cref="UseRestricted.PlacedBy"/>; null: its time was over.</summary>
    public string? LiftedBy { get; init; }

    /// <summary>Of an officer, a keyed hash of who.</summary>
    public string? Officer { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset LiftedAt { get; init; }
}
