using System.Buffers.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>The end of the log, signed. Whoever keeps one notices any later change to what stood before it.</summary>
/// <param name="Size">Entries.</param>
/// <param name="Hash">Hash of the last one.</param>
/// <param name="Time">When it was signed, UTC.</param>
/// <param name="KeyId">The key, in the deployment's trusted list.</param>
/// <param name="Signature">Base64url of ES256 (IEEE P1363) over the canonical JSON of the members above.</param>
public sealed record CheckpointAnswer(long Size, string Hash, DateTimeOffset Time, string KeyId, string? Signature);

/// <summary>Signs the present end of the log.</summary>
internal static class ReadCheckpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/audit/checkpoint", HandleAsync)
        .AllowRoles(Roles.Auditor, Roles.Officer)
        .WithSummary("The signed end of the audit log");

    private static async Task<Ok<CheckpointAnswer>> HandleAsync(ServiceModule module, DocumentSession session, TimeProvider time, CancellationToken cancellationToken)
    {
        var head = await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken);
        var unsigned = new CheckpointAnswer(head?.Size ?? 0, head?.Hash ?? AuditEntry.Start, time.GetUtcNow(), module.Signer.KeyId, null);
        return TypedResults.Ok(unsigned with { Signature = Base64Url.EncodeToString(module.Signer.Sign(CanonicalJson.Of(unsigned))) });
    }
}
