namespace Personalization.Contracts.Retention;

/// <summary>Published when the last expected receipt of an erasure case is in, never before.</summary>
public sealed record ErasureCompleted
{
    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it erased in.</summary>
    public required int Epoch { get; init; }

    /// <summary>The participants whose receipts closed it.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>When it closed, UTC.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>When the case was opened, UTC. Null from older publishers.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>By when the law wanted it done, UTC. Null from older publishers.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Why it was opened: <c>revoked</c>, <c>expired</c> or <c>requested</c>. Null from older publishers.</summary>
    public string? Reason { get; init; }
}
