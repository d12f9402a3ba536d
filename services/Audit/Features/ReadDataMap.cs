using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Personalization.Audit.Documents;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Printing;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>The record of processing, of what the services announced last.</summary>
internal static class ReadDataMap
{
    private const string Record = "application/json";
    private const string Table = "text/csv";
    private const string Page = "text/html";
    private static readonly string[] Forms = [Record, Table, Page];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/data-map", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(DataMap), Forms))
        .WithSummary("The data map: which personal data is where, and why")
        .WithDescription("By Accept: JSON, CSV, or HTML to print (?language=ru or en). The services announce it at start, once an hour, and within a minute of a change.");

    private static async Task<Results<Ok<DataMap>, ContentHttpResult, ProblemHttpResult>> HandleAsync(
        HttpRequest request, HttpResponse response, DocumentSession session, IOptions<DeploymentOptions> deployment, TimeProvider time,
        CancellationToken cancellationToken, string language = "ru")
    {
        if (Accept.Choose(request, Forms) is not { } form) return Accept.NotAcceptable(Forms);
        if (DataMapWords.In(language) is not { } words)
            return Problems.Of(StatusCodes.Status400BadRequest, "unknown-document-language", "The document is not written in that language.", "language: ru or en.");
        var now = time.GetUtcNow();
        var map = DataMap.Of(await session.QueryAsync<KnownDataMap>("participant", cancellationToken: cancellationToken), deployment.Value.Participants, now);
        response.Headers.Vary = "Accept";
        if (form == Record) return TypedResults.Ok(map);
        if (form == Table) return TypedResults.Text(DataMapDocument.Csv(map, words), Table, Encoding.UTF8);
        response.Headers.ContentSecurityPolicy = PrintHtml.ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Text(PrintHtml.Of(DataMapDocument.Of(map, words, now)), Page, Encoding.UTF8);
    }
}
