namespace Personalization.Portal.Features;

/// <summary>An officer lifts a restriction, when its reason is over.</summary>
internal static class LiftRestriction
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapPost("/staff/restrictions/{restrictionId}/lift", HandleAsync);

    private static async Task<IResult> HandleAsync(string restrictionId, Visitor visitor, ConsentClient consent, CancellationToken cancellationToken) =>
        (await consent.LiftAsync(visitor.Session!, restrictionId, cancellationToken)).Problem is { } problem ? Page.Of(problem) : Page.SeeOther("/staff/holds");
}
