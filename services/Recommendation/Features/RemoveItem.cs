using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Takes an item out of the catalogue: no answer recommends it any more, whatever people like.</summary>
public static class RemoveItem
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapDelete("/items/{id}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .ShowsNobody()
        .WithSummary("Remove an item");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string id, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<CatalogEntry>(id, cancellationToken) is not { Item: not null } entry) return Problems.NotFound("item");
        session.Store(entry with { Item = null, ChangedAt = time.GetUtcNow() });
        return TypedResults.NoContent();
    }
}
