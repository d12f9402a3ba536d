using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>What product services send: how much is taken, what is refused or dropped and why, and which fields nothing uses.</summary>
internal static class ShowEventTypes
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/events", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ProfileClient profile, CancellationToken cancellationToken)
    {
        var types = await profile.EventTypesAsync(visitor.Session!, cancellationToken);
        if (types.Problem is { } problem) return Page.Of(problem);
        var told = await Task.WhenAll(types.Value!.All.Select(async type =>
        {
            var (stats, usage) = (profile.StatsAsync(visitor.Session!, type.Type, cancellationToken), profile.UsageAsync(visitor.Session!, type.Type, cancellationToken));
            return new EventTypeTold(type, (await stats).Value, (await usage).Value);
        }));
        return Page.Of<EventTypesPage, IReadOnlyList<EventTypeTold>>(told);
    }
}
