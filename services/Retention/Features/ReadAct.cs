using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Printing;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Retention.Documents;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>One act and one log for all cases that were completed on a day, and all that the retention rules ended on it.</summary>
internal static class ReadAct
{
    private const string Record = "application/json";
    private const string Signed = "application/jose";
    private const string Page = "text/html";
    private static readonly string[] Forms = [Record, Signed, Page, PrintPdf.ContentType];

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/erasures/act", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Auditor)
        .ShowsStaff("erasure-act", ["customer-id", "pseudonym"])
        .WithMetadata(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Stream), Forms))
        .WithSummary("The act and log of what was destroyed on a day")
        .WithDescription("Of a day (UTC): completed erasure cases, and what retention rules kept no longer. By Accept: JSON, the same as a compact JWS (ES256), or a document to print as HTML or PDF (?language=ru or en).");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> HandleAsync(
        DateOnly day, HttpRequest request, HttpResponse response, DocumentSession session, ServiceModule module, IOptions<RetentionOptions> options,
        CancellationToken cancellationToken, string language = "ru")
    {
        if (Accept.Choose(request, Forms) is not { } form) return Accept.NotAcceptable(Forms);
        if (ActWords.In(language) is not { } words) return ReadCertificate.UnknownLanguage();
        var midnight = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        var certificates = await session.QueryAsync<ErasureCertificate>(
            "completed", after: Json.FormatTime(midnight.AddTicks(-1)), atMost: Json.FormatTime(midnight.AddDays(1).AddTicks(-1)), limit: int.MaxValue,
            cancellationToken: cancellationToken);
        var terms = await session.QueryAsync<ErasureActLine>(
            "day", after: ErasureActLine.PlaceOf(day), atMost: ErasureActLine.PlaceOf(day.AddDays(1)), limit: int.MaxValue, cancellationToken: cancellationToken);

        // Whom the day's certificates name: the operator may have been another then.
        var parties = certificates.Count > 0 ? certificates[^1].Parties : options.Value.Parties;
        var act = ErasureAct.Of(day, certificates, terms, parties);
        return form == Record ? ReadCertificate.Answer(response, CanonicalJson.Of(act), Record)
            : form == Signed ? ReadCertificate.Answer(response, Encoding.ASCII.GetBytes(module.Signer.Jws(CanonicalJson.Of(act), "erasure-act+jws")), Signed)
            : ReadCertificate.Print(response, ActDocument.Of(act, words), form, $"act-{day:yyyy-MM-dd}");
    }
}
