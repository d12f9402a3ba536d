using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Records what came as a receipt and isn't one, where the case shows it, and tells of it. The case itself is left alone: nobody untrusted changes it.</summary>
public sealed class RefuseReceipts(ServiceModule module, IOptions<DeploymentOptions> deployment, RetentionTelemetry telemetry, TimeProvider time) : IUnhandledMessages
{
    /// <inheritdoc/>
    public async Task TakeAsync(ReadOnlyMemory<byte> body, string reason, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var refused = RefusedReceipt.Of(body, reason, deployment.Value.Participants, time.GetUtcNow());
        if (await session.LoadAsync<RefusedReceipt>(refused.Id, cancellationToken) is not null) return;
        if (refused.CaseId is { } caseId && await session.LoadAsync<ErasureCase>(caseId, cancellationToken) is null) refused = refused with { CaseId = null };
        session.Store(refused);
        session.Publish(new ErasureReceiptRefused
        {
            CaseId = refused.CaseId,
            Participant = refused.Participant,
            Problem = refused.Problem,
            Digest = refused.Id,
            RefusedAt = refused.RefusedAt,
        });
        await session.CommitAsync(cancellationToken);
        telemetry.Received(refused.Problem);
    }
}
