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
        .WithSummary("The model of the answering instance");

    /// <param name="Version">Differs whenever the content does, and between instances.</param>
    /// <param name="Items">Items in the matrix.</param>
    /// <param name="Persons">Persons in the model.</param>
    /// <param name="BuiltAt">When this instance had taken in all histories; absent until then.</param>
    public sealed record Response(string Version, int Items, int Persons, DateTimeOffset? BuiltAt);

    private static async Task<Ok<Response>> HandleAsync(ServedModel served, ItemModel model, CancellationToken cancellationToken)
    {
        await served.CatchUpAsync(cancellationToken);
        var content = model.Content;
        return TypedResults.Ok(new Response(content.Version, content.Items, content.Persons, served.BuiltAt));
    }
}
