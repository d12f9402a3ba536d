using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

public static class GetRecommendations
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/recommendations/{customerId}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Operator, Roles.Subject)
        .ShowsStaff("recommendations", ["signal"])
        .WithSummary("Recommendations for a person, with reasons")
        .WithDescription("Reasons are in the language of ?language= or Accept-Language: ru or en. placement: one that was declared; its rules apply.");

    private static async Task<Results<Ok<Recommendations>, ProblemHttpResult>> HandleAsync(
        string customerId, int? limit, string? placement, HttpRequest request, DocumentSession session, Recommender recommender, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (limit is < 1 or > Placement.MostItems) return BadLimit();
        return await recommender.AnswerAsync([customerId], placement, limit, ReasonTexts.Of(request), session, cancellationToken) is [var answer]
            ? TypedResults.Ok(answer)
            : UnknownPlacement();
    }

    internal static ProblemHttpResult BadLimit() =>
        Problems.Of(StatusCodes.Status400BadRequest, "bad-limit", "The limit is out of range.", $"1 to {Placement.MostItems}; the placement's if left out.");

    internal static ProblemHttpResult UnknownPlacement() =>
        Problems.Of(StatusCodes.Status400BadRequest, "unknown-placement", "There is no such placement.", "Declare it with PUT /placements/{id}, or name none.");
}
