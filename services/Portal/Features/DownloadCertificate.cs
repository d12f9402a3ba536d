namespace Personalization.Portal.Features;

/// <summary>The certificate of an erasure of one's own: the act and the log to print, or signed for programs.</summary>
internal static class DownloadCertificate
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/erasures/{caseId}/certificate", HandleAsync);

    private static async Task<IResult> HandleAsync(string caseId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken, string form = Download.Pdf) =>
        await Download.OfAsync(retention.CertificateAsync(visitor.Session!, caseId, Download.Accept(form), visitor.Language, cancellationToken), $"{caseId}.{Download.Extension(form)}");
}
