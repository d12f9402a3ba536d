using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>What personal data brings, beside what is owed to the people it is of.</summary>
internal static class ShowBalance
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/balance", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ServiceFigures figures, ConsentClient consent, ProfileClient profile, CancellationToken cancellationToken)
    {
        var session = visitor.Session!;
        var (asked, reported, purposes, types) = (
            figures.ReadAsync(session, cancellationToken), consent.ReportAsync(session, null, cancellationToken), consent.PurposesAsync(cancellationToken),
            profile.EventTypesAsync(session, cancellationToken));
        var (services, refusal) = await asked;
        if (refusal is not null) return Page.Of(refusal);
        if ((await reported).Problem is { } problem) return Page.Of(problem);

        // Nobody is told that there is nothing unused when it couldn't be asked.
        var usages = (await types).Value is { } declared ? await Task.WhenAll(declared.All.Select(type => profile.UsageAsync(session, type.Type, cancellationToken))) : null;
        var fields = usages?.All(usage => usage.Value is not null) == true ? usages.SelectMany(usage => usage.Value!.Items).ToArray() : null;
        return Page.Of<BalancePage, BalanceModel>(new BalanceModel(services, (await reported).Value!, (await purposes).Value?.All ?? [], fields));
    }
}
