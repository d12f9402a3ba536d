namespace Personalization.Contracts.Retention;

/// <summary>Published when an export lies ready for the person, whole or with what is missing named in it. It proves that the request was answered in time.</summary>
public sealed record ExportCompleted
{
    /// <summary>The export.</summary>
    public required string ExportId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>Participants whose part is missing; empty: it is whole.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>By when it had to be answered, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset CompletedAt { get; init; }
}
