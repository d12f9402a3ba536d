using System.Collections.Concurrent;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>
/// Histories that answers opened lately: to read, decrypt and parse one takes longer than the rest of an answer. Each answer asks for the row all
/// the same, and what is kept counts only for the very row it was opened from, so no change and no erasure by whichever instance is missed.
/// </summary>
/// <remarks>
/// It holds what is sealed in the store, so it forgets: at once whoever this instance's model hears of (<see cref="ServedModel"/>), everybody
/// else <see cref="KeptFor"/> after it was opened. See docs/decisions.
/// </remarks>
public sealed class OpenedHistories(TimeProvider time)
{
    /// <summary>As long as an instance uses a data key that it holds.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(30);

    // About 0.4 kB each.
    private const int MostEntries = 250_000;

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

    /// <summary>The person's history as the session reads it; null if there is none, its key was destroyed or it can't be read.</summary>
    public async ValueTask<SubjectHistory?> OpenAsync(string person, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.FindRowAsync<SubjectHistory>(person, cancellationToken) is not { } row) return null;

        // Versions begin again after an erasure; the field has the time in it.
        var name = (row.Version, row.Fields["changed"]);
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

    /// <summary>Forgets one person.</summary>
    public void Forget(string person)
    {
        if (histories.TryRemove(person, out var gone)) Interlocked.Add(ref entries, -gone.History.Entries.Count);
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
        if (Interlocked.Add(ref entries, opened.History.Entries.Count) > MostEntries)
        {
            foreach (var other in histories.Keys) Forget(other);
        }

        if (!histories.TryAdd(person, opened)) Interlocked.Add(ref entries, -opened.History.Entries.Count);
    }

    private sealed record Opened((long Version, string Changed) Row, SubjectHistory History, long At);
}
