using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>What is kept and not used: legal holds, those that stand and those that ended, and restrictions that stand; whose data they are about isn't said.</summary>
internal static class ShowHolds
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/holds", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken, string? show = null, string? after = null, string? restrictionsAfter = null)
    {
        var state = show is "standing" or "ended" ? show : null;
        var (holds, restrictions, purposes) = (
            retention.HoldsAsync(visitor.Session!, state, after, cancellationToken), consent.RestrictionsAsync(visitor.Session!, restrictionsAfter, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await holds).Problem is { } unread ? Page.Of(unread)
            : (await restrictions).Problem is { } problem ? Page.Of(problem)
            : Page.Of<HoldsPage, HoldsModel>(new HoldsModel(state ?? "all", (await holds).Value!, (await restrictions).Value!, (await purposes).Value?.All ?? []));
    }
}
