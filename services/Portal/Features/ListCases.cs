using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Erasure cases: those that wait for somebody, the overdue first, or all of them.</summary>
internal static class ListCases
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/cases", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, TimeProvider time, CancellationToken cancellationToken, string show = "waiting", string? after = null)
    {
        var cases = await retention.CasesAsync(visitor.Session!, show switch { "completed" => "state=completed", "all" => "", _ => "sort=due" }, after, cancellationToken);
        return cases.Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<CasesPage, CasesModel>(new CasesModel(cases.Value!, show is "completed" or "all" ? show : "waiting", time.GetUtcNow()));
    }
}
