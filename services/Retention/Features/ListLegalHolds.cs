using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>All legal holds, those that stand and those that ended, the newest first. Names nobody.</summary>
internal static class ListLegalHolds
{
    private const int MostItems = 500;

    private const string Standing = "standing/", Ended = "ended/";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/legal-holds", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsStaff("legal-holds", ["pseudonym"], CountAsync)
        .WithSummary("List legal holds")
        .WithDescription("The newest first; names nobody. state: standing or ended, or else all.");

    /// <summary>The newest first.</summary>
    public static string OrderOf(LegalHold hold) => Json.FormatNumber(DateTimeOffset.MaxValue.Ticks - hold.PlacedAt.UtcTicks) + "/" + hold.Id;

    /// <summary>The same, of those that stand or of those that ended.</summary>
    public static string StateOrderOf(LegalHold hold) => (hold.Stands ? Standing : Ended) + OrderOf(hold);

    private static async Task<Results<Ok<LegalHoldPage>, ProblemHttpResult>> HandleAsync(
        DocumentSession session, CancellationToken cancellationToken, string? state = null, int limit = 100, string? after = null)
    {
        if (Choose(state) is not var (field, prefix)) return BadState();
        limit = Math.Clamp(limit, 1, MostItems);
        var rows = await session.QueryRowsAsync<LegalHold>(
            field, after: prefix + after, atMost: prefix.Length > 0 ? ListErasures.EndOf(prefix) : null, limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new LegalHoldPage([.. rows.Select(row => row.Document).OfType<LegalHold>().Select(LegalHoldView.Of)], rows.Count < limit ? null : rows[^1].Value[prefix.Length..]));
    }

    private static async Task<Results<Ok<CountAnswer>, ProblemHttpResult>> CountAsync(HttpRequest request, DocumentSession session, CancellationToken cancellationToken) =>
        Choose(request.Query["state"]) is not var (field, prefix)
            ? BadState()
            : TypedResults.Ok(new CountAnswer(await session.CountAsync<LegalHold>(
                field, after: prefix, atMost: prefix.Length > 0 ? ListErasures.EndOf(prefix) : null, cancellationToken: cancellationToken)));

    /// <summary>The index that has the holds asked for, and what its values begin with there.</summary>
    private static (string Field, string Prefix)? Choose(string? state) => state switch
    {
        null => ("placed", ""),
        "standing" => ("state", Standing),
        "ended" => ("state", Ended),
        _ => null,
    };

    private static ProblemHttpResult BadState() => Problems.Of(StatusCodes.Status400BadRequest, "bad-state", "There is no such state.", "A hold is 'standing' or 'ended'.");

    /// <summary>A page of holds.</summary>
    /// <param name="Items">The holds.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record LegalHoldPage(IReadOnlyList<LegalHoldView> Items, string? Next);
}
