using System.Collections.Concurrent;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation;

/// <summary>All items, in memory: an answer weighs hundreds of them. Follows the store by the time of the last change, so it is seconds behind it.</summary>
public sealed class ItemCatalog(ServiceModule module, TimeProvider time)
{
    private const int Page = 1_000;

    // A change is stamped before it is committed, by the clock of its instance.
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, CatalogEntry> entries = new();
    private string? through;
    private IReadOnlyList<Item> inOrder = [];
    private DateTimeOffset[] turns = [];
    private bool isChanged;
    private long changes;

    /// <summary>Whether all items have been read once.</summary>
    public bool IsLoaded => Volatile.Read(ref through) is not null;

    /// <summary>Every item, by id.</summary>
    public IReadOnlyList<Item> All => Volatile.Read(ref inOrder);

    /// <summary>Another number after each change it took in.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>The item; null if the catalogue never had it, or if it was removed.</summary>
    public Item? Find(string id) => entries.GetValueOrDefault(id)?.Item;

    /// <summary>Whether it was in the catalogue and was taken out.</summary>
    public bool IsRemoved(string id) => entries.TryGetValue(id, out var entry) && entry.Item is null;

    /// <summary>When an item begins or ends to be valid next, though nothing changes.</summary>
    public DateTimeOffset StandsUntil(DateTimeOffset now)
    {
        var all = Volatile.Read(ref turns);
        var at = Array.BinarySearch(all, now);
        return (at < 0 ? ~at : at + 1) is var next && next < all.Length ? all[next] : DateTimeOffset.MaxValue;
    }

    /// <summary>Takes in what was changed, by whichever instance. One caller at a time.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var next = Json.FormatTime(time.GetUtcNow() - Overlap);
        var after = through;
        IReadOnlyList<QueryRow<CatalogEntry>> page;
        do
        {
            page = await module.OpenSession().QueryRowsAsync<CatalogEntry>("changed", after: after, limit: Page, cancellationToken: cancellationToken);
            foreach (var row in page)
            {
                // What changed lately is read more than once.
                if (entries.TryGetValue(row.Id, out var known) && known.Changed == row.Value) continue;
                (entries[row.Id], isChanged) = (row.Document!, true);
            }

            if (page.Count > 0) after = page[^1].Value;
        }
        while (page.Count == Page);

        if (isChanged)
        {
            Item[] items = [.. entries.Values.Select(entry => entry.Item).OfType<Item>().OrderBy(item => item.Id, StringComparer.Ordinal)];
            Volatile.Write(ref inOrder, items);
            Volatile.Write(ref turns, [.. items.SelectMany(item => new[] { item.ValidFrom, item.ValidUntil }).OfType<DateTimeOffset>().Distinct().Order()]);

            // Last: what was made while it was taking them in isn't taken for what would be made now.
            Interlocked.Increment(ref changes);
            isChanged = false;
        }

        Volatile.Write(ref through, next);
    }
}
