using MassTransit;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Consent's part of an erasure: proofs are frozen under a key of their own, superseded entries of the stream go.</summary>
public sealed class FreezeProofsOnEraseSubject(Erasure erasure, ConsentErasure participant, DocumentSession session) : IConsumer<EraseSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EraseSubject> context) => erasure.HandleAsync(context.Message, participant, session, context.CancellationToken);
}

/// <summary>What Consent erases and keeps.</summary>
public sealed class ConsentErasure(IOptions<ConsentOptions> options, TimeProvider time) : IErasureParticipant
{
    private const int Most = 10_000;

    /// <inheritdoc/>
    public async Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        var proofs = await session.QueryAsync<LedgerEntry>(
            "place", after: SubjectIndex.Before(command.SubjectRef), atMost: LedgerLink.IdOf(command.SubjectRef, long.MaxValue), limit: Most, cancellationToken: cancellationToken);
        var kept = proofs.Where(entry => entry.Epoch <= command.Epoch).ToArray();
        var now = time.GetUtcNow();
        if (command.WholeEpoch)
        {
            foreach (var entry in kept.Where(entry => entry.RetentionRule is null)) session.Store(entry.Freeze(now));
        }

        var superseded = await SupersededAsync(command, session, cancellationToken);
        foreach (var entry in superseded) session.Delete<StreamEntry>(entry.Id);
        var tokens = await EraseUnsubscribeTokens.EraseAsync(command, session, cancellationToken);
        var stream = superseded.Count == 0 ? null : new ErasedData { Store = "consent_stream_entries", Category = "consent", Count = superseded.Count, Method = "erased" };
        var ledger = kept.Length == 0 ? null : new RetainedData
        {
            Store = "ledger_entries",
            Category = "consent",
            Count = kept.Length,
            Reason = RetainedReasons.ConsentProof.En,
            Until = now.AddYears(options.Value.KeepProofsYears),
        };
        var rewards = await KeepRewardsInErasure.KeepAsync(command, session, options.Value.KeepRewardsYears, now, cancellationToken);
        return new ErasureOutcome([.. stream is null ? [] : (ErasedData[])[stream], .. tokens], [.. new[] { ledger, rewards }.OfType<RetainedData>()]);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        var proofs = await session.QueryAsync<LedgerEntry>(
            "place", after: SubjectIndex.Before(command.SubjectRef), atMost: LedgerLink.IdOf(command.SubjectRef, long.MaxValue), limit: Most, cancellationToken: cancellationToken);
        return
        [
            await EraseUnsubscribeTokens.ScanAsync(command, session, cancellationToken),
            new ResidualScan { Searched = "consent_stream_entries", Found = (await SupersededAsync(command, session, cancellationToken)).Count },
            new ResidualScan { Searched = "ledger_entries outside the retention key", Found = command.WholeEpoch ? proofs.Count(entry => entry.Epoch <= command.Epoch && entry.RetentionRule is null) : 0 },
        ];
    }

    /// <summary>The stream keeps what somebody may still need: the newest state, and every narrowing, because an erasure case follows from each.</summary>
    private static async Task<IReadOnlyList<StreamEntry>> SupersededAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) =>
        [.. (await session.QueryAsync<StreamEntry>("subject", equalTo: command.SubjectRef, limit: Most, cancellationToken: cancellationToken))
            .Where(entry => entry.Entry.Event.Version < command.Version && entry.Entry.Event.Narrowed.Count == 0)];
}
