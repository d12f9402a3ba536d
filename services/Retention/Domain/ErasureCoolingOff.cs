namespace Personalization.Retention.Domain;

/// <summary>The time in which a demand to be forgotten may be taken back: nothing of the person is used meanwhile, and nothing is erased.</summary>
public sealed record ErasureCoolingOff
{
    /// <summary>The restriction in Consent that keeps the person's data from use: a version 7 UUID.</summary>
    public required string RestrictionId { get; init; }

    /// <summary>From then on it can't be cancelled, UTC.</summary>
    public required DateTimeOffset Until { get; init; }

    /// <summary>When it was taken up, UTC; null while it may be cancelled, and if it was.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was cancelled, UTC; null: it wasn't.</summary>
    public DateTimeOffset? CancelledAt { get; init; }

    /// <summary>What Consent revoked when it was carried out, so that what is permitted afterwards isn't revoked too; null until then.</summary>
    public RevokedConsents? Revoked { get; init; }

    /// <summary>The case of the revocation that the demand led to, which goes on in its place; null until then.</summary>
    public string? ContinuedAs { get; init; }

    /// <summary>When there is something to do next, UTC: take it up, or lift the restriction. Null: nothing is left to do.</summary>
    public DateTimeOffset? NextAt { get; init; }
}
