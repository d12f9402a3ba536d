using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

public static class GetItem
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/items/{id}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .ShowsNobody()
        .WithSummary("An item");

    private static async Task<Results<Ok<Item>, ProblemHttpResult>> HandleAsync(string id, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<CatalogEntry>(id, cancellationToken) is { Item: { } item } ? TypedResults.Ok(item) : Problems.NotFound("item");
}
