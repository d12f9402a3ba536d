using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Personalization.Platform.Telemetry;

/// <summary>
/// Counts by one word, for an observable counter that somebody is woken by. The words that can be known are there from the start with 0: where the
/// first occurrence made the series, there would be no rise to see.
/// </summary>
/// <param name="tag">What the word is.</param>
/// <param name="known">The words that can be known; others may come.</param>
public sealed class KnownCounts(string tag, IEnumerable<string> known)
{
    private readonly ConcurrentDictionary<string, long> counts = new(known.Select(word => KeyValuePair.Create(word, 0L)));

    /// <summary>One more.</summary>
    public void Add(string word) => counts.AddOrUpdate(word, 1, (_, count) => count + 1);

    /// <summary>What was counted so far, with further tags on each.</summary>
    public IEnumerable<Measurement<long>> Measure(params KeyValuePair<string, object?>[] tags) =>
        counts.Select(pair => new Measurement<long>(pair.Value, [.. tags, new(tag, pair.Key)]));
}
