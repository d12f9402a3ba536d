using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Keeps the newest legal holds on a person's data. What was only kept for one that ended goes, unless a retention rule keeps it; what a case waits for is left to that case.</summary>
public sealed class KeepHoldsOnLegalHoldsChanged(DocumentSession session, TimeProvider time) : IConsumer<LegalHoldsChanged>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<LegalHoldsChanged> context) => TakeAsync(context.Message, session, time.GetUtcNow(), context.CancellationToken);

    /// <summary>Takes what was told, in the session, with what follows from it.</summary>
    public static async Task TakeAsync(LegalHoldsChanged told, DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if ((await HoldsAsync(session, told.SubjectRef, cancellationToken)).Apply(told) is not { } holds) return;
        session.Store(holds);
        foreach (var held in await HeldAsync(session, holds.Id, int.MaxValue, cancellationToken))
        {
            // As what was frozen ends: with a line in the act, and its key.
            if (!held.IsOfCase && !held.IsFrozen(now) && holds.On(held.Category, held.Purposes).Count == 0) session.Store(held with { FrozenSince = now, FrozenUntil = now, LegalBasis = null });
        }
    }

    /// <summary>The holds on a person's data.</summary>
    public static async Task<KnownLegalHolds> HoldsAsync(DocumentSession session, string subjectRef, CancellationToken cancellationToken) =>
        await session.LoadAsync<KnownLegalHolds>(subjectRef, cancellationToken) ?? KnownLegalHolds.None(subjectRef);

    /// <summary>What is kept of a person by holds, up to an epoch.</summary>
    public static async Task<IReadOnlyList<HeldDatum>> HeldAsync(DocumentSession session, string subjectRef, int epoch, CancellationToken cancellationToken) =>
        await session.QueryAsync<HeldDatum>(
            "subject", after: SubjectIndex.Before(subjectRef), atMost: SubjectIndex.Through(subjectRef, epoch), limit: int.MaxValue, cancellationToken: cancellationToken);
}
