using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Behavioural groups, by purpose.</summary>
public sealed record GroupsAnswer(IReadOnlyList<GroupModel> Items, string? Next);

/// <summary>How people behave, in groups that say nothing about anybody.</summary>
internal static class ListGroups
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/groups", HandleAsync)
        .AllowRoles(Roles.Marketer, Roles.Operator, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Behavioural groups, small ones left out")
        .WithDescription(
            "For each purpose that a segment is declared for. reason says why there are none: not-learnt-yet, too-few-people, nothing-stands-apart or groups-too-small.");

    private static async Task<Ok<GroupsAnswer>> HandleAsync(DocumentSession session, CancellationToken cancellationToken)
    {
        var learnt = await session.QueryAsync<GroupModel>("purpose", cancellationToken: cancellationToken);
        var purposes = (await session.SegmentsAsync(cancellationToken)).Select(segment => segment.Purpose).Distinct().Except(learnt.Select(model => model.Purpose));
        GroupModel[] all = [.. learnt, .. purposes.Select(purpose => new GroupModel { Purpose = purpose, Reason = GroupModel.NotLearntYet, Groups = [] })];
        return TypedResults.Ok(new GroupsAnswer([.. all.OrderBy(model => model.Purpose, StringComparer.Ordinal)], null));
    }
}
