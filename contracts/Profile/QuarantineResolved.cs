namespace Personalization.Contracts.Profile;

/// <summary>
/// Published by Profile when an operator decided on a message that came by the bus and was no event: replayed or discarded, and why. Once for a
/// message. Names nobody, and nothing of the message.
/// </summary>
public sealed record QuarantineResolved
{
    /// <summary>Names the message; the same for every delivery of it.</summary>
    public required string MessageId { get; init; }

    /// <summary>Why it was in quarantine; a stable word.</summary>
    public required string QuarantinedFor { get; init; }

    /// <summary><c>replayed</c> or <c>discarded</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Why, in the operator's words, which hold no direct identifier.</summary>
    public required string Because { get; init; }

    /// <summary>Of a replay: what became of the event: <c>accepted</c>, <c>duplicate</c> or <c>refused</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>Of a replay that was refused: why; a stable word.</summary>
    public string? OutcomeReason { get; init; }

    /// <summary>When it was decided, UTC.</summary>
    public required DateTimeOffset ResolvedAt { get; init; }
}
