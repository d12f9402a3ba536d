using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How long data is kept, by purpose and category.</summary>
internal static class ShowRules
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/rules", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, ConsentClient consent, CancellationToken cancellationToken)
    {
        var (rules, purposes) = (retention.RulesAsync(visitor.Session!, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await rules).Problem is { } problem ? Page.Of(problem) : Page.Of<RulesPage, RulesModel>(new RulesModel((await rules).Value!, (await purposes).Value?.All ?? []));
    }
}
