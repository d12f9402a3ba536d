using Microsoft.AspNetCore.Mvc;

namespace Personalization.Portal.Features;

/// <summary>A person demands to be forgotten. There is no way back, so they say twice that they mean it.</summary>
internal static class ForgetMe
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/forget", HandleAsync).DisableAntiforgery();

    private static async Task<IResult> HandleAsync([FromForm] string? sure, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        if (sure is null) return Page.SeeOther("/me/forget?problem=not-sure");
        var demanded = await retention.ForgetAsync(visitor.Session!, cancellationToken);
        return demanded.Problem switch
        {
            null => Page.SeeOther($"/me/erasures/{Uri.EscapeDataString(demanded.Value!.CaseId)}"),
            { Status: StatusCodes.Status401Unauthorized } => Page.SignInFirst(),
            var problem => Page.SeeOther($"/me/forget?problem={Uri.EscapeDataString(problem.Slug)}"),
        };
    }
}
