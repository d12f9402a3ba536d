namespace Personalization.Profile.Domain;

/// <summary>What the law keeps of a person's data that is to go: by legal holds on this person, and by retention rules that freeze.</summary>
/// <param name="Holds">The holds on this person's data.</param>
/// <param name="Rules">The rules.</param>
/// <param name="Since">What a rule's freezing is counted from: when the consent, or the time of keeping, ended, UTC.</param>
/// <param name="Now">The current time.</param>
public sealed record LegalKeeping(KnownLegalHolds Holds, RetentionRules Rules, DateTimeOffset Since, DateTimeOffset Now)
{
    /// <summary>What keeps data of a category that is no longer kept for these purposes.</summary>
    /// <param name="category">The category of data.</param>
    /// <param name="purposes">What it goes for.</param>
    /// <param name="isWhole">Whether it is kept for no other purpose: a hold on any purpose has nothing to keep before.</param>
    public KeptByLaw Of(string category, IReadOnlyList<string> purposes, bool isWhole)
    {
        var isOnHold = Holds.On(category, purposes).Any(hold => isWhole || hold.Purposes is not null);
        var longest = Rules.LongestFreezing(category, purposes);
        return longest is not null && Since.AddDays(longest.FreezeDays!.Value) is var until && until > Now
            ? new KeptByLaw(isOnHold, Since, until, longest.LegalBasis)
            : new KeptByLaw(isOnHold);
    }
}

/// <summary>What keeps something.</summary>
/// <param name="IsOnHold">Whether a legal hold does.</param>
/// <param name="FrozenSince">From when a retention rule does, UTC; null: none does.</param>
/// <param name="FrozenUntil">Until when a retention rule does, UTC; null: none does.</param>
/// <param name="LegalBasis">The law by which the rule does.</param>
public readonly record struct KeptByLaw(bool IsOnHold, DateTimeOffset? FrozenSince = null, DateTimeOffset? FrozenUntil = null, string? LegalBasis = null)
{
    /// <summary>Whether anything does.</summary>
    public bool Keeps => IsOnHold || FrozenUntil is not null;
}
