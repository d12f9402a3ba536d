namespace Personalization.Contracts.Retention;

/// <summary>
/// Published when a demand to be forgotten was taken back while it could be: nothing was erased for it, no participant was told, and there is no certificate.
/// What is still permitted is used again as soon as the restriction that the demand brought is lifted.
/// </summary>
public sealed record ErasureCancelled
{
    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The role of who cancelled it: <c>subject</c>, or <c>product</c>, <c>officer</c> or <c>operator</c> on the person's behalf.</summary>
    public required string CancelledBy { get; init; }

    /// <summary>When it was demanded, UTC.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CancelledAt { get; init; }
}
