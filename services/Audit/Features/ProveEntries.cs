using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Proofs over the log's Merkle tree, for the tree of now or of any earlier size.</summary>
internal static class ProveEntries
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/audit/entries/{number:long}/proof", IncludeAsync).WithName("ProveEntry").AllowRoles(Roles.Auditor, Roles.Officer).ShowsStaff("audit-log", ["commitment-keys", "staff"])
            .WithSummary("Proof that an entry is in the log (RFC 6962)");
        routes.MapGet("/audit/consistency", ExtendAsync).WithName("ProveConsistency").AllowRoles(Roles.Auditor, Roles.Officer).ShowsNobody()
            .WithSummary("Proof that the log of one size begins with that of an earlier one (RFC 6962)");
    }

    private static async Task<Results<Ok<InclusionProof>, ProblemHttpResult>> IncludeAsync(
        long number, DocumentSession session, CancellationToken cancellationToken, long? size = null)
    {
        var head = await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty;
        if (number < 1 || number > head.Size || await session.LoadAsync<AuditEntry>(Json.FormatNumber(number), cancellationToken) is not { } entry)
            return Problems.NotFound("entry");
        var of = size ?? head.Size;
        if (of < number || of > head.Size) return BadSize($"A tree that holds the entry has {number} to {head.Size} entries.");
        var tree = new AuditTree(session);
        var path = await tree.InclusionAsync(number - 1, of, cancellationToken);
        return TypedResults.Ok(new InclusionProof(entry, of, Hex(await tree.RootAsync(of, cancellationToken)), [.. path.Select(Hex)]));
    }

    private static async Task<Results<Ok<ConsistencyProof>, ProblemHttpResult>> ExtendAsync(
        long from, DocumentSession session, CancellationToken cancellationToken, long? to = null)
    {
        var head = await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty;
        var of = to ?? head.Size;
        if (from < 0 || of < from || of > head.Size) return BadSize($"from and to are sizes of the log so far, 0 to {head.Size}, and from is not the larger.");
        var tree = new AuditTree(session);
        var path = await tree.ConsistencyAsync(from, of, cancellationToken);
        return TypedResults.Ok(new ConsistencyProof(
            from, Hex(await tree.RootAsync(from, cancellationToken)), of, Hex(await tree.RootAsync(of, cancellationToken)), [.. path.Select(Hex)]));
    }

    private static ProblemHttpResult BadSize(string detail) => Problems.Of(StatusCodes.Status400BadRequest, "bad-tree-size", "The log never had that size, or not with that entry.", detail);

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
