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
}
