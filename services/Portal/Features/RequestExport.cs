using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>Asks for everything that is held of oneself. The password is told this once, so this answer shows it instead of leading on.</summary>
internal static class RequestExport
{
    public static void Map(IEndpointRouteBuilder routes) => routes.PersonPages().MapPost("/me/export", HandleAsync);

    private static async Task<IResult> HandleAsync(Visitor visitor, RetentionClient retention, CancellationToken cancellationToken)
    {
        var export = await retention.RequestExportAsync(visitor.Session!, visitor.Language, cancellationToken);
        return export.Problem is { } problem ? Page.Of(problem) : Page.Of<ExportPage, ExportModel>(new ExportModel(export.Value, null));
    }
}
