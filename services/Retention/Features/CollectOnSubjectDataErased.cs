using MassTransit;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Puts a receipt into its case; the last expected one closes it, and its certificate is issued with the same write. The inbox filter has verified that the participant signed it.</summary>
public sealed class CollectOnSubjectDataErased(
    ServiceModule module, IOptions<RetentionOptions> options, DocumentSession session, RetentionTelemetry telemetry, TimeProvider time) : IConsumer<SubjectDataErased>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SubjectDataErased> context)
    {
        var receipt = context.Message;
        var erasure = await session.LoadAsync<ErasureCase>(receipt.CaseId, context.CancellationToken) ?? throw new UnknownErasureCaseException();
        if (erasure.Receive(receipt, time.GetUtcNow()) is not { } next)
        {
            telemetry.Received(erasure.Expects(receipt) ? "repeated" : "refused");
            return;
        }

        telemetry.Received(next.Awaiting.Contains(receipt.Participant) ? "residue" : "taken");
        session.Store(next);
        if (!next.IsClosed) return;
        telemetry.Completed(next);
        session.Store(module.Signer.Sign(ErasureCertificate.Of(next, options.Value.Parties)));
        session.Publish(new ErasureCompleted
        {
            CaseId = next.Id,
            SubjectRef = next.SubjectRef,
            Epoch = next.Epoch,
            Participants = next.Participants,
            CompletedAt = next.CompletedAt!.Value,
        });
    }
}

/// <summary>A receipt names a case that isn't there: a store that was restored, or an impostor of our own. It goes to the error queue, where an operator sees it.</summary>
public sealed class UnknownErasureCaseException() : Exception("A receipt names an erasure case that isn't known here.");
