using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Personalization.Platform.Telemetry;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>One case: who did what when, what was kept and why, and the certificate.</summary>
internal static class ShowCase
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.StaffPages();
        pages.MapGet("/staff/cases/{caseId}", HandleAsync);
        pages.MapGet("/staff/cases/{caseId}/certificate", CertifyAsync);
    }

    // Spans are recorded by a developer's one-process server only.
    private static async Task<IResult> HandleAsync(
        string caseId, Visitor visitor, RetentionClient retention, IOptions<PortalOptions> options, CancellationToken cancellationToken, string? problem = null, [FromServices] RecordedSpans? recorded = null)
    {
        var erasure = await retention.CaseAsync(visitor.Session!, caseId, cancellationToken);
        if (erasure.Problem is { } refused) return Page.Of(refused);
        var trace = options.Value.TraceLink is { Length: > 0 } link ? link.Replace("{caseId}", Uri.EscapeDataString(erasure.Value!.CaseId), StringComparison.Ordinal) : null;
        return Page.Of<CasePage, CaseModel>(new CaseModel(erasure.Value!, problem, recorded?.Find(caseId) ?? [], trace));
    }

    private static async Task<IResult> CertifyAsync(string caseId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken) =>
        await Download.OfAsync(retention.CertificateAsync(visitor.Session!, caseId, Download.Accept(Download.Pdf), visitor.Language, cancellationToken), $"{caseId}.pdf");
}
