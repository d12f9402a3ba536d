using System.Text.Json.Serialization;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Domain;

/// <summary>What one person did with items, in one epoch: at most one entry an item, the newest.</summary>
public sealed record SubjectHistory : ISubjectDocument
{
    /// <summary>The subject ref.</summary>
    public required string Id { get; init; }

    public required int Epoch { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<HistoryEntry> Entries { get; init; }

    /// <summary>Signals told with different ends, so that the longer telling, late or replayed, doesn't bring back what expired by the shorter one.</summary>
    public IReadOnlyList<ShortenedSignal> Shortened { get; init; } = [];

    [JsonIgnore]
    public DataKeyId? DataKey => new(Id, Epoch);

    /// <summary>When the next of it has to go; null if there is nothing.</summary>
    [JsonIgnore]
    public DateTimeOffset? ExpiresAt => Entries.Select(entry => (DateTimeOffset?)entry.ExpiresAt).Concat(Shortened.Select(signal => (DateTimeOffset?)signal.Until)).Min();

    /// <summary>Orders histories by their last change and no two alike, so that pages of them have no ties at their ends.</summary>
    [JsonIgnore]
    public string Changed => $"{Json.FormatTime(ChangedAt)}_{Id}";

    /// <summary>The history with those signals of the same person, and what became of each. The order they come in doesn't matter.</summary>
    /// <param name="known">The history so far, or null.</param>
    /// <param name="signals">Signals of one person.</param>
    /// <param name="gate">The person's gate; at least of the version each signal was collected under.</param>
    /// <param name="purpose">The purpose that has to be permitted.</param>
    /// <param name="limit">Entries it may have.</param>
    /// <param name="now">The current time.</param>
    /// <returns>The next history, or null if nothing of it changes.</returns>
    public static (SubjectHistory? Next, IReadOnlyList<SignalOutcome> Outcomes) Learn(
        SubjectHistory? known, IReadOnlyList<SignalRecorded> signals, SubjectGate gate, string purpose, int limit, DateTimeOffset now)
    {
        // What an ended epoch left is about to be erased; the new epoch begins with nothing.
        var current = known is not null && known.Epoch == gate.Epoch ? known : null;
        var entries = current?.Entries.ToDictionary(entry => entry.ItemId) ?? [];
        var shortened = current?.Shortened.Where(signal => signal.Until > now).ToDictionary(signal => signal.SignalId) ?? [];
        var isShortened = false;
        var outcomes = new SignalOutcome[signals.Count];
        for (var i = 0; i < outcomes.Length; i++)
        {
            var signal = signals[i];
            var entry = entries.GetValueOrDefault(signal.ItemId);
            outcomes[i] = Decide(signal, entry, shortened.ContainsKey(signal.SignalId), gate, purpose, now);
            if (outcomes[i] is SignalOutcome.Stored or SignalOutcome.Duplicate && entry?.SignalId == signal.SignalId && entry.ExpiresAt != signal.ExpiresAt)
            {
                var longest = Later(Later(entry.ExpiresAt, signal.ExpiresAt), shortened.GetValueOrDefault(signal.SignalId)?.Until ?? default);
                isShortened |= shortened.GetValueOrDefault(signal.SignalId)?.Until != longest;
                shortened[signal.SignalId] = new ShortenedSignal(signal.SignalId, longest);
            }

            if (outcomes[i] == SignalOutcome.Stored)
            {
                // What somebody said of an item stands for what they do with it later; what they had forgotten is over.
                var next = HistoryEntry.Of(signal, gate, purpose, now) with { Feedback = entry?.Feedback == Feedback.Forget ? null : entry?.Feedback };
                entries[signal.ItemId] = entry?.SignalId == signal.SignalId && entry.ExpiresAt < next.ExpiresAt ? next with { ExpiresAt = entry.ExpiresAt } : next;
            }
        }

        if (!isShortened && !outcomes.Contains(SignalOutcome.Stored)) return (null, outcomes);
        var kept = entries.Values.OrderBy(entry => entry.Time).ThenBy(entry => entry.SignalId, StringComparer.Ordinal).TakeLast(limit).ToArray();
        if (entries.Count > limit)
        {
            var stays = kept.Select(entry => entry.SignalId).ToHashSet();
            for (var i = 0; i < outcomes.Length; i++)
            {
                if (outcomes[i] == SignalOutcome.Stored && !stays.Contains(signals[i].SignalId)) outcomes[i] = SignalOutcome.HistoryFull;
            }
        }

        return (new SubjectHistory { Id = gate.Id, Epoch = gate.Epoch, ChangedAt = now, Entries = kept, Shortened = [.. shortened.Values] }, outcomes);
    }

    /// <summary>What stays of it when everything that has expired is gone; null if nothing.</summary>
    public SubjectHistory? WithoutExpired(DateTimeOffset now)
    {
        HistoryEntry[] entries = [.. Entries.Where(entry => entry.ExpiresAt > now)];
        ShortenedSignal[] shortened = [.. Shortened.Where(signal => signal.Until > now)];
        return entries.Length + shortened.Length == 0 ? null : this with { Entries = entries, Shortened = shortened, ChangedAt = now };
    }

    /// <summary>The history after what the person said of a signal, or of an item.</summary>
    /// <param name="known">The history so far, or null.</param>
    /// <param name="feedback">What they said.</param>
    /// <param name="isMeant">Which entry is meant.</param>
    /// <param name="unknown">The entry of an item that they have done nothing with; null if the feedback needs one that is there.</param>
    /// <param name="gate">The person's gate.</param>
    /// <param name="now">The current time.</param>
    /// <returns>Null if there is nothing that it could be about.</returns>
    public static SubjectHistory? Heed(
        SubjectHistory? known, Feedback feedback, Func<HistoryEntry, bool> isMeant, HistoryEntry? unknown, SubjectGate gate, DateTimeOffset now)
    {
        var current = known is not null && known.Epoch == gate.Epoch ? known : null;
        var entries = current?.Entries ?? [];
        var entry = entries.FirstOrDefault(entry => entry.Feedback != Feedback.Forget && isMeant(entry)) ?? unknown;
        if (entry is null) return null;
        var next = feedback == Feedback.Forget ? entry.Forgotten(now) : entry with { Feedback = feedback };
        return new SubjectHistory
        {
            Id = gate.Id,
            Epoch = gate.Epoch,
            ChangedAt = now,
            Shortened = current?.Shortened ?? [],
            Entries = [.. entries.Where(other => other.ItemId != entry.ItemId).Append(next).OrderBy(entry => entry.Time).ThenBy(entry => entry.SignalId, StringComparer.Ordinal)],
        };
    }

    /// <summary>What of a history may be used now, and until when that stands.</summary>
    public static UsableHistory UsableOf(SubjectHistory? history, SubjectGate gate, string purpose, DateTimeOffset now)
    {
        if (history is null) return UsableHistory.Nothing;
        var usable = new List<HistoryEntry>(history.Entries.Count);
        var until = DateTimeOffset.MaxValue;
        foreach (var entry in history.Entries)
        {
            if (entry.Feedback is Feedback.DontUse or Feedback.Forget || entry.Purpose != purpose || entry.ExpiresAt <= now || !gate.Permits(purpose, entry.Category, entry.Time, history.Epoch, now)) continue;
            usable.Add(entry.WithoutValueUnless(category => gate.Permits(purpose, category, entry.Time, history.Epoch, now)));
            if (entry.ExpiresAt < until) until = entry.ExpiresAt;
        }

        foreach (var grant in gate.Grants)
        {
            if (grant.Purpose == purpose && grant.ValidUntil is { } end && end > now && end < until) until = end;
        }

        return usable.Count == 0 ? UsableHistory.Nothing : new UsableHistory(usable, until);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static SignalOutcome Decide(SignalRecorded signal, HistoryEntry? known, bool isShortened, SubjectGate gate, string purpose, DateTimeOffset now)
    {
        if (!signal.Purposes.Contains(purpose)) return SignalOutcome.OtherPurpose;

        // What many persons share is shown to others: it has to be the id of something, not what a publisher put in its place.
        if (!Item.IsId(signal.ItemId)) return SignalOutcome.NoItem;
        if (signal.Epoch != gate.Epoch) return SignalOutcome.EndedEpoch;

        // One that was taken before a restriction and comes after it is held as those that came before.
        if (!gate.Keeps(purpose, signal.Category, signal.Time, signal.Epoch, now)) return SignalOutcome.NotPermitted;

        // Of what is told again, only that less may be kept of it is news, even if it is nothing any more: retention rules became shorter.
        if (known?.SignalId == signal.SignalId) return known.KeepsMoreThan(signal) ? SignalOutcome.Stored : SignalOutcome.Duplicate;

        // Its entry left at the end that it was told with last.
        if (signal.ExpiresAt <= now || isShortened) return SignalOutcome.Expired;
        if (known is null) return SignalOutcome.Stored;
        if (known.Feedback == Feedback.Forget && signal.Time <= known.Time) return SignalOutcome.Forgotten;

        // Of two at the same time the id decides, so that every order of arrival ends alike.
        return (signal.Time, StringComparer.Ordinal.Compare(signal.SignalId, known.SignalId)).CompareTo((known.Time, 0)) > 0
            ? SignalOutcome.Stored
            : SignalOutcome.Superseded;
    }
}

/// <summary>One signal kept.</summary>
public sealed record HistoryEntry
{
    public required string SignalId { get; init; }

    public required string ItemId { get; init; }

    public required string Category { get; init; }

    /// <summary>The purpose that justifies keeping it.</summary>
    public required string Purpose { get; init; }

    /// <summary>The consent version it was collected under; 0 where that was not written down.</summary>
    public long ConsentVersion { get; init; }

    public double? Value { get; init; }

    public string? ValueCategory { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What the person said of it.</summary>
    public Feedback? Feedback { get; init; }

    /// <summary>Whether the person wants less of the like.</summary>
    [JsonIgnore]
    public bool IsUnwanted => Feedback == Domain.Feedback.LessLike;

    public static HistoryEntry Of(SignalRecorded signal, SubjectGate gate, string purpose, DateTimeOffset now)
    {
        // The item may be declared for more purposes than the value.
        var hasValue = signal is { Value: not null, ValueCategory: not null } && signal.ValuePurposes?.Contains(purpose) == true;
        return new HistoryEntry
        {
            SignalId = signal.SignalId,
            ItemId = signal.ItemId,
            Category = signal.Category,
            Purpose = purpose,
            ConsentVersion = signal.ConsentVersion,
            Value = hasValue ? signal.Value : null,
            ValueCategory = hasValue ? signal.ValueCategory : null,
            Time = signal.Time,
            ExpiresAt = signal.ExpiresAt,
        }.WithoutValueUnless(category => gate.Keeps(purpose, category, signal.Time, signal.Epoch, now));
    }

    /// <summary>Whether the person liked the item. Without a value nothing more is known than that they chose it, and that counts.</summary>
    public bool IsLiking(double positiveFrom) => Feedback is null && (Value is not { } value || value >= positiveFrom);

    /// <summary>
    /// What stays of an entry that was forgotten: that signals about the item up to now are not to be stored again. It goes when it would have
    /// gone anyway, because then they are refused for their age.
    /// </summary>
    internal HistoryEntry Forgotten(DateTimeOffset now) => this with
    {
        SignalId = "",
        Value = null,
        ValueCategory = null,
        Time = Time > now ? Time : now,
        Feedback = Domain.Feedback.Forget,
    };

    /// <summary>Whether a signal, told again, lets less of the entry be kept: not as long, or not its value.</summary>
    internal bool KeepsMoreThan(SignalRecorded signal) => signal.ExpiresAt < ExpiresAt || (Value is not null && signal.ValuePurposes?.Contains(Purpose) != true);

    /// <summary>The value may be of a category that is permitted, and withdrawn, apart from the item's.</summary>
    internal HistoryEntry WithoutValueUnless(Func<string, bool> permits) =>
        Value is null || ValueCategory is { } category && permits(category) ? this : this with { Value = null, ValueCategory = null };
}

/// <summary>What stays of a signal whose entry may not be kept as long as was once said. Tells nothing of what the signal was about.</summary>
/// <param name="Until">The longest end that it was told with: from then on every telling of it is refused for its age.</param>
public sealed record ShortenedSignal(string SignalId, DateTimeOffset Until);

/// <summary>What a person says of a signal, or of an item.</summary>
public enum Feedback
{
    /// <summary>It stays what it is, and is used for nothing.</summary>
    DontUse,

    /// <summary>It speaks against what is like it.</summary>
    LessLike,

    /// <summary>It is erased and doesn't come back.</summary>
    Forget,
}

/// <summary>What may be used now.</summary>
/// <param name="Entries">Oldest first, without the values that may not be used.</param>
/// <param name="Until">When an entry or a grant ends next: from then on it has to be asked for again.</param>
public sealed record UsableHistory(IReadOnlyList<HistoryEntry> Entries, DateTimeOffset Until)
{
    public static UsableHistory Nothing { get; } = new([], DateTimeOffset.MaxValue);
}

/// <summary>What became of a signal.</summary>
public enum SignalOutcome
{
    Stored,

    /// <summary>The entry came from this very signal.</summary>
    Duplicate,

    /// <summary>A newer signal about the item is known.</summary>
    Superseded,

    /// <summary>Refused: not declared for the purpose of this service.</summary>
    OtherPurpose,

    /// <summary>Refused: no item can have such an id.</summary>
    NoItem,

    /// <summary>Refused: collected in another epoch than the person's current one.</summary>
    EndedEpoch,

    /// <summary>Refused: the gate doesn't permit the purpose for its category at its time.</summary>
    NotPermitted,

    /// <summary>Refused: it may not be kept any longer.</summary>
    Expired,

    /// <summary>Refused: the history is full of newer ones.</summary>
    HistoryFull,

    /// <summary>Refused: the person had it forgotten.</summary>
    Forgotten,
}
