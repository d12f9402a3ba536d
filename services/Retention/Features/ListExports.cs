using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>A person's own exports, the newest first: how each stands, and where the one that waits can be fetched.</summary>
internal static class ListExports
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/exports", HandleAsync)
        .AllowRolesAndAnyPerson()
        .WithSummary("A person's own exports, the newest first");

    private static async Task<Ok<ExportPage>> HandleAsync(
        ClaimsPrincipal caller, SubjectRefs refs, HttpResponse response, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        response.Headers.CacheControl = "private, no-store";
        var now = time.GetUtcNow();
        var own = await OwnDocuments.OfAsync<ExportCase>(caller, refs, session, MostItems, cancellationToken);
        return TypedResults.Ok(new ExportPage([.. own.OrderByDescending(export => export.RequestedAt).Select(export => ExportView.Of(export, now))], null));
    }

    /// <summary>A person's exports.</summary>
    /// <param name="Items">The exports.</param>
    /// <param name="Next">There are no further ones.</param>
    internal sealed record ExportPage(IReadOnlyList<ExportView> Items, string? Next);
}
