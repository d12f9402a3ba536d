namespace Personalization.Contracts.Audit;

/// <summary>Published once when a notice of an incident is due soon, and once when its time is over and it isn't sent. About nobody.</summary>
public sealed record IncidentNoticeAwaited
{
    /// <summary>The incident.</summary>
    public required string IncidentId { get; init; }

    /// <summary><c>authority-first</c>, <c>authority-result</c> or <c>gdpr</c>.</summary>
    public required string Notice { get; init; }

    /// <summary>By when it has to be sent, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }

    /// <summary>Whether that is over.</summary>
    public required bool IsOverdue { get; init; }
}
