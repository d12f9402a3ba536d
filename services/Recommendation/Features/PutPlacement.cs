using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Declares what may be shown in a placement. In force for the next answer of every instance.</summary>
public static class PutPlacement
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/placements/{id}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator)
        .ShowsNobody()
        .WithSummary("Declare a placement")
        .WithDescription("limit, allowedTopics, excludedTopics, allowSensitive, explorationShare, diversity; each may be left out. The placement default is that of requests that name none.");

    private static async Task<Results<Ok<Placement>, ProblemHttpResult>> HandleAsync(
        string id, Placement content, DocumentSession session, CancellationToken cancellationToken)
    {
        var placement = content with { Id = id };
        var flaw = content.Id.Length > 0 && content.Id != id ? "The id is not the one in the path." : placement.Flaw();
        if (flaw is not null) return Problems.Of(StatusCodes.Status400BadRequest, "bad-placement", "The placement could not be taken.", flaw);
        await session.LoadAsync<Placement>(id, cancellationToken);
        session.Store(placement);
        return TypedResults.Ok(placement);
    }
}
