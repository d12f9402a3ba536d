using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How people decide, per purpose and day, without any of them.</summary>
internal static class ShowConsentReport
{
    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/consents", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ConsentClient consent, CancellationToken cancellationToken)
    {
        var (report, purposes) = (consent.ReportAsync(visitor.Session!, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await report).Problem is { } problem ? Page.Of(problem) : Page.Of<ConsentReportPage, ConsentReportModel>(new ConsentReportModel((await report).Value!, (await purposes).Value?.All ?? []));
    }
}
