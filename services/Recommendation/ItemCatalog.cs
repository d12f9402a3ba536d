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

    /// <summary>Whether all items have been read once.</summary>
    public bool IsLoaded => Volatile.Read(ref through) is not null;

    /// <summary>Every item, by id.</summary>
    public IReadOnlyList<Item> All => Volatile.Read(ref inOrder);

    /// <summary>The item; null if the catalogue never had it, or if it was removed.</summary>
    public Item? Find(string id) => entries.GetValueOrDefault(id)?.Item;

    /// <summary>Whether it was in the catalogue and was taken out.</summary>
    public bool IsRemoved(string id) => entries.TryGetValue(id, out var entry) && entry.Item is null;

    /// <summary>Takes in what was changed, by whichever instance. One caller at a time.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        var next = Json.FormatTime(time.GetUtcNow() - Overlap);
        var after = through;
        var isChanged = false;
        IReadOnlyList<QueryRow<CatalogEntry>> page;
        do
        {
            page = await module.OpenSession().QueryRowsAsync<CatalogEntry>("changed", after: after, limit: Page, cancellationToken: cancellationToken);
            foreach (var row in page) entries[row.Id] = row.Document!;
            if (page.Count == 0) continue;
            (after, isChanged) = (page[^1].Value, true);
        }
        while (page.Count == Page);

        if (isChanged) Volatile.Write(ref inOrder, [.. entries.Values.Select(entry => entry.Item).OfType<Item>().OrderBy(item => item.Id, StringComparer.Ordinal)]);
        Volatile.Write(ref through, next);
    }
}
