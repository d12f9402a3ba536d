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
        .WithSummary("Behavioural groups, small ones left out");

    private static async Task<Ok<GroupsAnswer>> HandleAsync(DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new GroupsAnswer(await session.QueryAsync<GroupModel>("purpose", cancellationToken: cancellationToken), null));
}
