using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>What a check of the chain found.</summary>
/// <param name="Checked">Entries that are right, from the first on.</param>
/// <param name="FirstWrong">The number of the first entry that is changed, missing or out of place; null if none is.</param>
public sealed record VerificationAnswer(long Checked, long? FirstWrong);

/// <summary>Recomputes the chain from its start to the stored end.</summary>
internal static class VerifyEntries
{
    private const int Page = 1000;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/verify", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .WithSummary("Check the audit log's chain");

    private static async Task<Ok<VerificationAnswer>> HandleAsync(ServiceModule module, CancellationToken cancellationToken)
    {
        var head = await module.OpenSession().LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? new AuditHead { Size = 0, Hash = AuditEntry.Start };
        var (number, hash) = (0L, AuditEntry.Start);
        while (number < head.Size)
        {
            var page = await module.OpenSession().QueryAsync<AuditEntry>(
                "number", after: Json.FormatNumber(number), atMost: Json.FormatNumber(head.Size), limit: Page, cancellationToken: cancellationToken);
            if (page.Count == 0) break;
            foreach (var entry in page)
            {
                if (entry.Number != number + 1 || entry.Previous != hash || entry.ComputeHash() != entry.Hash) return Wrong(number);
                (number, hash) = (entry.Number, entry.Hash);
            }
        }

        return number == head.Size && hash == head.Hash ? TypedResults.Ok(new VerificationAnswer(number, null)) : Wrong(number);
    }

    private static Ok<VerificationAnswer> Wrong(long after) => TypedResults.Ok(new VerificationAnswer(after, after + 1));
}
