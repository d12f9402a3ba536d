namespace Personalization.Contracts.Retention;

/// <summary>
/// Published when Retention refused what came as a receipt: somebody spoke for a participant, or about another case. The case waits on; the
/// participant is asked again. Whoever reads this looks for the cause: a key that isn't trusted, a store that was restored, an intruder.
/// </summary>
public sealed record ErasureReceiptRefused
{
    /// <summary>The case it was about; null if it named none that is known.</summary>
    public string? CaseId { get; init; }

    /// <summary>The participant it claims to be from; null if the deployment has none of that name.</summary>
    public string? Participant { get; init; }

    /// <summary><c>unsigned</c>, <c>unknown-key</c>, <c>wrong-signer</c>, <c>changed</c>, <c>mismatch</c>, <c>unknown-case</c>, <c>unreadable</c> or <c>not-handled</c>.</summary>
    public required string Problem { get; init; }

    /// <summary>Lower-case hex SHA-256 of the message as it came, which tells it from others without repeating it.</summary>
    public required string Digest { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset RefusedAt { get; init; }
}
