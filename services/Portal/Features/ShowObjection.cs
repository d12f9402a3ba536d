using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How to object, and what became of an objection of one's own.</summary>
internal static class ShowObjection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.PersonPages();
        pages.MapGet("/me/object", (Visitor visitor, ConsentClient consent, RetentionClient retention, CancellationToken cancellationToken) => AskAsync(new ObjectionForm(), null, visitor, consent, retention, cancellationToken));
        pages.MapGet("/me/objections/{objectionId}", HandleAsync);
    }

    /// <summary>The form, with what was written already.</summary>
    internal static async Task<IResult> AskAsync(ObjectionForm form, Problem? problem, Visitor visitor, ConsentClient consent, RetentionClient retention, CancellationToken cancellationToken)
    {
        var (purposes, own) = (consent.PurposesAsync(cancellationToken), retention.OwnObjectionsAsync(visitor.Session!, cancellationToken));
        return (await purposes).Problem is { } refused
            ? Page.Of(refused)
            : Page.Of<ObjectionPage, ObjectionModel>(new ObjectionModel((await purposes).Value!.All, null, form, problem?.Slug, (await own).Value?.All), problem?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<IResult> HandleAsync(string objectionId, Visitor visitor, ConsentClient consent, RetentionClient retention, CancellationToken cancellationToken)
    {
        var (objection, purposes) = (retention.ObjectionAsync(visitor.Session!, objectionId, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await objection).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<ObjectionPage, ObjectionModel>(new ObjectionModel((await purposes).Value?.All ?? [], (await objection).Value));
    }
}
