using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Messages that couldn't be handled and wait for an operator, and what became of those that did.</summary>
internal static class ShowQuarantine
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/quarantine", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ProfileClient profile, CancellationToken cancellationToken, string? show = null, string? after = null, string? problem = null)
    {
        var state = show == "resolved" ? show : "waiting";
        var waiting = await profile.QuarantineAsync(visitor.Session!, state, after, cancellationToken);
        return waiting.Problem is { } refused ? Page.Of(refused) : Page.Of<QuarantinePage, QuarantineModel>(new QuarantineModel(state, waiting.Value!.All, waiting.Value.Next, problem));
    }
}
