using Microsoft.AspNetCore.Mvc;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>An officer reads an objection, which is on record, and answers it. An answer stands.</summary>
internal static class AnswerObjection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/objections/{objectionId}", (string objectionId, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken) =>
            ShowAsync(objectionId, new AnswerForm(), null, visitor, retention, consent, cancellationToken));
        pages.MapPost("/staff/objections/{objectionId}", HandleAsync).DisableAntiforgery();
    }

    // With what was written already: nobody writes an answer twice.
    private static async Task<IResult> ShowAsync(
        string objectionId, AnswerForm form, Problem? problem, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        var (objection, purposes) = (retention.ObjectionAsync(visitor.Session!, objectionId, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await objection).Problem is { } refused
            ? Page.Of(refused)
            : Page.Of<AnswerPage, AnswerModel>(new AnswerModel((await objection).Value!, (await purposes).Value?.All ?? [], form, problem?.Slug), problem?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<IResult> HandleAsync(
        string objectionId, [FromForm] AnswerForm form, Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        var resolved = await retention.ResolveAsync(visitor.Session!, objectionId, form.Outcome == "upheld" ? "upheld" : "rejected", form.Answer?.Trim() ?? "", cancellationToken);
        return resolved.Problem switch
        {
            null => Page.SeeOther($"/staff/objections/{Uri.EscapeDataString(objectionId)}"),
            { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound } problem => Page.Of(problem),
            var problem => await ShowAsync(objectionId, form, problem, visitor, retention, consent, cancellationToken),
        };
    }
}

/// <summary>What the form says.</summary>
public sealed record AnswerForm
{
    /// <summary><c>upheld</c> or <c>rejected</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>The answer to the person.</summary>
    public string? Answer { get; init; }
}
