using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>A person has their data kept and not used, or used again.</summary>
internal static class RestrictMyData
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.PersonPages();
        pages.MapPost("/me/restrictions", RestrictAsync).DisableAntiforgery();
        pages.MapPost("/me/restrictions/{restrictionId}/lift", LiftAsync);
    }

    private static async Task<IResult> RestrictAsync([FromForm] string reason, Visitor visitor, ConsentClient consent, CancellationToken cancellationToken) =>
        AnswerTo((await consent.RestrictAsync(visitor.Session!, reason, cancellationToken)).Problem);

    private static async Task<IResult> LiftAsync(string restrictionId, Visitor visitor, ConsentClient consent, CancellationToken cancellationToken) =>
        AnswerTo((await consent.LiftAsync(visitor.Session!, restrictionId, cancellationToken)).Problem);

    private static IResult AnswerTo(Problem? problem) => problem switch
    {
        null => Page.SeeOther("/me#restrictions"),
        { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
        _ => Page.SeeOther($"/me?problem={Uri.EscapeDataString(problem.Slug)}"),
    };
}
