namespace Personalization.Contracts.Retention;

/// <summary>Published once for an erasure case that still waits for somebody when its deadline is near: there is time to see to it.</summary>
public sealed record ErasureDueSoon
{
    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it erases in.</summary>
    public required int Epoch { get; init; }

    /// <summary>Why it was opened: <c>revoked</c>, <c>expired</c> or <c>requested</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>Its deadline, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Participants that haven't answered, couldn't do it or found a residue.</summary>
    public required IReadOnlyList<string> Awaiting { get; init; }
}
