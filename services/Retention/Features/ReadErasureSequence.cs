using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>
/// Every erasure that was sent, in the order of the last sending, for participants that may have missed some. Not numbered: see docs/decisions.
/// Not routed by the gateway.
/// </summary>
internal static class ReadErasureSequence
{
    private const int Page = 500;

    // Longer than a commit can take and than the clocks of several instances differ.
    private static readonly TimeSpan Unsettled = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/internal/erasures", HandleAsync)
        .AllowRoles(Roles.Service)
        .ExcludeFromDescription();

    private static async Task<Ok<ErasureSequencePage>> HandleAsync(
        string? after, OpenErasureCase sending, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var settled = Json.FormatTime(time.GetUtcNow() - Unsettled);
        var cases = await session.QueryAsync<ErasureCase>("sequence", after: after ?? "", limit: Page, cancellationToken: cancellationToken);
        var commands = new List<EraseSubject>(cases.Count);
        foreach (var erasure in cases) commands.Add(await sending.CommandAsync(erasure, session, cancellationToken));
        var last = cases.Count == Page ? cases[^1].SequenceOrder : null;
        return TypedResults.Ok(new ErasureSequencePage
        {
            Erasures = commands,
            Through = last is not null && string.CompareOrdinal(last, settled) < 0 ? last : settled,
            Next = last,
        });
    }
}
