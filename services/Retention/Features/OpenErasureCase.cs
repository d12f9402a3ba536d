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

    /// <summary>Has the case of a revocation say that the person demanded it, or an authority ordered it. Where there is none, the demand gets one.</summary>
    /// <param name="subjectRef">The subject's pseudonym.</param>
    /// <param name="customerId">The caller's id of the person.</param>
    /// <param name="revoked">What Consent did: it names the case of what it revoked, or of the last revocation. What the stream has of it is here.</param>
    /// <param name="deadline">By when it has to be done.</param>
    /// <param name="order">Which authority ordered it, and by what; null: the person demands it.</param>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The case as it is now; null if it is closed, and says nothing of this.</returns>
    public async Task<ErasureCase?> DemandAsync(
        string subjectRef, string customerId, RevokedConsents revoked, ErasureDeadline deadline, string? order, DocumentSession session, CancellationToken cancellationToken)
    {
        // The last one may be forgotten by now.
        var erasure = (revoked.CaseId is { } last ? await session.LoadAsync<ErasureCase>(last, cancellationToken) : null)
            ?? await session.LoadAsync<ErasureCase>(ErasureCaseId.Of(subjectRef, revoked.Version), cancellationToken);
        if (erasure is null)
            return await OpenAsync(subjectRef, revoked.Epoch, revoked.Version, wholeEpoch: true, [], order is null ? ErasureReason.Requested : ErasureReason.Ordered, deadline, session, cancellationToken, customerId, order);
        if (erasure.Says(order)) return erasure;
        if (erasure.Demand(customerId, deadline, order) is { } demanded)
        {
            session.Store(demanded);
            return demanded;
        }

        // One that came after it may have got a case of its own already.
        var all = await session.QueryAsync<ErasureCase>(
            "subject", after: SubjectIndex.Before(subjectRef), atMost: SubjectIndex.Through(subjectRef, int.MaxValue), limit: int.MaxValue, cancellationToken: cancellationToken);
        return all.Where(other => other.CoolingOff is null && other.Version > erasure.Version).MaxBy(other => other.Version) is { } newest && newest.Says(order) ? newest : null;
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
