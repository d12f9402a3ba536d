using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>What is recommended to a person, and why exactly that.</summary>
internal static class ShowReasons
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/why", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RecommendationClient recommendation, CancellationToken cancellationToken, string? done = null, string? problem = null)
    {
        var recommended = await recommendation.RecommendAsync(visitor.Session!, visitor.Language, cancellationToken);
        return recommended.Problem is { } refused ? Page.Of(refused) : Page.Of<ReasonsPage, ReasonsModel>(new ReasonsModel(recommended.Value!, done, problem));
    }
}
