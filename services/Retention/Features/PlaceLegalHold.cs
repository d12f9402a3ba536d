using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>An officer orders that somebody's data of some categories is kept: frozen and unused once nothing else justifies it.</summary>
internal static partial class PlaceLegalHold
{
    private const int LongestReason = 1000;
    private const int MostNames = 50;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/legal-holds", HandleAsync)
        .AllowRoles(Roles.Officer)
        .ShowsNobody()
        .WithSummary("Place a legal hold on somebody's data")
        .WithDescription("categories, and purposes if only what was collected for them; until: when it ends by itself. Erasures go on without what it covers, which nothing uses.");

    private static async Task<Results<Created<LegalHoldView>, ProblemHttpResult>> HandleAsync(
        Request placed, ClaimsPrincipal caller, ChangeLegalHolds holds, SubjectRefs refs, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(placed.CustomerId)) return Problems.BadCustomerId();
        var now = time.GetUtcNow();
        if (!IsNames(placed.Categories) || (placed.Purposes is not null && !IsNames(placed.Purposes))
            || string.IsNullOrWhiteSpace(placed.Reason) || placed.Reason.Length > LongestReason || placed.Until <= now)
        {
            return Problems.Of(
                StatusCodes.Status400BadRequest, "bad-legal-hold", "The hold can't be placed like this.",
                $"1 to {MostNames} categories, as many purposes if any, a reason of 1 to {LongestReason} characters, and an until in the future if any.");
        }

        if (caller.ReaderOf(refs) is not { } officer) return Problems.ReaderUnknown();
        var hold = new LegalHold
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            SubjectRef = refs.Of(placed.CustomerId),
            CustomerId = placed.CustomerId,
            Categories = placed.Categories,
            Purposes = placed.Purposes,
            Reason = placed.Reason,
            PlacedBy = officer,
            PlacedAt = now,
            Until = placed.Until,
        };
        await holds.PlaceAsync(hold, session, cancellationToken);
        return TypedResults.Created($"/legal-holds/{hold.Id}", LegalHoldView.Of(hold));
    }

    private static bool IsNames(IReadOnlyList<string> names) => names.Count is > 0 and <= MostNames && names.All(name => Name().IsMatch(name));

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,63}$")]
    private static partial Regex Name();

    /// <summary>What is to be held.</summary>
    internal sealed record Request
    {
        /// <summary>The caller's id of the person.</summary>
        public required string CustomerId { get; init; }

        /// <summary>Categories of data.</summary>
        public required IReadOnlyList<string> Categories { get; init; }

        /// <summary>Only what was collected for one of these; absent: for any.</summary>
        public IReadOnlyList<string>? Purposes { get; init; }

        /// <summary>Why, with the legal basis.</summary>
        public required string Reason { get; init; }

        /// <summary>When it ends by itself; absent: when somebody ends it.</summary>
        public DateTimeOffset? Until { get; init; }
    }
}

/// <summary>A legal hold as officers see it in a list: names nobody.</summary>
/// <param name="HoldId">Its id.</param>
/// <param name="Categories">What it covers.</param>
/// <param name="Purposes">Only what was collected for one of these; absent: for any.</param>
/// <param name="Reason">Why.</param>
/// <param name="PlacedBy">Keyed hash of who placed it.</param>
/// <param name="PlacedAt">UTC.</param>
/// <param name="Until">When it ends by itself; absent: when somebody ends it.</param>
/// <param name="EndedAt">When it ended; absent while it stands.</param>
internal sealed record LegalHoldView(
    string HoldId, IReadOnlyList<string> Categories, IReadOnlyList<string>? Purposes, string Reason, string PlacedBy, DateTimeOffset PlacedAt, DateTimeOffset? Until, DateTimeOffset? EndedAt)
{
    /// <summary>The view of one.</summary>
    public static LegalHoldView Of(LegalHold hold) => new(hold.Id, hold.Categories, hold.Purposes, hold.Reason, hold.PlacedBy, hold.PlacedAt, hold.Until, hold.EndedAt);
}
