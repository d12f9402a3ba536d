namespace Personalization.Contracts.Consent;

/// <summary>
/// Published when a person was given a reward for openness, once per person and reward, with the decision that earned it. It stays theirs when they
/// revoke; nothing may depend on it. What the reward is redeemed with, a discount code, is never in it: <c>GET /consents/{customerId}/rewards</c> has it.
/// </summary>
public sealed record RewardGranted
{
    /// <summary>Names what was given, to this person alone.</summary>
    public required string GrantId { get; init; }

    /// <summary>The reward's id.</summary>
    public required string RewardId { get; init; }

    /// <summary><c>discountCode</c>, <c>earlyAccess</c> or <c>extraService</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The subject's epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>The purpose whose grant earned it.</summary>
    public required string Purpose { get; init; }

    /// <summary>When it was given, UTC.</summary>
    public required DateTimeOffset GrantedAt { get; init; }
}
