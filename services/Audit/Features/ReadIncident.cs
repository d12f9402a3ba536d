using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Personalization.Audit.Documents;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Printing;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>An incident, for programs and for the regulator to read.</summary>
internal static class ReadIncident
{
    private const string Record = "application/json";
    private const string Page = "text/html";
    private static readonly string[] Forms = [Record, Page, PrintPdf.ContentType];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/incidents/{incidentId}", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Incident), Forms))
        .WithSummary("An incident, to read or to hand to the regulator")
        .WithDescription("By Accept: JSON, or what the authority is told as HTML or PDF (?language=ru or en).");

    private static async Task<Results<Ok<Incident>, FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        string incidentId, HttpRequest request, HttpResponse response, DocumentSession session, CancellationToken cancellationToken, string language = "ru")
    {
        if (Accept.Choose(request, Forms) is not { } form) return Accept.NotAcceptable(Forms);
        if (IncidentWords.In(language) is not { } words)
            return Problems.Of(StatusCodes.Status400BadRequest, "unknown-document-language", "The document is not written in that language.", "language: ru or en.");
        if (await session.LoadAsync<Incident>(incidentId, cancellationToken) is not { } incident) return Problems.NotFound("incident");
        response.Headers.Vary = "Accept";
        if (form == Record) return TypedResults.Ok(incident);

        var parties = (await session.QueryAsync<KnownDataMap>("participant", cancellationToken: cancellationToken)).SelectMany(known => known.Announced.Parties ?? []);
        var document = IncidentDocument.Of(incident, parties.FirstOrDefault(party => party.Role == "operator"), words);
        response.Headers.XContentTypeOptions = "nosniff";
        if (form == PrintPdf.ContentType) return TypedResults.Bytes(PrintPdf.Of(document), PrintPdf.ContentType);
        response.Headers.ContentSecurityPolicy = PrintHtml.ContentSecurityPolicy;
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(PrintHtml.Of(document)), PrintHtml.ContentType);
    }
}
