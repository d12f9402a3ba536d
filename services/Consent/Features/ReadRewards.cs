using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>A person's rewards.</summary>
public sealed record RewardsAnswer(IReadOnlyList<GivenReward> Items, string? Next);

/// <summary>A reward that was given.</summary>
/// <param name="GrantId">Names what was given, to this person alone.</param>
/// <param name="RewardId">The reward.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Purpose">The purpose whose grant earned it.</param>
/// <param name="Code">What a discount is redeemed with.</param>
/// <param name="GrantedAt">UTC.</param>
public sealed record GivenReward(string GrantId, string RewardId, RewardKind Kind, string Purpose, string? Code, DateTimeOffset GrantedAt);

/// <summary>What a person was given for openness; theirs whatever they decided since.</summary>
internal static class ReadRewards
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents/{customerId}/rewards", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject)
        .WithSummary("A person's rewards for openness");

    private static async Task<Results<Ok<RewardsAnswer>, ProblemHttpResult>> HandleAsync(
        string customerId, DocumentSession session, SubjectRefs refs, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var grants = await session.QueryAsync<RewardGrant>("place", after: SubjectIndex.Before(subject), atMost: RewardGrant.Last(subject), cancellationToken: cancellationToken);
        return TypedResults.Ok(new RewardsAnswer(
            [.. grants.OrderBy(grant => grant.GrantedAt).Select(grant => new GivenReward(grant.GrantId, grant.RewardId, grant.Kind, grant.Purpose, grant.Code, grant.GrantedAt))], null));
    }
}
