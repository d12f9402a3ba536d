using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>A person says of a reason or a recommendation: less like this, don't use this, forget this. The next recommendations heed it.</summary>
internal static class GiveFeedback
{
    private static readonly string[] Known = ["lessLike", "dontUse", "forget"];

    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/why", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync(
        [FromForm] string feedback, [FromForm] string? signal, [FromForm] string? itemId, Visitor visitor, RecommendationClient recommendation, CancellationToken cancellationToken)
    {
        if (!Known.Contains(feedback)) return Page.SeeOther("/me/why");
        var given = await recommendation.GiveFeedbackAsync(visitor.Session!, feedback, signal, signal is null ? itemId : null, cancellationToken);
        return given.Problem switch
        {
            null => Page.SeeOther($"/me/why?done={feedback}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => Page.SeeOther($"/me/why?problem={Uri.EscapeDataString(problem.Slug)}"),
        };
    }
}
