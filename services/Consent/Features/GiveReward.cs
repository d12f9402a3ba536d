using System.Buffers.Text;
using System.Security.Cryptography;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A reward in the answer to a decision.</summary>
/// <param name="GrantId">Names what was given, to this person alone.</param>
/// <param name="RewardId">The reward.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Code">What a discount is redeemed with.</param>
/// <param name="GrantedAt">UTC.</param>
/// <param name="IsNew">Given by this decision; false: it was theirs already.</param>
public sealed record DecisionReward(string GrantId, string RewardId, RewardKind Kind, string? Code, DateTimeOffset GrantedAt, bool IsNew);

/// <summary>
/// A thank-you for openness: given in the write of the grant that earns it, once per person and reward. Whoever agreed before there was the
/// reward gets it by agreeing once more, so that nobody has to revoke for it.
/// </summary>
internal static class GiveReward
{
    // Twenty signs that are not mistaken for each other, as Open Location Code chose them, and without vowels, so that no word comes about. 69 bits.
    private const string Signs = "23456789CFGHJMPQRVWX";
    private const int CodeLength = 16;

    /// <summary>What to read ahead for a grant of the purpose.</summary>
    public static DocumentKey[] KeysOf(DocumentSession session, string subjectRef, Purpose? purpose) =>
        purpose?.Reward is { } reward ? [session.Key<RewardGrant>(RewardGrant.IdOf(subjectRef, reward.Id))] : [];

    /// <summary>Gives what the purpose promises, if it promises something and the subject, in this state, grants it.</summary>
    public static async Task<IReadOnlyList<DecisionReward>> ForAsync(
        DocumentSession session, Purpose purpose, ConsentRecord record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (purpose.Reward is not { } reward || !record.IsGranted(purpose.Id)) return [];
        var known = await session.LoadAsync<RewardGrant>(RewardGrant.IdOf(record.Id, reward.Id), cancellationToken);
        if (known is not null)
        {
            // Back again: it is kept as long as they stay.
            if (known.LeftAt is not null) session.Store(known with { LeftAt = null });
            return [Of(known, isNew: false)];
        }

        var given = new RewardGrant
        {
            GrantId = "rw_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            SubjectRef = record.Id,
            Epoch = record.Epoch,
            RewardId = reward.Id,
            Kind = reward.Kind,
            Purpose = purpose.Id,
            Code = reward.Kind == RewardKind.DiscountCode ? NewCode() : null,
            GrantedAt = now,
        };
        session.Store(given);
        session.Publish(new RewardGranted
        {
            GrantId = given.GrantId,
            RewardId = given.RewardId,
            Kind = System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(given.Kind.ToString()),
            SubjectRef = given.SubjectRef,
            Epoch = given.Epoch,
            Purpose = given.Purpose,
            GrantedAt = given.GrantedAt,
        });
        return [Of(given, isNew: true)];
    }

    private static DecisionReward Of(RewardGrant grant, bool isNew) => new(grant.GrantId, grant.RewardId, grant.Kind, grant.Code, grant.GrantedAt, isNew);

    private static string NewCode() => string.Join('-', RandomNumberGenerator.GetString(Signs, CodeLength).Chunk(4).Select(group => new string(group)));
}
