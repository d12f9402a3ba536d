using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A reward stays the person's through an erasure, under its own key: that it would go would be a price of withdrawing. The receipt says so, and until when.</summary>
internal static class KeepRewardsInErasure
{
    public static async Task<RetainedData?> KeepAsync(EraseSubject command, DocumentSession session, int years, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = (await RewardsAsync(session, command.SubjectRef, cancellationToken)).Where(grant => grant.Epoch <= command.Epoch).ToArray();
        if (kept.Length == 0) return null;
        if (command.WholeEpoch)
        {
            foreach (var grant in kept.Where(grant => grant.LeftAt is null)) session.Store(grant with { LeftAt = now });
        }

        return new RetainedData
        {
            Store = "reward_grants",
            Category = "reward",
            Count = kept.Length,
            Reason = RetainedReasons.Reward.En,
            Until = command.WholeEpoch ? now.AddYears(years) : null,
        };
    }

    /// <summary>Every reward of a subject.</summary>
    public static Task<IReadOnlyList<RewardGrant>> RewardsAsync(DocumentSession session, string subjectRef, CancellationToken cancellationToken) =>
        session.QueryAsync<RewardGrant>("place", after: SubjectIndex.Before(subjectRef), atMost: RewardGrant.Last(subjectRef), cancellationToken: cancellationToken);
}
