namespace Personalization.Contracts.Audit;

/// <summary>Published when somebody recorded that personal data may have got where it shouldn't, and with each thing that is recorded of it later. About nobody.</summary>
public sealed record IncidentRecorded
{
    /// <summary>The incident.</summary>
    public required string IncidentId { get; init; }

    /// <summary>What was recorded: <c>incident</c>, <c>measures</c>, or the notice that was sent: <c>authority-first</c>, <c>authority-result</c>, <c>gdpr</c>.</summary>
    public required string Recorded { get; init; }

    /// <summary>When it was noticed, UTC: the clocks run from then.</summary>
    public required DateTimeOffset NoticedAt { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Lower-case hex SHA-256 of the canonical JSON of the incident as recorded: proves later what it said then.</summary>
    public required string Fingerprint { get; init; }
}
