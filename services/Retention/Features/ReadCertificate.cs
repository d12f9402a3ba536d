using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Printing;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Documents;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>The proof that a finished case erased what it had to: for programs, signed, and to print and sign.</summary>
internal static class ReadCertificate
{
    private const string Record = "application/json";
    private const string Signed = "application/jose";
    private const string Page = "text/html";
    private static readonly string[] Forms = [Record, Signed, Page, PrintPdf.ContentType];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/erasures/{caseId}/certificate", HandleAsync)
        .AllowRolesAndAnyPerson(Roles.Officer, Roles.Auditor)
        .ShowsStaff("erasure-certificate", ["customer-id", "pseudonym"])
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), Forms))
        .WithSummary("The certificate of a completed erasure case")
        .WithDescription("By Accept: the certificate, which is signed in itself, the same as a compact JWS (ES256, keys at /.well-known/jwks.json), or the act and the log export to print as HTML or PDF (?language=ru or en).");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        string caseId, ClaimsPrincipal caller, StaffRead read, SubjectRefs refs, HttpRequest request, HttpResponse response, DocumentSession session, ServiceModule module, CancellationToken cancellationToken, string language = "ru")
    {
        if (Accept.Choose(request, Forms) is not { } form) return Accept.NotAcceptable(Forms);
        if (ActWords.In(language) is not { } words) return UnknownLanguage();
        var erasure = await session.LoadCaseAsync(caseId, cancellationToken);
        caseId = erasure?.Id ?? caseId;
        if ((await session.LoadAsync<ErasureCertificate>(caseId, cancellationToken)
            ?? await session.LoadAsync<ErasureCertificate>(ErasureCertificate.OnHoldIdOf(caseId, erasure?.OnHoldCertificates ?? 1), cancellationToken)) is not { } certificate)
        {
            return erasure is { IsClosed: false } open && !caller.IsSomebodyElse(open.SubjectRef, refs)
                ? Problems.Of(StatusCodes.Status409Conflict, "erasure-not-completed", "The case is not completed.", "The certificate is issued with the last receipt; the case says who it waits for.")
                : Problems.NotFound("erasure case");
        }

        // Somebody else's is, to a person, one that doesn't exist.
        if (caller.IsSomebodyElse(certificate.SubjectRef, refs)) return Problems.NotFound("erasure case");
        read.SubjectRef = certificate.SubjectRef;
        return form == Record ? Answer(response, certificate.ToJson(), Record)
            : form == Signed ? Answer(response, Encoding.ASCII.GetBytes(module.Signer.Jws(certificate.ToJson(), "erasure-certificate+jws")), Signed)
            : Print(response, ActDocument.Of(certificate, words), form, caseId);
    }

    /// <summary>400.</summary>
    public static ProblemHttpResult UnknownLanguage() =>
        Problems.Of(StatusCodes.Status400BadRequest, "unknown-document-language", "The document is not written in that language.", "language: ru or en.");

    /// <summary>A document that names a person: nobody keeps it on the way.</summary>
    public static FileContentHttpResult Answer(HttpResponse response, byte[] body, string contentType)
    {
        response.Headers.CacheControl = "private, no-store";
        response.Headers.Vary = "Accept";
        response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Bytes(body, contentType);
    }

    /// <summary>The printed form.</summary>
    public static FileContentHttpResult Print(HttpResponse response, PrintDocument document, string form, string name)
    {
        if (form == PrintPdf.ContentType)
        {
            response.Headers.ContentDisposition = $"inline; filename=\"{name}.pdf\"";
            return Answer(response, PrintPdf.Of(document), PrintPdf.ContentType);
        }

        response.Headers.ContentSecurityPolicy = PrintHtml.ContentSecurityPolicy;
        return Answer(response, Encoding.UTF8.GetBytes(PrintHtml.Of(document)), PrintHtml.ContentType);
    }
}
