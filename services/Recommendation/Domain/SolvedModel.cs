using System.Buffers;

namespace Personalization.Recommendation.Domain;

/// <summary>An item that somebody likes.</summary>
/// <param name="Weight">How much it speaks for others; below 0 it speaks against them.</param>
public readonly record struct WeightedLiking(string ItemId, float Weight);

/// <summary>An item that something speaks for.</summary>
/// <param name="Score">Sum of the contributions of all likings.</param>
public readonly record struct ScoredItem(string ItemId, double Score);

/// <summary>The best items for somebody, the best first, and why: all from one state of the model.</summary>
public sealed class Ranking
{
    private readonly SolvedModel model;
    private readonly List<PlacedLiking> likings;

    internal Ranking(string version, SolvedModel model, List<PlacedLiking> likings, IReadOnlyList<ScoredItem> items) =>
        (Version, this.model, this.likings, Items) = (version, model, likings, items);

    /// <summary>The model's.</summary>
    public string Version { get; }

    public IReadOnlyList<ScoredItem> Items { get; }

    /// <summary>The likings that speak for an item most, greatest first: place in the list asked with, and part of what speaks for it.</summary>
    public IReadOnlyList<(int Liking, double Share)> Explain(ScoredItem item, int most) => model.Explain(item.ItemId, likings, most);
}

/// <summary>A liking of an item of the model.</summary>
/// <param name="Liking">Its place in the list asked with.</param>
/// <param name="Place">Its item's place in the model.</param>
internal readonly record struct PlacedLiking(int Liking, int Place, float Weight);

/// <summary>What answers are made from: item-item weights of some moment. Never changes; who leaves it leaves a next one behind.</summary>
/// <param name="items">The items, ordered by id.</param>
/// <param name="supports">How many persons like each; 0 where there are too few by now.</param>
/// <param name="persons">Persons it is made of.</param>
internal abstract class SolvedModel(ModelItems items, int[] supports, int persons)
{
    public abstract string Algorithm { get; }

    public int Persons => persons;

    /// <summary>Items that are shown, and asked with.</summary>
    public int ItemCount => supports.Count(support => support > 0);

    protected ModelItems Items => items;

    /// <summary>The model without one person.</summary>
    /// <param name="likings">All that the model was made from of the person.</param>
    /// <param name="minSupport">An item that fewer persons like leaves with them.</param>
    public SolvedModel Without(IEnumerable<string> likings, int minSupport)
    {
        var row = likings.Select(items.PlaceOf).Where(place => place >= 0 && supports[place] > 0).ToArray();
        var next = (int[])supports.Clone();
        foreach (var place in row) next[place]--;
        var left = row.Where(place => next[place] < minSupport).ToArray();
        foreach (var place in left) next[place] = 0;
        return Without(row, left, next, persons - 1);
    }

    /// <summary>Those of the likings whose items are in the model.</summary>
    public List<PlacedLiking> Place(IReadOnlyList<WeightedLiking> likings)
    {
        var placed = new List<PlacedLiking>(likings.Count);
        for (var i = 0; i < likings.Count; i++)
        {
            if (items.PlaceOf(likings[i].ItemId) is >= 0 and var place && supports[place] > 0) placed.Add(new PlacedLiking(i, place, likings[i].Weight));
        }

        return placed;
    }

    /// <summary>The best items for someone with these likings, without those to leave out.</summary>
    public IReadOnlyList<ScoredItem> Best(List<PlacedLiking> likings, IEnumerable<string> leaveOut, Func<string, bool> isShown, int limit)
    {
        var rented = ArrayPool<float>.Shared.Rent(supports.Length);
        try
        {
            var scores = rented.AsSpan(0, supports.Length);
            scores.Clear();
            Score(likings, scores);
            foreach (var itemId in leaveOut)
            {
                if (items.PlaceOf(itemId) is >= 0 and var place) scores[place] = 0;
            }

            return [.. Top(scores, limit, isShown).Select(best => new ScoredItem(items.Ids[best.Place], best.Value))];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>See <see cref="Ranking.Explain"/>.</summary>
    public IReadOnlyList<(int Liking, double Share)> Explain(string itemId, List<PlacedLiking> likings, int most)
    {
        var item = items.PlaceOf(itemId);
        var best = new List<(int Liking, double Part)>(Math.Min(most, likings.Count) + 1);
        var whole = 0.0;
        foreach (var liking in likings)
        {
            if (!(liking.Weight > 0) || liking.Place == item) continue;
            var part = liking.Weight * Weight(liking.Place, item);
            if (!(part > 0)) continue;
            whole += part;
            Insert(best, liking.Liking, part, most);
        }

        return best.ConvertAll(contribution => (contribution.Liking, contribution.Part / whole));
    }

    /// <summary>The items that most persons like, with their number.</summary>
    public IReadOnlyList<(string ItemId, int Persons)> Popular(int limit) =>
        [.. Top(Array.ConvertAll(supports, support => (float)support), limit, _ => true).Select(best => (items.Ids[best.Place], supports[best.Place]))];

    protected abstract SolvedModel Without(int[] row, int[] left, int[] nextSupports, int nextPersons);

    /// <summary>Adds up what each liking contributes to each item. What it says of items not shown doesn't matter.</summary>
    protected abstract void Score(List<PlacedLiking> likings, Span<float> scores);

    /// <summary>What a liking of one item, with weight 1, contributes to another.</summary>
    protected abstract double Weight(int liking, int item);

    protected bool IsShown(int place) => supports[place] > 0;

    protected int Support(int place) => supports[place];

    // Whether an item is shown costs more than to see that it has no chance.
    private List<(int Place, double Value)> Top(ReadOnlySpan<float> scores, int limit, Func<string, bool> isShown)
    {
        var best = new List<(int Place, double Value)>(Math.Min(limit, scores.Length) + 1);
        var least = 0f;
        for (var place = 0; place < scores.Length; place++)
        {
            if (!(scores[place] > least) || supports[place] == 0 || !isShown(items.Ids[place])) continue;
            Insert(best, place, scores[place], limit);
            if (best.Count == limit) least = (float)best[^1].Value;
        }

        return best;
    }

    /// <summary>Keeps the greatest, in order. Of equal ones the first comes first: places are in the order of ids.</summary>
    private static void Insert(List<(int Place, double Value)> best, int place, double value, int limit)
    {
        var at = best.Count;
        while (at > 0 && value > best[at - 1].Value) at--;
        if (at >= limit) return;
        if (best.Count == limit) best.RemoveAt(limit - 1);
        best.Insert(at, (place, value));
    }
}

/// <summary>Items in the order of their ids, so that two models of the same items have the same places.</summary>
internal sealed class ModelItems
{
    private readonly Dictionary<string, int> places;

    public ModelItems(IEnumerable<string> ids)
    {
        Ids = [.. ids.Order(StringComparer.Ordinal)];
        places = new Dictionary<string, int>(Ids.Length);
        for (var place = 0; place < Ids.Length; place++) places.Add(Ids[place], place);
    }

    public string[] Ids { get; }

    /// <summary>-1 for an item that isn't among them.</summary>
    public int PlaceOf(string itemId) => places.GetValueOrDefault(itemId, -1);
}
