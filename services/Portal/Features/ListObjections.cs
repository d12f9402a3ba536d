using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>The officer's queue of objections, due first.</summary>
internal static class ListObjections
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/objections", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken, string state = "open", string? after = null)
    {
        var shown = state == "resolved" ? state : "open";
        var (objections, purposes) = (retention.ObjectionsAsync(visitor.Session!, shown, after, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await objections).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<ObjectionsPage, ObjectionsModel>(new ObjectionsModel((await objections).Value!, shown, (await purposes).Value?.All ?? []));
    }
}
