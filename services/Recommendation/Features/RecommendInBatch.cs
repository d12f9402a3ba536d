using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Recommendations for many people at once, from one read of the store: a newsletter's, say.</summary>
public static class RecommendInBatch
{
    private const int MostCustomers = 100;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/recommendations:batch", HandleAsync)
        .AllowRoles(Roles.Product)
        .WithSummary("Recommendations for up to 100 people")
        .WithDescription("Each answer is the one that GET /recommendations/{customerId} gives at that moment, in the order asked.");

    public sealed record Request(IReadOnlyList<string> CustomerIds, int? Limit = null, string? Placement = null);

    public sealed record Response(IReadOnlyList<Recommendations> Items);

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> HandleAsync(
        Request asked, HttpRequest request, DocumentSession session, Recommender recommender, CancellationToken cancellationToken)
    {
        if (asked.CustomerIds.Count is < 1 or > MostCustomers)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-batch", "The number of customers is out of range.", $"1 to {MostCustomers}.");
        if (!asked.CustomerIds.All(SubjectRefs.IsCustomerId)) return Problems.BadCustomerId();
        if (asked.Limit is < 1 or > Placement.MostItems) return GetRecommendations.BadLimit();
        return await recommender.AnswerAsync(asked.CustomerIds, asked.Placement, asked.Limit, ReasonTexts.Of(request), session, cancellationToken) is { } answers
            ? TypedResults.Ok(new Response([.. answers.Select(answer => answer.Content)]))
            : GetRecommendations.UnknownPlacement();
    }
}
