using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Segments and behavioural groups with how many people are in them, and never who.</summary>
internal static class ShowGroups
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/groups", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ProfileClient profile, ConsentClient consent, CancellationToken cancellationToken)
    {
        var (segments, groups, purposes) = (
            profile.SegmentsAsync(visitor.Session!, cancellationToken), profile.GroupsAsync(visitor.Session!, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await segments).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<GroupsPage, GroupsModel>(new GroupsModel((await segments).Value!.All, (await groups).Value?.All ?? [], (await purposes).Value?.All ?? []));
    }
}
