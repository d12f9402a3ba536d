using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>What a check of the stored log found.</summary>
/// <param name="Checked">Entries that are right by themselves, from the first on.</param>
/// <param name="FirstWrong">The number of the first entry that is changed, missing or out of place; null if none is.</param>
/// <param name="RootMatches">Whether they make up the tree that the log's end says.</param>
public sealed record VerificationAnswer(long Checked, long? FirstWrong, bool RootMatches);

/// <summary>Makes the tree again from all stored entries. That proves the store to be whole, not that it is the one of yesterday: for that, keep checkpoints elsewhere.</summary>
internal static class VerifyEntries
{
    private const int Page = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/verify", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .ShowsNobody()
        .WithSummary("Check the stored audit log");

    private static async Task<Ok<VerificationAnswer>> HandleAsync(ServiceModule module, CancellationToken cancellationToken)
    {
        var head = await module.OpenSession().LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty;
        var tree = new MerkleFrontier();
        while (tree.Size < head.Size)
        {
            var page = await module.OpenSession().QueryAsync<AuditEntry>(
                "number", after: Json.FormatNumber(tree.Size), atMost: Json.FormatNumber(head.Size), limit: Page, cancellationToken: cancellationToken);
            foreach (var entry in page)
            {
                if (entry.Number != tree.Size + 1 || entry.ComputeHash() != entry.Hash) return Wrong();
                tree.Add(Convert.FromHexString(entry.Hash));
            }

            if (page.Count == 0) return Wrong();
        }

        return TypedResults.Ok(new VerificationAnswer(tree.Size, null, AuditHead.Of(tree).RootHash == head.RootHash));

        Ok<VerificationAnswer> Wrong() => TypedResults.Ok(new VerificationAnswer(tree.Size, tree.Size + 1, false));
    }
}
