using System.Collections.Concurrent;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>
/// Histories that answers opened lately, each with the last answers made from it: to read, decrypt and parse one takes longer than the rest of an
/// answer, and to make an answer longer than to send it. Each answer asks for the rows all the same, and what is kept counts only for the very
/// rows it was made from, so no change and no erasure by whichever instance is missed.
/// </summary>
/// <remarks>
/// It holds what is sealed in the store, so it forgets: at once whoever this instance's model hears of (<see cref="ServedModel"/>), everybody
/// else <see cref="KeptFor"/> after it was opened. See docs/decisions.
/// </remarks>
public sealed class OpenedHistories(TimeProvider time)
{
    /// <summary>As long as an instance uses a data key that it holds.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    // A page has a few placements. Answers of so many items take as much memory as so many entries of a history: about 0.4 kB each.
    private const int MostAnswers = 3;
    private const int MostItems = 20;
    private const int EntriesForAnswers = 200;
    private const int MostEntries = 500_000;

    private readonly ConcurrentDictionary<string, Opened> histories = new();
    private int entries;

    /// <summary>Persons whose history it holds.</summary>
    public IEnumerable<string> Persons => histories.Keys;

    /// <summary>The rows that needn't be read whole.</summary>
    public IReadOnlyDictionary<DocumentKey, long> HeldOf(IEnumerable<string> persons, DocumentSession session)
    {
        var held = new Dictionary<DocumentKey, long>();
        foreach (var person in persons)
        {
            if (histories.TryGetValue(person, out var known)) held[session.Key<SubjectHistory>(person)] = known.Row.Version;
        }

        return held;
    }

    /// <summary>An answer that the person got lately, made from the same and still standing; null otherwise.</summary>
    public PreparedAnswer? FindAnswer(string person, AnswerSource source, DateTimeOffset now) =>
        histories.TryGetValue(person, out var known) && time.GetElapsedTime(known.At) < KeptFor ? known.Answers.Find(source, now) : null;

    /// <summary>Keeps an answer, unless it is a long one, as long as the history it was made from.</summary>
    /// <param name="person">Whose it is.</param>
    /// <param name="source">All that it was made from.</param>
    /// <param name="until">When it stops to stand though nothing changes.</param>
    /// <param name="answer">The answer.</param>
    public void Keep(string person, AnswerSource source, DateTimeOffset until, PreparedAnswer answer)
    {
        if (answer.Content.Items.Count <= MostItems && histories.TryGetValue(person, out var known) && known.Row == source.History) known.Answers.Keep(source, until, answer);
    }

    /// <summary>The person's history as the session reads it; null if there is none, its key was destroyed or it can't be read.</summary>
    public async ValueTask<SubjectHistory?> OpenAsync(string person, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.FindRowAsync<SubjectHistory>(person, cancellationToken) is not { } row) return null;

        var name = NameOf(row);
        if (histories.TryGetValue(person, out var known) && known.Row == name && time.GetElapsedTime(known.At) < KeptFor) return known.History;
        try
        {
            var history = await session.LoadAsync<SubjectHistory>(person, cancellationToken);
            if (history is not null) Keep(person, new Opened(name, history, time.GetTimestamp()));
            return history;
        }
        catch (DocumentUnreadableException)
        {
            // The model met it too, and tells of it.
            return null;
        }
    }

    /// <summary>What no other state of a history's row has in common with it: versions begin again after an erasure, but the field has the time in it.</summary>
    public static (long Version, string Changed) NameOf(StoredDocument history) => (history.Version, history.Fields["changed"]);

    /// <summary>Forgets one person.</summary>
    public void Forget(string person)
    {
        if (histories.TryRemove(person, out var gone)) Interlocked.Add(ref entries, -gone.Size);
    }

    /// <summary>Forgets what was kept for long enough.</summary>
    public void ForgetOld()
    {
        foreach (var (person, history) in histories)
        {
            if (time.GetElapsedTime(history.At) >= KeptFor) Forget(person);
        }
    }

    private void Keep(string person, Opened opened)
    {
        Forget(person);
        if (Interlocked.Add(ref entries, opened.Size) > MostEntries)
        {
            foreach (var other in histories.Keys) Forget(other);
        }

        if (!histories.TryAdd(person, opened)) Interlocked.Add(ref entries, -opened.Size);
    }

    private sealed record Opened((long Version, string Changed) Row, SubjectHistory History, long At)
    {
        public int Size => History.Entries.Count + EntriesForAnswers;

        public KeptAnswers<AnswerSource> Answers { get; } = new(MostAnswers);
    }
}

/// <summary>All that a personal answer is made from, but the time.</summary>
/// <param name="Gate">The version of the gate's row, which is never deleted.</param>
/// <param name="History">See <see cref="OpenedHistories.NameOf"/>.</param>
/// <param name="Placement">The id of the placement and the version of its row, 0 if there is none.</param>
/// <param name="Limit">Items asked for.</param>
/// <param name="Texts">The language of the reasons.</param>
/// <param name="Model">The version of the model.</param>
/// <param name="Catalogue">See <see cref="ItemCatalog.Changes"/>.</param>
public readonly record struct AnswerSource(
    long Gate, (long Version, string Changed) History, (string Id, long Version) Placement, int Limit, ReasonTexts Texts, string Model, long Catalogue);
