using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>An officer reads an objection, which is on record, and answers it. An answer stands.</summary>
internal static class AnswerObjection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/objections/{objectionId}", ShowAsync);
        pages.MapPost("/staff/objections/{objectionId}", HandleAsync).DisableAntiforgery();
    }

    private static async Task<IResult> ShowAsync(string objectionId, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken, string? problem = null)
    {
        var (objection, purposes) = (retention.ObjectionAsync(visitor.Session!, objectionId, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await objection).Problem is { } refused ? Page.Of(refused) : Page.Of<AnswerPage, AnswerModel>(new AnswerModel((await objection).Value!, (await purposes).Value?.All ?? [], problem));
    }

    private static async Task<IResult> HandleAsync(
        string objectionId, [FromForm] string outcome, [FromForm] string answer, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var resolved = await retention.ResolveAsync(visitor.Session!, objectionId, outcome == "upheld" ? "upheld" : "rejected", answer.Trim(), cancellationToken);
        var page = $"/staff/objections/{Uri.EscapeDataString(objectionId)}";
        return resolved.Problem switch
        {
            null => Page.SeeOther(page),
            { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound } problem => Page.Of(problem),
            var problem => Page.SeeOther($"{page}?problem={Uri.EscapeDataString(problem.Slug)}"),
        };
    }
}
