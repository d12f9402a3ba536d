using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>The register of incidents, the newest first, with the clocks of their notices; each as the document for the authority.</summary>
internal static class ShowIncidents
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/incidents", HandleAsync);
        pages.MapGet("/staff/incidents/{incidentId}/notice", DownloadAsync);
    }

    private static async Task<IResult> HandleAsync(Visitor visitor, AuditClient audit, TimeProvider time, CancellationToken cancellationToken, string? show = null, string? after = null)
    {
        var state = show is "open" or "closed" ? show : null;
        var incidents = await audit.IncidentsAsync(visitor.Session!, state, after, cancellationToken);
        return incidents.Problem is { } problem ? Page.Of(problem) : Page.Of<IncidentsPage, IncidentsModel>(new IncidentsModel(state ?? "all", incidents.Value!.All, incidents.Value.Next, time.GetUtcNow()));
    }

    private static async Task<IResult> DownloadAsync(string incidentId, Visitor visitor, AuditClient audit, CancellationToken cancellationToken) =>
        await Download.OfAsync(audit.IncidentAsync(visitor.Session!, incidentId, Download.Accept(Download.Pdf), visitor.Language, cancellationToken), $"{incidentId}.{Download.Pdf}");
}
