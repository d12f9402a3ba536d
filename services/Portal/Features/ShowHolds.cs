using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Legal holds, those that stand and those that ended; whose data they keep isn't said.</summary>
internal static class ShowHolds
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/holds", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, CancellationToken cancellationToken, string? after = null)
    {
        var holds = await retention.HoldsAsync(visitor.Session!, after, cancellationToken);
        return holds.Problem is { } problem ? Page.Of(problem) : Page.Of<HoldsPage, Items<LegalHold>>(holds.Value!);
    }
}
