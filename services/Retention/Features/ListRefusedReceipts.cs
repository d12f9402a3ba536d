using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>What came as a receipt and was refused, the newest first: also what names no case, which no case can show.</summary>
internal static class ListRefusedReceipts
{
    private const int MostItems = 500;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/erasures/refused-receipts", HandleAsync)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithSummary("List refused receipts")
        .WithDescription("The newest first: unsigned, unknown-key, wrong-signer, changed, mismatch, unknown-case, unreadable or not-handled. A case shows its own as well.");

    private static async Task<Ok<RefusedPage>> HandleAsync(DocumentSession session, CancellationToken cancellationToken, int limit = 100, string? after = null)
    {
        limit = Math.Clamp(limit, 1, MostItems);
        var found = await session.QueryAsync<RefusedReceipt>("refused", after: after, limit: limit, cancellationToken: cancellationToken);
        return TypedResults.Ok(new RefusedPage(
            [.. found.Select(RefusedReceiptView.Of)], found.Count < limit ? null : RefusedReceipt.OrderOf(found[^1].RefusedAt, found[^1].Id)));
    }

    /// <summary>A page of refused receipts.</summary>
    /// <param name="Items">The newest first.</param>
    /// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
    internal sealed record RefusedPage(IReadOnlyList<RefusedReceiptView> Items, string? Next);
}

/// <summary>A refused receipt as callers see it.</summary>
/// <param name="CaseId">The case, if it named one that is known.</param>
/// <param name="Participant">Who it claims to be from, if there is such.</param>
/// <param name="Problem">What was wrong.</param>
/// <param name="RefusedAt">UTC.</param>
/// <param name="Digest">SHA-256 of the message, in hex.</param>
public sealed record RefusedReceiptView(string? CaseId, string? Participant, string Problem, DateTimeOffset RefusedAt, string Digest)
{
    /// <summary>The view of one.</summary>
    public static RefusedReceiptView Of(RefusedReceipt refused) => new(refused.CaseId, refused.Participant, refused.Problem, refused.RefusedAt, refused.Id);
}
