using MassTransit;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Puts a newer consent into the gate, and says so with the same commit, with which also the segments end that it takes away the purpose of.</summary>
public sealed class ApplyConsent(ServiceModule module, IOptions<ProfileOptions> options, TimeProvider time) : IConsentListener
{
    private const string Members = "segment_members";

    /// <inheritdoc/>
    public async Task ApplyAsync(IConsentEvent change, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await session.LoadAsync<SubjectGate>(change.SubjectRef, cancellationToken) ?? SubjectGate.Closed(change.SubjectRef);
        if (gate.Apply(change) is not { } next) return;
        var now = time.GetUtcNow();
        session.Store(next);
        session.Publish(new ConsentApplied { SubjectRef = next.Id, Version = next.Version, Service = module.Name, AppliedAt = now });
        if (next.NarrowedSince(gate) is { Count: > 0 } narrowed)
        {
            await LeaveSegmentsAsync(change, gate, narrowed, now, session, cancellationToken);
            await RecordWithdrawalAsync(change, gate, narrowed, now, session, cancellationToken);
        }

        // What is left or new may put them in other segments, or in the same again.
        if (next.Grants.Count > 0) session.Store(ChangedSubjects.Of([new ChangedSubject(next.Id, next.Epoch)], now));
    }

    /// <summary>For those who hold lists: only here the customer id is known still, and only of somebody it is known of can be on one.</summary>
    private async Task RecordWithdrawalAsync(
        IConsentEvent change, SubjectGate gate, IReadOnlyList<string> narrowed, DateTimeOffset now, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<VaultEntry>(gate.Id, cancellationToken) is not { } entry || entry.Epoch != gate.Epoch) return;
        session.Store(new Withdrawal
        {
            Number = change.Consent.Number,
            CustomerId = entry.CustomerId,
            Purposes = narrowed,
            DecidedAt = change.DecidedAt,
            ExpiresAt = Withdrawal.EndOf(now, TimeSpan.FromHours(options.Value.AudienceUsableHours)),
        });
        session.Publish(new WithdrawalRecorded { Number = change.Consent.Number, Purposes = narrowed, RecordedAt = now });
    }

    private static async Task LeaveSegmentsAsync(
        IConsentEvent change, SubjectGate gate, IReadOnlyList<string> narrowed, DateTimeOffset now, DocumentSession session, CancellationToken cancellationToken)
    {
        var members = await session.QueryAsync<SegmentMember>(
            "subject", after: SubjectIndex.Before(gate.Id), atMost: SubjectIndex.Through(gate.Id, gate.Epoch), cancellationToken: cancellationToken);
        var left = members.Where(member => narrowed.Contains(member.Purpose)).ToArray();
        foreach (var member in left) EvaluateSegments.Leave(member, change.Version, now, session);

        // The erasure case that follows counts them, though they are gone before it begins.
        if (left.Length == 0 || change.Narrowed.Count == 0) return;
        var tally = await session.LoadAsync<ErasureTally>(ErasureCaseId.Of(change.SubjectRef, change.Version), cancellationToken)
            ?? new ErasureTally { Id = ErasureCaseId.Of(change.SubjectRef, change.Version) };
        session.Store(left.Aggregate(tally, (sum, _) => sum.Add(Members, ProfileErasure.Membership)));
    }
}

/// <summary>More is permitted.</summary>
public sealed class OpenProfileGateOnConsentGranted(ApplyConsent apply, DocumentSession session) : IConsumer<ConsentGranted>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentGranted> context) => apply.ApplyAsync(context.Message, session, context.CancellationToken);
}

/// <summary>Less is permitted, by the person's word.</summary>
public sealed class CloseProfileGateOnConsentRevoked(ApplyConsent apply, DocumentSession session) : IConsumer<ConsentRevoked>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentRevoked> context) => apply.ApplyAsync(context.Message, session, context.CancellationToken);
}

/// <summary>Less is permitted, by time.</summary>
public sealed class CloseProfileGateOnConsentExpired(ApplyConsent apply, DocumentSession session) : IConsumer<ConsentExpired>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ConsentExpired> context) => apply.ApplyAsync(context.Message, session, context.CancellationToken);
}
