namespace Personalization.Contracts.Retention;

/// <summary>Published when an objection was answered: by an officer, or at once where the law leaves nothing to decide (direct marketing).</summary>
public sealed record ObjectionResolved
{
    /// <summary>The objection.</summary>
    public required string ObjectionId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary><c>upheld</c> or <c>rejected</c>.</summary>
    public required string Outcome { get; init; }

    /// <summary>Purposes that were revoked for it.</summary>
    public required IReadOnlyList<string> Revoked { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ResolvedAt { get; init; }
}
