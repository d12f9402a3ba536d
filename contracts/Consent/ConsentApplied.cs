namespace Personalization.Contracts.Consent;

/// <summary>Published by a serving service when its gate holds that version of a subject's consent: nothing it starts later uses what was narrowed up to that version.</summary>
public sealed record ConsentApplied
{
    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The consent version that the service's gate holds.</summary>
    public required long Version { get; init; }

    /// <summary>The service, as the deployment's list names it.</summary>
    public required string Service { get; init; }

    /// <summary>When it was applied, by the service's clock, UTC.</summary>
    public required DateTimeOffset AppliedAt { get; init; }
}
