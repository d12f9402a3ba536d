using MassTransit;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Puts a receipt into its case; the last expected one closes it, and its certificate is issued with the same write. The inbox filter has verified that the participant signed it.</summary>
public sealed class CollectOnSubjectDataErased(
    ServiceModule module, IOptions<RetentionOptions> options, DocumentSession session, RetentionTelemetry telemetry, TimeProvider time) : IConsumer<SubjectDataErased>
{
    /// <inheritdoc/>
    /// <exception cref="UntrustedMessageException">It is about no case, or about another than it names: <see cref="RefuseReceipts"/> takes it.</exception>
    public async Task Consume(ConsumeContext<SubjectDataErased> context)
    {
        var receipt = context.Message;
        var erasure = await session.LoadAsync<ErasureCase>(receipt.CaseId, context.CancellationToken)
            ?? throw new UntrustedMessageException("unknown-case", "A receipt names an erasure case that isn't known here.");
        if (!erasure.IsAbout(receipt)) throw new UntrustedMessageException("mismatch", "A receipt speaks of another subject, epoch or version than its case.");
        if (erasure.Receive(receipt, time.GetUtcNow()) is not { } next)
        {
            telemetry.Received(erasure.Takes(receipt.Participant) ? "repeated" : "unexpected");
            return;
        }

        telemetry.Received(receipt.Failure is not null ? "failed" : next.Awaiting.Contains(receipt.Participant) ? "residue" : "taken");
        session.Store(next);
        telemetry.Changed(erasure, next);
        if (!next.IsClosed && !next.IsOnHold) return;
        var certificate = ErasureCertificate.Of(next, options.Value.Parties, time.GetUtcNow());
        session.Store(module.Signer.Sign(certificate));
        if (!next.IsClosed) return;
        session.Publish(new ErasureCompleted
        {
            CaseId = next.Id,
            SubjectRef = next.SubjectRef,
            Epoch = next.Epoch,
            Participants = next.Expected,
            CompletedAt = next.CompletedAt!.Value,
            OpenedAt = next.OpenedAt,
            DueAt = next.DueAt,
            Reason = next.ReasonWord,
        });
    }
}
