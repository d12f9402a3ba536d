using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>What the answering instance's model is made of.</summary>
public static class GetModel
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/recommendations/model", HandleAsync)
        .AllowRoles(Roles.Operator)
        .ShowsNobody()
        .WithSummary("The model of the answering instance");

    /// <param name="Version">Differs whenever the content does, and between instances.</param>
    /// <param name="Algorithm">ease, or item-knn for a catalogue beyond the dense limit.</param>
    /// <param name="Lambda">The regularization of ease.</param>
    /// <param name="PopularityDiscount">The power of an item's popularity that ease's weights for it are divided by.</param>
    /// <param name="RecencyDecay">The power of a liking's rank in its person's history, from the newest, that ease divides its weight by.</param>
    /// <param name="Items">Items in the model.</param>
    /// <param name="Persons">Persons whose likings it is made of.</param>
    /// <param name="Unreadable">Persons who are not in it because their history is not what was written.</param>
    /// <param name="SolvedAt">When it was solved last; absent until then.</param>
    /// <param name="SolveSeconds">How long that took, with the choice of lambda, the discount and the decay.</param>
    /// <param name="Inversions">Matrices inverted for it: one if lambda, the discount and the decay were kept from the solution before, more if they were chosen. 0 with item-knn.</param>
    /// <param name="SolvingSince">When the next solution began; absent while none is in the making.</param>
    /// <param name="Validation">How lambda, the discount and the decay were chosen; absent when lambda is set, or too few persons are there to choose by.</param>
    public sealed record Response(
        string Version, string Algorithm, double? Lambda, double? PopularityDiscount, double? RecencyDecay, int Items, int Persons, int Unreadable, DateTimeOffset? SolvedAt, double? SolveSeconds, int Inversions, DateTimeOffset? SolvingSince, Validation? Validation);

    /// <param name="Metric">The figure's name.</param>
    /// <param name="Value">The greatest, that of what was chosen.</param>
    /// <param name="Popular">That of recommending to everybody what most persons like.</param>
    /// <param name="Persons">Persons whose newest fifth of likings was looked for in a model without it.</param>
    public sealed record Validation(string Metric, double Value, double? Popular, int Persons);

    private static async Task<Ok<Response>> HandleAsync(ServedModel served, ItemModel model, RecommendationTelemetry telemetry, CancellationToken cancellationToken)
    {
        await served.CatchUpAsync(cancellationToken);
        var content = model.Content;
        return TypedResults.Ok(new Response(
            content.Version,
            content.Algorithm,
            content.Lambda,
            content.Discount,
            content.Decay,
            content.Items,
            content.Persons,
            telemetry.Unreadable,
            served.LastSolution?.At,
            served.LastSolution?.Took.TotalSeconds,
            content.Inversions,
            served.SolvingSince,
            content.Validation is { } ndcg ? new Validation("NDCG@10", ndcg, content.PopularValidation, content.ValidationPersons) : null));
    }
}
