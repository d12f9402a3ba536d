namespace Personalization.Portal.Features;

/// <summary>The archive, once.</summary>
internal static class DownloadExport
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapGet("/me/exports/{exportId}/archive", HandleAsync);

    private static async Task<IResult> HandleAsync(string exportId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken) =>
        await Download.OfAsync(retention.ArchiveAsync(visitor.Session!, exportId, cancellationToken), $"{exportId}.zip");
}
