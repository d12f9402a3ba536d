using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>What is kept and not used: legal holds, those that stand and those that ended, and restrictions that stand; whose data they are about isn't said.</summary>
internal static class ShowHolds
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/holds", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken, string? after = null)
    {
        var (holds, restrictions) = (retention.HoldsAsync(visitor.Session!, after, cancellationToken), consent.RestrictionsAsync(visitor.Session!, cancellationToken));
        return (await holds).Problem is { } unread ? Page.Of(unread)
            : (await restrictions).Problem is { } problem ? Page.Of(problem)
            : Page.Of<HoldsPage, HoldsModel>(new HoldsModel((await holds).Value!, (await restrictions).Value!.All));
    }
}
