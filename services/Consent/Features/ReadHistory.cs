using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>One recorded decision.</summary>
public sealed record HistoryEntry(
    string ReceiptId, long Version, int Epoch, IReadOnlyList<CategoryConsent> Decisions, int? NoticeVersion, string? Language, string? NoticeSha256,
    string? ServedNoticeId, DateTimeOffset? ServedAt, string Channel, string? Evidence, DateTimeOffset DecidedAt, DateTimeOffset RecordedAt);

/// <summary>A page of the history.</summary>
/// <param name="Items">The decisions.</param>
/// <param name="Next">Value of <c>after</c>, or <c>before</c>, for the next page; null: the end.</param>
public sealed record HistoryAnswer(IReadOnlyList<HistoryEntry> Items, string? Next);

/// <summary>Every decision a person made, as it was recorded.</summary>
internal static class ReadHistory
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents/{customerId}/history", HandleAsync)
        .AllowRoles(Roles.Subject, Roles.Officer)
        .ShowsStaff("consent-history", ["consent"])
        .WithSummary("A person's recorded decisions")
        .WithDescription("The oldest first, after a version; with before, the newest first. The officer also reads those that are kept as proof after an erasure.");

    private static async Task<Results<Ok<HistoryAnswer>, ProblemHttpResult>> HandleAsync(
        string customerId, DocumentSession session, SubjectRefs refs, CancellationToken cancellationToken, long after = 0, long? before = null, int limit = 100)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var subject = refs.Of(customerId);
        var most = Math.Clamp(limit, 1, 1000);
        if (before is { } end)
        {
            // Each version has its entry, so the newest are found by their numbers.
            var newest = Math.Min(Math.Max(end, 1) - 1, (await session.LoadAsync<ConsentRecord>(subject, cancellationToken))?.Version ?? 0);
            var earlier = Math.Max(newest - most, 0);
            var page = await EntriesAsync(earlier, newest);
            return TypedResults.Ok(Answer(page.Reverse(), page.Count > 0 && earlier > 0 ? earlier + 1 : null));
        }

        var entries = await EntriesAsync(Math.Max(after, 0), long.MaxValue);
        return TypedResults.Ok(Answer(entries, entries.Count == most ? entries[^1].Version : null));

        Task<IReadOnlyList<LedgerEntry>> EntriesAsync(long from, long through) => session.QueryAsync<LedgerEntry>(
            "place", after: LedgerLink.IdOf(subject, from), atMost: LedgerLink.IdOf(subject, through), limit: most, cancellationToken: cancellationToken);
    }

    private static HistoryAnswer Answer(IEnumerable<LedgerEntry> entries, long? next) => new(
        [.. entries.Select(entry => new HistoryEntry(
            entry.ReceiptId, entry.Version, entry.Epoch, entry.Decisions, entry.NoticeVersion, entry.Language, entry.NoticeSha256,
            entry.ServedNoticeId, entry.ServedAt, entry.Channel, entry.Evidence, entry.DecidedAt, entry.RecordedAt))],
        next?.ToString(CultureInfo.InvariantCulture));
}
