using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Personalization.Consent.Documents;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Printing;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>
/// A decision's receipt: for programs, signed, and to print. It can be read for as long as the decision's proof is kept, also after the
/// person was erased.
/// </summary>
internal static class ReadReceipt
{
    private const string Record = "application/json";
    private const string Signed = "application/jose";
    private const string Page = "text/html";
    private static readonly string[] Forms = [Record, Signed, Page, PrintPdf.ContentType];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents/{customerId}/receipts/{id}", HandleAsync)
        .AllowRoles(Roles.Product, Roles.Subject, Roles.Officer)
        .ShowsStaff("consent-receipt", ["consent"])
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), Forms))
        .WithSummary("The receipt of a decision")
        .WithDescription("By Accept: the record (ISO/IEC TS 27560), the same signed (compact JWS, ES256, keys at /.well-known/jwks.json), or a document to print as HTML or PDF (?language=ru or en).");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        string customerId, string id, HttpRequest request, HttpResponse response, DocumentSession session, ServiceModule module, SubjectRefs refs,
        IOptions<ConsentOptions> options, CancellationToken cancellationToken, string? language = null)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        if (Accept.Choose(request, Forms) is not { } form) return Accept.NotAcceptable(Forms);
        if (language is not null && ConsentWords.In(language) is null)
            return Problems.Of(StatusCodes.Status400BadRequest, "unknown-document-language", "The document is not written in that language.", "language: ru or en.");

        // The person's whole ledger, not one entry: the receipt tells what came before it, and of somebody else's it can't find anything.
        var subject = refs.Of(customerId);
        var proofs = await session.QueryAsync<LedgerEntry>(
            "place", after: SubjectIndex.Before(subject), atMost: LedgerLink.IdOf(subject, long.MaxValue), limit: int.MaxValue, cancellationToken: cancellationToken);
        if (proofs.FirstOrDefault(proof => proof.ReceiptId == id) is not { } entry) return Problems.NotFound("receipt");

        var versions = await session.LoadManyAsync<PurposeVersion>(
            [.. entry.Purposes.Select(decided => PurposeVersion.IdOf(decided.Purpose, decided.NoticeVersion))], cancellationToken);
        var byPurpose = versions.Values.ToDictionary(version => version.Purpose.Id);
        var link = await session.LoadAsync<LedgerLink>(entry.Id, cancellationToken);
        var receipt = ConsentReceipt.Of(entry, link!.Hash, [.. proofs.Where(proof => proof.Version <= entry.Version)], byPurpose, options.Value);

        response.Headers.CacheControl = "private, no-store";
        response.Headers.Vary = "Accept";
        response.Headers.XContentTypeOptions = "nosniff";
        switch (form)
        {
            case Signed:
                return Text(module.Signer.Jws(receipt.ToJson(), "consent-receipt+jws"), Signed);
            case Page:
                response.Headers.ContentSecurityPolicy = PrintHtml.ContentSecurityPolicy;
                return Text(PrintHtml.Of(Document()), PrintHtml.ContentType);
            case PrintPdf.ContentType:
                response.Headers.ContentDisposition = $"inline; filename=\"{receipt.ReceiptId}.pdf\"";
                return TypedResults.Bytes(PrintPdf.Of(Document()), PrintPdf.ContentType);
            default:
                return TypedResults.Bytes(receipt.ToJson(), Record);
        }

        PrintDocument Document() => ConsentDocument.Of(receipt, byPurpose, options.Value.PublicUrl, ConsentWords.In(language ?? receipt.Processing[0].Language) ?? ConsentWords.Russian);
    }

    private static FileContentHttpResult Text(string text, string contentType) => TypedResults.Bytes(Encoding.UTF8.GetBytes(text), contentType);
}
