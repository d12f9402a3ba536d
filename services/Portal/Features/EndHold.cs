namespace Personalization.Portal.Features;

/// <summary>An officer ends a legal hold: what nothing else justifies is erased then.</summary>
internal static class EndHold
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapPost("/staff/holds/{holdId}/end", HandleAsync);

    private static async Task<IResult> HandleAsync(string holdId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken) =>
        (await retention.EndHoldAsync(visitor.Session!, holdId, cancellationToken)).Problem is { } problem ? Page.Of(problem) : Page.SeeOther("/staff/holds");
}
