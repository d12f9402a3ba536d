using Microsoft.Extensions.Options;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Opens a case for every change that narrows something, wherever it was heard of first: the bus, the pull or a demand.</summary>
public sealed class OpenErasureCase(
    ServiceModule module, ChangeLegalHolds holds, IOptions<DeploymentOptions> deployment, IOptions<RetentionOptions> options, RetentionTelemetry telemetry, TimeProvider time)
    : IConsentListener
{
    /// <inheritdoc/>
    public async Task ApplyAsync(IConsentEvent change, DocumentSession session, CancellationToken cancellationToken)
    {
        if (change.Narrowed.Count == 0) return;

        // A case that old is forgotten, with its key: a stream that is read again from its beginning must not stumble over it.
        if (change.DecidedAt < time.GetUtcNow().AddYears(-options.Value.KeepCertificatesYears)) return;
        if (await session.LoadAsync<ErasureCase>(ErasureCaseId.Of(change.SubjectRef, change.Version), cancellationToken) is not null) return;
        var reason = change is ConsentExpired ? ErasureReason.Expired : ErasureReason.Revoked;
        await OpenAsync(change.SubjectRef, change.Epoch, change.Version, change.EpochEnded, change.Narrowed, reason, change.DecidedAt, session, cancellationToken);
    }

    /// <summary>Opens a case that the session didn't find, and sends it to the participants with the same commit. Its time runs from what caused it, however late that was heard of.</summary>
    public async Task OpenAsync(
        string subjectRef, int epoch, long version, bool wholeEpoch, IReadOnlyList<NarrowedConsent> narrowed, ErasureReason reason, DateTimeOffset since,
        DocumentSession session, CancellationToken cancellationToken, string? customerId = null)
    {
        var now = time.GetUtcNow();
        var deadline = options.Value.Terms.DeadlineOf(reason, since);
        var opened = new ErasureCase
        {
            SubjectRef = subjectRef,
            CustomerId = customerId,
            Epoch = epoch,
            Version = version,
            WholeEpoch = wholeEpoch,
            Narrowed = narrowed,
            Reason = reason,
            OpenedAt = now,
            DueAt = deadline.DueAt,
            IsDueEstimated = deadline.IsEstimated,
            Participants = deployment.Value.Participants,
        };
        telemetry.Changed(null, await SendAsync(opened, now, session, cancellationToken));
    }

    /// <summary>Sends a case to the participants, again or for the first time.</summary>
    public async Task<ErasureCase> SendAsync(ErasureCase erasure, DateTimeOffset now, DocumentSession session, CancellationToken cancellationToken)
    {
        var sent = erasure.Sent(now, TimeSpan.FromSeconds(options.Value.ResendAfterSeconds), TimeSpan.FromSeconds(options.Value.ResendAtMostSeconds));
        session.Store(sent);
        session.Publish(await CommandAsync(erasure, session, cancellationToken));
        return sent;
    }

    /// <summary>What the participants are told of a case now, signed.</summary>
    public async Task<EraseSubject> CommandAsync(ErasureCase erasure, DocumentSession session, CancellationToken cancellationToken) =>
        module.Signer.Sign(erasure.Command(await holds.StateOfAsync(erasure.SubjectRef, session, cancellationToken)));
}
