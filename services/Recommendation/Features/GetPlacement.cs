using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

public static class GetPlacement
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/placements/{id}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .ShowsNobody()
        .WithSummary("A placement");

    private static async Task<Results<Ok<Placement>, ProblemHttpResult>> HandleAsync(string id, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<Placement>(id, cancellationToken) is { } placement ? TypedResults.Ok(placement) : Problems.NotFound("placement");
}
