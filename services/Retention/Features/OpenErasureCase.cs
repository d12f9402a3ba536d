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

        // Its time runs from what caused it, however late that was heard of.
        await OpenAsync(
            change.SubjectRef, change.Epoch, change.Version, change.EpochEnded, change.Narrowed, reason, options.Value.Terms.DeadlineOf(reason, change.DecidedAt), session, cancellationToken);
    }

    /// <summary>Has the case of a revocation say that the person demanded it, or an authority ordered it, and opens it where that isn't on its way.</summary>
    /// <returns>Its id and how it stood before, or as it was opened; null if it comes with the consent stream.</returns>
    public async Task<(string CaseId, ErasureCase? Case)> DemandAsync(
        string subjectRef, string customerId, RevokedConsents revoked, ErasureDeadline deadline, DocumentSession session, CancellationToken cancellationToken, string? order = null)
    {
        // Consent names the case of what it revoked, or of the last revocation; where there never was one, the demand gets a case all the same.
        var newest = ErasureCaseId.Of(subjectRef, revoked.Version);
        var caseId = revoked.CaseId ?? newest;
        var erasure = await session.LoadAsync<ErasureCase>(caseId, cancellationToken);
        if (erasure is null && caseId == newest)
            erasure = await OpenAsync(subjectRef, revoked.Epoch, revoked.Version, wholeEpoch: true, [], order is null ? ErasureReason.Requested : ErasureReason.Ordered, deadline, session, cancellationToken, customerId, order);
        else if (erasure?.Demand(customerId, deadline, order) is { } demanded)
            session.Store(demanded);
        return (caseId, erasure);
    }

    private async Task<ErasureCase> OpenAsync(
        string subjectRef, int epoch, long version, bool wholeEpoch, IReadOnlyList<NarrowedConsent> narrowed, ErasureReason reason, ErasureDeadline deadline,
        DocumentSession session, CancellationToken cancellationToken, string? customerId = null, string? order = null)
    {
        // The session didn't find it: it is sent to the participants with the same commit.
        var now = time.GetUtcNow();
        var opened = new ErasureCase
        {
            SubjectRef = subjectRef,
            CustomerId = customerId,
            Epoch = epoch,
            Version = version,
            WholeEpoch = wholeEpoch,
            Narrowed = narrowed,
            Reason = reason,
            Order = order,
            OpenedAt = now,
            DueAt = deadline.DueAt,
            IsDueEstimated = deadline.IsEstimated,
            Participants = deployment.Value.Participants,
        };
        var sent = await SendAsync(opened, now, session, cancellationToken);
        telemetry.Changed(null, sent);
        return sent;
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
