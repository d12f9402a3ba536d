using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>What a participant did with the data of its own store.</summary>
/// <param name="Erased">Per store and category; empty if nothing was held.</param>
/// <param name="Retained">What was kept, and by what right.</param>
/// <param name="ModelVersion">The model that no longer holds the subject, where there is one.</param>
/// <param name="PassedOnTo">Who else was told to erase.</param>
public sealed record ErasureOutcome(
    IReadOnlyList<ErasedData> Erased, IReadOnlyList<RetainedData> Retained, string? ModelVersion = null, IReadOnlyList<string>? PassedOnTo = null)
{
    /// <summary>Both together, of an erasure that had to be repeated. What a legal hold keeps is said by the later one alone: a hold ends.</summary>
    public ErasureOutcome And(ErasureOutcome later) =>
        new([.. Erased, .. later.Erased], [.. Retained.Where(kept => kept.IsOnHold != true && !later.Retained.Any(newer => IsSame(kept, newer))), .. later.Retained], later.ModelVersion ?? ModelVersion,
            PassedOnTo is null ? later.PassedOnTo : [.. PassedOnTo.Union(later.PassedOnTo ?? [])]);

    // Until when it is kept, and how much it is by now, the later one knows better.
    private static bool IsSame(RetainedData one, RetainedData other) => (one.Store, one.Category, one.Reason) == (other.Store, other.Category, other.Reason);
}

/// <summary>A service that holds personal data: how it erases, and how it looks for what is left.</summary>
public interface IErasureParticipant
{
    /// <summary>Makes durable what the command tells besides, before anything is looked for. Most need nothing of it.</summary>
    Task LearnAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Takes the state of somebody's legal holds at the start, since the store may be a copy from before they changed. Most keep nothing for holds.</summary>
    Task TakeHoldsAsync(LegalHoldsChanged holds, DocumentSession session, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Changes the session so that what no remaining purpose justifies is gone; for <see cref="EraseSubject.WholeEpoch"/> everything of the
    /// epoch and those before. Never touches a later epoch. Called again, with a fresh session, after a conflict.
    /// </summary>
    Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken);

    /// <summary>Looks, after the erasure is durable, for what should be gone. A service with copies outside its store (a model, a cache) looks there too.</summary>
    Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken);
}

/// <summary>A participant can't erase now, and trying again at once won't help. It answers so, and is asked again later.</summary>
/// <param name="failure">Why, a stable word: <see cref="SubjectDataErased.Failure"/>.</param>
public sealed class ErasureImpossibleException(string failure) : Exception($"The erasure can't be carried out now: {failure}.")
{
    /// <summary>The consent stream doesn't hold the version that opened the case, so what remains permitted isn't known: Consent was restored, or the command is not about this deployment.</summary>
    public const string ConsentBehind = "consent-behind";

    /// <summary>Why.</summary>
    public string Failure { get; } = failure;
}

/// <summary>What this service did for an erasure case: kept so that a case delivered again answers the same, and so that a crash between erasing and answering loses no count.</summary>
public sealed record ErasureRecord : IDocument
{
    /// <summary>The case id.</summary>
    public required string Id { get; init; }

    /// <summary>When the rows were erased, UTC.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>What was done.</summary>
    public required ErasureOutcome Outcome { get; init; }
}

/// <summary>
/// Carries out an erasure: rows first, in one write with the record of it; then, for a whole epoch, the keys, which no late writer can make
/// again; then the store's own files; then a search for what is left; then the signed receipt.
/// </summary>
public sealed class Erasure(ServiceModule module, TimeProvider time)
{
    /// <summary>Whether the stores say that it was carried out: the record is there and, for a whole epoch, the key isn't; where they are not to be believed, nothing is found either.</summary>
    internal async Task<bool> IsDoneAsync(EraseSubject command, IErasureParticipant participant, bool looks, DocumentSession session, CancellationToken cancellationToken)
    {
        await participant.LearnAsync(command, session, cancellationToken);
        return await session.LoadAsync<ErasureRecord>(command.CaseId, cancellationToken) is not null
            && (!command.WholeEpoch || await module.Keys.IsDestroyedAsync(new DataKeyId(command.SubjectRef, command.Epoch), cancellationToken))
            && (!looks || (await participant.ScanAsync(command, session, cancellationToken)).All(place => place.Found == 0));
    }

    /// <summary>Erases and publishes the receipt through the session. Safe to call any number of times.</summary>
    /// <returns>Whether it was carried out; otherwise the receipt says that it can't be for now.</returns>
    public async Task<bool> HandleAsync(EraseSubject command, IErasureParticipant participant, DocumentSession session, CancellationToken cancellationToken)
    {
        await participant.LearnAsync(command, session, cancellationToken);
        try
        {
            await EraseAsync(command, participant, session, cancellationToken);
            return true;
        }
        catch (ErasureImpossibleException impossible)
        {
            session.Clear();
            Answer(command, session, new ErasureOutcome([], []), time.GetUtcNow(), [], impossible.Failure);
            return false;
        }
    }

    private async Task EraseAsync(EraseSubject command, IErasureParticipant participant, DocumentSession session, CancellationToken cancellationToken)
    {
        var record = await session.LoadAsync<ErasureRecord>(command.CaseId, cancellationToken);
        if (record is null || (await participant.ScanAsync(command, session, cancellationToken)).Any(place => place.Found > 0))
        {
            // A case comes again when the last receipt told of a residue, from a writer that overtook the erasure.
            var outcome = await participant.EraseAsync(command, session, cancellationToken);

            // Again: a participant that takes several writes has let go of what the session had read.
            record = await session.LoadAsync<ErasureRecord>(command.CaseId, cancellationToken);
            record = new ErasureRecord { Id = command.CaseId, ErasedAt = time.GetUtcNow(), Outcome = record is null ? outcome : record.Outcome.And(outcome) };
            session.Store(record);
            await session.CommitAsync(cancellationToken);
        }

        if (command.WholeEpoch)
        {
            // Down to 0: what was recorded of a person who refused before ever granting anything.
            for (var epoch = command.Epoch; epoch >= 0; epoch--)
            {
                if (!await module.Keys.DestroyAsync(new DataKeyId(command.SubjectRef, epoch), cancellationToken) && epoch < command.Epoch) break;
            }
        }

        await module.Store.ScrubAsync(cancellationToken);
        Answer(command, session, record.Outcome, record.ErasedAt, await participant.ScanAsync(command, session, cancellationToken));
    }

    private void Answer(
        EraseSubject command, DocumentSession session, ErasureOutcome outcome, DateTimeOffset erasedAt, IReadOnlyList<ResidualScan> residual, string? failure = null) =>
        session.Publish(module.Signer.Sign(new SubjectDataErased
        {
            CaseId = command.CaseId,
            SubjectRef = command.SubjectRef,
            Epoch = command.Epoch,
            Version = command.Version,
            Participant = module.Name,
            ErasedAt = erasedAt,
            Erased = outcome.Erased,
            Retained = outcome.Retained,
            Residual = residual,
            ModelVersion = outcome.ModelVersion,
            Failure = failure,
            PassedOnTo = outcome.PassedOnTo,
        }));
}
