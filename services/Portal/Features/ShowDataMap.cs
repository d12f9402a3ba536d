using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Which personal data is where: what the services announced, and the record of processing to print or to calculate with.</summary>
internal static class ShowDataMap
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/data-map", HandleAsync);
        pages.MapGet("/staff/data-map/record", DownloadAsync);
    }

    private static async Task<IResult> HandleAsync(Visitor visitor, AuditClient audit, CancellationToken cancellationToken)
    {
        var map = await audit.DataMapAsync(visitor.Session!, cancellationToken);
        return map.Problem is { } problem ? Page.Of(problem) : Page.Of<DataMapPage, DataMap>(map.Value!);
    }

    private static async Task<IResult> DownloadAsync(Visitor visitor, AuditClient audit, CancellationToken cancellationToken, string form = "html")
    {
        var (accept, extension) = form == "csv" ? ("text/csv", "csv") : ("text/html", "html");
        return await Download.OfAsync(audit.DataMapAsync(visitor.Session!, accept, visitor.Language, cancellationToken), $"record-of-processing.{extension}");
    }
}
