using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How to object, and what became of an objection of one's own.</summary>
internal static class ShowObjection
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.PersonPages();
        pages.MapGet("/me/object", AskAsync);
        pages.MapGet("/me/objections/{objectionId}", HandleAsync);
    }

    private static async Task<IResult> AskAsync(Visitor visitor, ConsentClient consent, RetentionClient retention, CancellationToken cancellationToken, string? problem = null)
    {
        var (purposes, own) = (consent.PurposesAsync(cancellationToken), retention.OwnObjectionsAsync(visitor.Session!, cancellationToken));
        return (await purposes).Problem is { } refused
            ? Page.Of(refused)
            : Page.Of<ObjectionPage, ObjectionModel>(new ObjectionModel((await purposes).Value!.All, null, problem, (await own).Value?.All));
    }

    private static async Task<IResult> HandleAsync(string objectionId, Visitor visitor, ConsentClient consent, RetentionClient retention, CancellationToken cancellationToken)
    {
        var (objection, purposes) = (retention.ObjectionAsync(visitor.Session!, objectionId, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await objection).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<ObjectionPage, ObjectionModel>(new ObjectionModel((await purposes).Value?.All ?? [], (await objection).Value, null));
    }
}
