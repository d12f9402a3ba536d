namespace Personalization.Portal.Features;

/// <summary>Has a case sent again now, when what a participant failed on is mended.</summary>
internal static class RetryCase
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapPost("/staff/cases/{caseId}/retry", HandleAsync);

    private static async Task<IResult> HandleAsync(string caseId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var retried = await retention.RetryAsync(visitor.Session!, caseId, cancellationToken);
        var page = $"/staff/cases/{Uri.EscapeDataString(caseId)}";
        return retried.Problem switch
        {
            null => Page.SeeOther(page),
            { Slug: "erasure-finished" } => Page.SeeOther(page),
            { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound } problem => Page.Of(problem),
            var problem => Page.SeeOther($"{page}?problem={Uri.EscapeDataString(problem.Slug)}"),
        };
    }
}
