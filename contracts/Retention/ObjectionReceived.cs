namespace Personalization.Contracts.Retention;

/// <summary>Published when somebody objected (GDPR art. 21 and 22, 152-FZ art. 15 and 16). Says what to, never in what words.</summary>
public sealed record ObjectionReceived
{
    /// <summary>The objection.</summary>
    public required string ObjectionId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary><c>decision</c>, <c>profiling</c> or <c>directMarketing</c>.</summary>
    public required string To { get; init; }

    /// <summary>Of profiling: the purpose.</summary>
    public string? Purpose { get; init; }

    /// <summary>When it came, UTC.</summary>
    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>By when it has to be answered, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }
}
