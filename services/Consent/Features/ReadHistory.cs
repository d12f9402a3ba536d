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
    string Channel, DateTimeOffset DecidedAt, DateTimeOffset RecordedAt);

/// <summary>A page of the history, oldest first.</summary>
public sealed record HistoryAnswer(IReadOnlyList<HistoryEntry> Items, string? Next);

/// <summary>Every decision a person made, as it was recorded.</summary>
internal static class ReadHistory
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/consents/{customerId}/history", HandleAsync)
        .AllowRoles(Roles.Subject, Roles.Officer)
        .WithSummary("A person's recorded decisions");

    private static async Task<Results<Ok<HistoryAnswer>, ProblemHttpResult>> HandleAsync(
        string customerId, DocumentSession session, SubjectRefs refs, CancellationToken cancellationToken)
    {
        if (!SubjectRefs.IsCustomerId(customerId)) return Problems.BadCustomerId();
        var entries = await session.QueryAsync<LedgerEntry>("subject", equalTo: refs.Of(customerId), limit: 1000, cancellationToken: cancellationToken);
        return TypedResults.Ok(new HistoryAnswer(
            [.. entries.Select(entry => new HistoryEntry(
                entry.ReceiptId, entry.Version, entry.Epoch, entry.Decisions, entry.NoticeVersion, entry.Language, entry.NoticeSha256, entry.Channel, entry.DecidedAt, entry.RecordedAt))],
            null));
    }
}
