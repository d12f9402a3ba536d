using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>How to get everything that is held of oneself, and how an export stands.</summary>
internal static class ShowExport
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.PersonPages();
        pages.MapGet("/me/export", AskAsync);
        pages.MapGet("/me/exports/{exportId}", HandleAsync);
    }

    private static async Task<IResult> AskAsync(Visitor visitor, RetentionClient retention, CancellationToken cancellationToken, string? problem = null) =>
        Page.Of<ExportPage, ExportModel>(new ExportModel(null, problem, (await retention.OwnExportsAsync(visitor.Session!, cancellationToken)).Value?.All));

    private static async Task<IResult> HandleAsync(string exportId, Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var export = await retention.ReadExportAsync(visitor.Session!, exportId, cancellationToken);
        return export.Problem is { } problem ? Page.Of(problem) : Page.Of<ExportPage, ExportModel>(new ExportModel(export.Value, null));
    }
}
