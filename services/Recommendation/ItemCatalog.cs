using System.Collections.Concurrent;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>Items by id, kept in memory for half a minute: an answer names dozens of them.</summary>
public sealed class ItemCatalog(TimeProvider time)
{
    private const int MostKept = 200_000;
    private static readonly TimeSpan KeepFor = TimeSpan.FromSeconds(30);
    private readonly ConcurrentDictionary<string, (Item? Item, long ReadAt)> kept = new();

    /// <summary>The items that exist.</summary>
    public async Task<IReadOnlyDictionary<string, Item>> FindAsync(IEnumerable<string> ids, DocumentSession session, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, Item>();
        List<string>? missing = null;
        foreach (var id in ids.Distinct())
        {
            if (!kept.TryGetValue(id, out var entry) || time.GetElapsedTime(entry.ReadAt) > KeepFor) (missing ??= []).Add(id);
            else if (entry.Item is { } item) found[id] = item;
        }

        if (missing is null) return found;
        var readAt = time.GetTimestamp();
        var items = await session.LoadManyAsync<Item>(missing, cancellationToken);
        if (kept.Count + missing.Count > MostKept) kept.Clear();
        foreach (var id in missing)
        {
            kept[id] = (items.GetValueOrDefault(id), readAt);
            if (items.TryGetValue(id, out var item)) found[id] = item;
        }

        return found;
    }
}
