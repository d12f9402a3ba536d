using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Messages that couldn't be handled and wait for an operator.</summary>
internal static class ShowQuarantine
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/quarantine", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ProfileClient profile, CancellationToken cancellationToken, string? after = null, string? problem = null)
    {
        var waiting = await profile.QuarantineAsync(visitor.Session!, after, cancellationToken);
        return waiting.Problem is { } refused ? Page.Of(refused) : Page.Of<QuarantinePage, QuarantineModel>(new QuarantineModel(waiting.Value!.All, waiting.Value.Next, problem));
    }
}
