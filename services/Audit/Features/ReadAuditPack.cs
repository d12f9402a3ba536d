using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Personalization.Audit.Documents;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Printing;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>What the log says of a period, for programs and to print.</summary>
internal static class ReadAuditPack
{
    private const int MostDays = 366;
    private const string Record = "application/json";
    private const string Page = "text/html";
    private static readonly string[] Forms = [Record, Page, PrintPdf.ContentType];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/pack", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .ShowsNobody()
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(AuditPack), Forms))
        .WithSummary("The audit pack of a period: cascades, holds, incidents, staff reads, minimization, what is overdue")
        .WithDescription($"from and to: days (UTC), both in it, {MostDays} at most. By Accept: JSON, or a document to print as HTML or PDF (?language=ru or en).");

    private static async Task<Results<Ok<AuditPack>, FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        DateOnly from, DateOnly to, HttpRequest request, HttpResponse response, DocumentSession session, TimeProvider time, CancellationToken cancellationToken, string language = "ru")
    {
        if (Accept.Choose(request, Forms) is not { } form) return Accept.NotAcceptable(Forms);
        if (AuditPackWords.In(language) is not { } words)
            return Problems.Of(StatusCodes.Status400BadRequest, "unknown-document-language", "The document is not written in that language.", "language: ru or en.");
        if (to < from || to.DayNumber - from.DayNumber >= MostDays || to == DateOnly.MaxValue)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-period", "There is no such period.", $"from, and to on the same day or later: {MostDays} days at most.");

        var (start, end) = (AuditPack.StartOf(from), AuditPack.EndOf(to));
        AuditEntry[] facts =
        [
            .. await FactsAsync(AuditEntry.ClockFact, start), .. await FactsAsync(AuditEntry.HoldFact, DateTimeOffset.MinValue), .. await FactsAsync(AuditEntry.MinimizedFact, start),
            .. await FactsAsync(AuditEntry.ReadFact, start),
        ];
        var pack = AuditPack.Of(
            from, to, time.GetUtcNow(), await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty, facts,
            await session.QueryAsync<Incident>("order", limit: int.MaxValue, cancellationToken: cancellationToken));
        response.Headers.Vary = "Accept";
        if (form == Record) return TypedResults.Ok(pack);

        var parties = (await session.QueryAsync<KnownDataMap>("participant", cancellationToken: cancellationToken)).SelectMany(known => known.Announced.Parties ?? []);
        var document = AuditPackDocument.Of(pack, parties.FirstOrDefault(party => party.Role == "operator"), words);
        response.Headers.XContentTypeOptions = "nosniff";
        if (form == PrintPdf.ContentType) return TypedResults.Bytes(PrintPdf.Of(document), PrintPdf.ContentType);
        response.Headers.ContentSecurityPolicy = PrintHtml.ContentSecurityPolicy;
        return TypedResults.Bytes(Encoding.UTF8.GetBytes(PrintHtml.Of(document)), PrintHtml.ContentType);

        Task<IReadOnlyList<AuditEntry>> FactsAsync(string kind, DateTimeOffset since) => session.QueryAsync<AuditEntry>(
            "fact", after: AuditEntry.FactOf(kind, since), atMost: AuditEntry.FactOf(kind, end), limit: int.MaxValue, cancellationToken: cancellationToken);
    }
}
