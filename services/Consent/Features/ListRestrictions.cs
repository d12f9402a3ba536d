using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>The restrictions that stand, the longest standing first: each waits for somebody to look at its reason. Names nobody.</summary>
internal static class ListRestrictions
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/restrictions", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsStaff("restrictions", ["consent", "pseudonym"], CountAsync)
        .WithSummary("The restrictions that stand");

    private static async Task<Ok<RestrictionPage>> HandleAsync(DocumentSession session, CancellationToken cancellationToken, int limit = 100, string? after = null)
    {
        limit = Math.Clamp(limit, 1, MostItems);
        var standing = await session.QueryAsync<Restriction>("place", after: after ?? "", limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new RestrictionPage([.. standing.Select(RestrictionView.Of)], standing.Count < limit ? null : standing[^1].Id));
    }

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CountAnswer(await session.CountAsync<Restriction>("place", cancellationToken: cancellationToken)));

    /// <summary>A page of them.</summary>
    /// <param name="Items">Restrictions.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record RestrictionPage(IReadOnlyList<RestrictionView> Items, string? Next);
}
