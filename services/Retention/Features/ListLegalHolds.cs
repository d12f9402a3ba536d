using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>All legal holds, those that stand and those that ended, the newest first. Names nobody.</summary>
internal static class ListLegalHolds
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/legal-holds", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsStaff("legal-holds", ["pseudonym"], CountAsync)
        .WithSummary("List legal holds")
        .WithDescription("The newest first; names nobody.");

    private static async Task<Ok<LegalHoldPage>> HandleAsync(DocumentSession session, CancellationToken cancellationToken, int limit = 100, string? after = null)
    {
        limit = Math.Clamp(limit, 1, MostItems);
        var rows = await session.QueryRowsAsync<LegalHold>("placed", after: after, limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new LegalHoldPage([.. rows.Select(row => row.Document).OfType<LegalHold>().Select(LegalHoldView.Of)], rows.Count < limit ? null : rows[^1].Value));
    }

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CountAnswer(await session.CountAsync<LegalHold>("placed", cancellationToken: cancellationToken)));

    /// <summary>A page of holds.</summary>
    /// <param name="Items">The holds.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record LegalHoldPage(IReadOnlyList<LegalHoldView> Items, string? Next);
}
