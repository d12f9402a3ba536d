using MassTransit;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Consent's part of an export.</summary>
public sealed class HandOverConsentsOnExportSubject(SubjectExport export, ConsentExport consents, DocumentSession session) : IConsumer<ExportSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ExportSubject> context) => export.HandleAsync(context.Message, consents, session, context.CancellationToken);
}

/// <summary>What a person decided and decides now, with the proofs that receipts are made of, and what they were given for it.</summary>
public sealed class ConsentExport : IExportParticipant
{
    private const int Page = 1000;
    private const string Category = "consent";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExportedDatum>> ExportAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken)
    {
        var record = await session.LoadAsync<ConsentRecord>(subjectRef, cancellationToken) ?? ConsentRecord.Empty(subjectRef);
        var rewards = await KeepRewardsInErasure.RewardsAsync(session, subjectRef, cancellationToken);
        return
        [
            .. record.DecisionsInForce.Select(decision => new ExportedDatum
            {
                Store = "consent_records",
                Name = "decision",
                Value = ExportedDatum.ValueOf(decision),
                Category = decision.Category,
                Purposes = [decision.Purpose],
                Since = decision.GrantedAt ?? record.Changes.GetValueOrDefault(decision.Purpose)?.At,
                Until = decision.ValidUntil,
            }),
            .. (await ProofsAsync(subjectRef, session, cancellationToken)).Select(proof => new ExportedDatum
            {
                Store = "ledger_entries",
                Name = "proof",
                Value = ExportedDatum.ValueOf(proof),
                Category = Category,
                Purposes = [.. proof.Decisions.Select(decision => decision.Purpose).Distinct()],
                Since = proof.DecidedAt,
                From = proof.Channel,
            }),
            .. record.Restrictions.Select(restriction => new ExportedDatum
            {
                Store = "restrictions",
                Name = "restriction",
                Value = ExportedDatum.ValueOf(RestrictionView.Of(restriction)),
                Category = Category,
                Purposes = restriction.Purposes ?? [],
                Since = restriction.PlacedAt,
                Until = restriction.Until,
            }),
            .. rewards.Select(grant => new ExportedDatum
            {
                Store = "reward_grants",
                Name = "reward",
                Value = ExportedDatum.ValueOf(new GivenReward(grant.GrantId, grant.RewardId, grant.Kind, grant.Purpose, grant.Code, grant.GrantedAt)),
                Category = "reward",
                Purposes = [grant.Purpose],
                Since = grant.GrantedAt,
            }),
        ];
    }

    /// <summary>Also those that an erasure has frozen: they are held still.</summary>
    private static async Task<IReadOnlyList<LedgerEntry>> ProofsAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken)
    {
        var proofs = new List<LedgerEntry>();
        for (var after = SubjectIndex.Before(subjectRef); ;)
        {
            var rows = await session.QueryRowsAsync<LedgerEntry>(
                "place", after: after, atMost: LedgerLink.IdOf(subjectRef, long.MaxValue), limit: Page, cancellationToken: cancellationToken);
            proofs.AddRange(rows.Select(row => row.Document).OfType<LedgerEntry>());
            if (rows.Count < Page) return proofs;
            after = rows[^1].Value;
        }
    }
}
