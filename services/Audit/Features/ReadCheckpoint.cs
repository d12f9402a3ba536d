using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>The checkpoints that are kept, oldest first.</summary>
/// <param name="Items">The last of each hour.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null: the end.</param>
public sealed record CheckpointsAnswer(IReadOnlyList<Checkpoint> Items, string? Next);

/// <summary>Signs the present end of the log, and shows what was signed before.</summary>
internal static class ReadCheckpoint
{
    private const int Most = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/audit/checkpoint", HandleAsync).AllowRoles(Roles.Auditor, Roles.Officer).ShowsNobody().WithSummary("The signed end of the audit log");
        routes.MapGet("/audit/checkpoints", ListAsync).WithName("ListCheckpoints").AllowRoles(Roles.Auditor, Roles.Officer).ShowsNobody().WithSummary("The last checkpoint of each hour");
    }

    /// <summary>409: the log doesn't continue what was signed before.</summary>
    public static ProblemHttpResult Rewritten() => Problems.Of(
        StatusCodes.Status409Conflict, "audit-log-rewritten", "The audit log is not the one that was signed before.", "It was rolled back or rewritten, and isn't signed any more. docs/operations.md says what to do.");

    private static async Task<Results<Ok<Checkpoint>, ProblemHttpResult>> HandleAsync(CheckpointSigner signer, DocumentSession session, CancellationToken cancellationToken) =>
        await signer.SignAsync(session, cancellationToken) is { Signed: { } checkpoint } ? TypedResults.Ok(checkpoint) : Rewritten();

    private static async Task<Ok<CheckpointsAnswer>> ListAsync(DocumentSession session, CancellationToken cancellationToken, string? after = null, int limit = 100)
    {
        var most = Math.Clamp(limit, 1, Most);
        var kept = await session.QueryAsync<KeptCheckpoint>("hour", after: after, limit: most, cancellationToken: cancellationToken);
        return TypedResults.Ok(new CheckpointsAnswer([.. kept.Select(hour => hour.Checkpoint)], kept.Count < most ? null : kept[^1].Id));
    }
}
