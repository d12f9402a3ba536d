using MassTransit;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

public sealed class EraseSignalsOnEraseSubject(Erasure erasure, SignalErasure signals, DocumentSession session) : IConsumer<EraseSubject>
{
    public Task Consume(ConsumeContext<EraseSubject> context) => erasure.HandleAsync(context.Message, signals, session, context.CancellationToken);
}

/// <summary>Erases a person's signals, and sees to it that the model is without them before the receipt says so.</summary>
public sealed class SignalErasure(
    ServiceModule module, ConsentFollower follower, ServedModel served, ItemModel model, IOptions<RecommendationOptions> options, TimeProvider time)
    : IErasureParticipant
{
    private const string Erased = "erased";

    public async Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await GateAsync(command, session, cancellationToken);
        if (gate.Version < command.Version)
        {
            await follower.CatchUpAsync(cancellationToken);
            session.Clear();
            gate = await GateAsync(command, session, cancellationToken);
            if (gate.Version < command.Version)
                throw new ErasureImpossibleException(ErasureImpossibleException.ConsentBehind);
        }

        var (history, isReadable) = await HistoryAsync(command, session, cancellationToken);

        // What can't be read can't be told apart either, and goes whole.
        var erased = command.WholeEpoch || !isReadable ? EraseEpoch(command, history, session) : EraseNarrowed(command, history, gate, session);

        // The gate is narrowed already, so this takes out of the model what it no longer permits.
        await served.CatchUpAsync(cancellationToken);
        return new ErasureOutcome(erased, [], model.Content.Version);
    }

    public async Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        session.Clear();
        var gate = await GateAsync(command, session, cancellationToken);
        var (history, isReadable) = await HistoryAsync(command, session, cancellationToken);
        var inHistory = command.WholeEpoch || !isReadable
            ? await CountRowsAsync(command, cancellationToken)
            : history is null || history.Epoch > command.Epoch ? 0 : history.Entries.Count(entry => Remaining(entry, command, gate, history.Epoch) != entry);

        // What was erased although the gate permits it again is no news to those who follow gates.
        await served.ReadAgainAsync(command.SubjectRef, cancellationToken);

        // The model may hold what the history permits now, of a later epoch too, and nothing else.
        var permitted = SubjectHistory.UsableOf(history, gate, options.Value.Purpose, time.GetUtcNow()).Entries.Select(entry => entry.ItemId).ToHashSet();
        return
        [
            new ResidualScan { Searched = RecommendationModule.Histories, Found = inHistory },
            new ResidualScan { Searched = "model", Found = model.LikingsOf(command.SubjectRef).Count(itemId => !permitted.Contains(itemId)) },
        ];
    }

    /// <summary>Closed and of version 0 for somebody who never decided anything: they may demand an erasure too.</summary>
    private static async Task<SubjectGate> GateAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) =>
        await session.LoadAsync<SubjectGate>(command.SubjectRef, cancellationToken) ?? SubjectGate.Closed(command.SubjectRef);

    private static async Task<(SubjectHistory? History, bool IsReadable)> HistoryAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        try
        {
            return (await session.LoadAsync<SubjectHistory>(command.SubjectRef, cancellationToken), true);
        }
        catch (DocumentUnreadableException)
        {
            return (null, false);
        }
    }

    private static ErasedData[] EraseEpoch(EraseSubject command, SubjectHistory? history, DocumentSession session)
    {
        // A row whose key is gone reads as absent. It can only be of an epoch that ended, and goes as well.
        if (history is null || history.Epoch <= command.Epoch) session.Delete<SubjectHistory>(command.SubjectRef);
        return history is null || history.Epoch > command.Epoch ? [] : Count(history.Entries.Select(entry => entry.Category));
    }

    private ErasedData[] EraseNarrowed(EraseSubject command, SubjectHistory? history, SubjectGate gate, DocumentSession session)
    {
        if (history is null || history.Epoch > command.Epoch) return [];
        var erased = new List<string>();
        var kept = new List<HistoryEntry>();
        foreach (var entry in history.Entries)
        {
            var remaining = Remaining(entry, command, gate, history.Epoch);
            if (remaining is null) erased.Add(entry.Category);
            else kept.Add(remaining);
            if (entry.ValueCategory is { } category && remaining is not null && remaining.Value is null) erased.Add(category);
        }

        if (erased.Count == 0) return [];
        if (kept.Count + history.Shortened.Count == 0) session.Delete<SubjectHistory>(history.Id);
        else session.Store(history with { Entries = kept, ChangedAt = time.GetUtcNow() });
        return Count(erased);
    }

    /// <summary>What of an entry is still justified, or null.</summary>
    private HistoryEntry? Remaining(HistoryEntry entry, EraseSubject command, SubjectGate gate, int epoch)
    {
        var now = time.GetUtcNow();
        if (entry.Purpose != options.Value.Purpose || !gate.Keeps(entry.Purpose, entry.Category, entry.Time, epoch, now) || IsNarrowed(command, entry, entry.Category)) return null;
        var remaining = entry.WithoutValueUnless(category => gate.Keeps(entry.Purpose, category, entry.Time, epoch, now));
        return remaining.ValueCategory is { } of && IsNarrowed(command, entry, of) ? remaining with { Value = null, ValueCategory = null } : remaining;
    }

    /// <summary>
    /// Whether it was collected under the consent that the case ended. The gate alone doesn't tell when the person has agreed again since:
    /// an event's time may be some minutes ahead, after the new grant.
    /// </summary>
    private static bool IsNarrowed(EraseSubject command, HistoryEntry entry, string category) =>
        entry.ConsentVersion < command.Version && command.Narrowed.Any(narrowed => narrowed.Purpose == entry.Purpose && narrowed.Category == category);

    private static ErasedData[] Count(IEnumerable<string> categories) =>
        [.. categories.CountBy(category => category).Select(count => new ErasedData
        {
            Store = RecommendationModule.Histories,
            Category = count.Key,
            Count = count.Value,
            Method = Erased,
        })];

    /// <summary>Looks at the row itself, readable or not: the id of the key that seals it says the epoch.</summary>
    private async Task<int> CountRowsAsync(EraseSubject command, CancellationToken cancellationToken)
    {
        var rows = await module.Store.ReadAsync([new DocumentKey(RecommendationModule.Histories, command.SubjectRef)], cancellationToken);
        var endedKeys = Enumerable.Range(1, command.Epoch).Select(epoch => new DataKeyId(command.SubjectRef, epoch).ToString()).ToHashSet();
        return rows.Count(row => !row.IsSealed || Envelope.FindKey(row.Body) is not { } key || endedKeys.Contains(key));
    }
}
