using MassTransit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Tells of every message of a contract.</summary>
public sealed class AppendEntryOn<TEvent>(AuditLog log) : IConsumer<TEvent>
    where TEvent : class
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<TEvent> context) => log.AppendAsync(
        new Told(context.Message, context.MessageId!.Value, Path.GetFileName(context.ReceiveContext.InputAddress.AbsolutePath), SubjectOf(context.Message), CaseOf(context.Message)),
        context.CancellationToken);

    private static DataKeyId? SubjectOf(TEvent message) => message switch
    {
        IConsentEvent consent => new DataKeyId(consent.SubjectRef, consent.Epoch),

        // These know no epoch; a key that no erasure of an epoch reaches would outlive the person's wish, so it shares that of epoch 0.
        ConsentApplied applied => new DataKeyId(applied.SubjectRef, 0),
        ConsentRenewalNeeded renewal => new DataKeyId(renewal.SubjectRef, 0),
        LegalHoldsChanged changed => new DataKeyId(changed.SubjectRef, 0),
        ObjectionReceived received => new DataKeyId(received.SubjectRef, 0),
        ObjectionResolved resolved => new DataKeyId(resolved.SubjectRef, 0),
        PersonalDataRead read => new DataKeyId(read.SubjectRef, read.Epoch),
        RestrictionLifted lifted => new DataKeyId(lifted.SubjectRef, 0),
        RewardGranted reward => new DataKeyId(reward.SubjectRef, reward.Epoch),
        SegmentEntered entered => new DataKeyId(entered.SubjectRef, entered.Epoch),
        SegmentLeft left => new DataKeyId(left.SubjectRef, left.Epoch),
        SignalRecorded signal => new DataKeyId(signal.SubjectRef, signal.Epoch),
        UseRestricted restricted => new DataKeyId(restricted.SubjectRef, 0),
        EraseSubject command => new DataKeyId(command.SubjectRef, command.Epoch),
        SubjectDataErased receipt => new DataKeyId(receipt.SubjectRef, receipt.Epoch),
        SubjectDataExpired expired => new DataKeyId(expired.SubjectRef, expired.Epoch),
        ErasureCancelled cancelled => new DataKeyId(cancelled.SubjectRef, 0),
        ErasureCompleted completed => new DataKeyId(completed.SubjectRef, completed.Epoch),
        ErasureDueSoon due => new DataKeyId(due.SubjectRef, due.Epoch),
        ErasureOverdue overdue => new DataKeyId(overdue.SubjectRef, overdue.Epoch),
        ExportSubject command => new DataKeyId(command.SubjectRef, 0),
        ExportCompleted completed => new DataKeyId(completed.SubjectRef, 0),
        _ => null,
    };

    private static string? CaseOf(TEvent message) => message switch
    {
        EraseSubject command => command.CaseId,
        SubjectDataErased receipt => receipt.CaseId,
        ErasureCancelled cancelled => cancelled.CaseId,
        ErasureCompleted completed => completed.CaseId,
        ErasureDueSoon due => due.CaseId,
        ErasureOverdue overdue => overdue.CaseId,
        ErasureReceiptRefused refused => refused.CaseId,
        _ => null,
    };
}
