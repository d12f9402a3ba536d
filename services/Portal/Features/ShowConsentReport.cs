using System.Globalization;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How people decide, per purpose and day, without any of them.</summary>
internal static class ShowConsentReport
{
    // As far as is told at once.
    private static readonly int[] Periods = [30, 90, 365];

    public static void Map(IEndpointRouteBuilder routes) => routes.StaffPages().MapGet("/staff/consents", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, ConsentClient consent, TimeProvider time, CancellationToken cancellationToken, string? days = null)
    {
        var shown = Periods.FirstOrDefault(period => period.ToString(CultureInfo.InvariantCulture) == days, Periods[0]);
        var from = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime).AddDays(-shown);
        var (report, purposes) = (consent.ReportAsync(visitor.Session!, from, cancellationToken), consent.PurposesAsync(cancellationToken));
        return (await report).Problem is { } problem
            ? Page.Of(problem)
            : Page.Of<ConsentReportPage, ConsentReportModel>(new ConsentReportModel((await report).Value!, (await purposes).Value?.All ?? [], Periods, shown));
    }
}
