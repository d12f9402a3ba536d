using System.Buffers;

namespace Personalization.Recommendation.Domain;

/// <summary>An item that somebody likes.</summary>
/// <param name="Weight">How much it speaks for others; below 0 it speaks against them.</param>
public readonly record struct WeightedLiking(string ItemId, float Weight);

/// <summary>An item and why.</summary>
/// <param name="Score">Sum of the contributions of all likings.</param>
/// <param name="Contributions">The likings that speak for it most, greatest first: place in the list asked with, and part of what speaks for it.</param>
public sealed record ScoredItem(string ItemId, double Score, IReadOnlyList<(int Liking, double Share)> Contributions);

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

    /// <summary>The best items for someone who likes these, without those to leave out.</summary>
    public IReadOnlyList<ScoredItem> Recommend(IReadOnlyList<WeightedLiking> likings, IReadOnlySet<string> leaveOut, int limit, int reasons)
    {
        var from = new List<PlacedLiking>(likings.Count);
        for (var i = 0; i < likings.Count; i++)
        {
            if (items.PlaceOf(likings[i].ItemId) is >= 0 and var place && supports[place] > 0) from.Add(new PlacedLiking(i, place, likings[i].Weight));
        }

        var rented = ArrayPool<float>.Shared.Rent(supports.Length);
        try
        {
            var scores = rented.AsSpan(0, supports.Length);
            scores.Clear();
            Score(from, scores);
            foreach (var itemId in leaveOut)
            {
                if (items.PlaceOf(itemId) is >= 0 and var place) scores[place] = 0;
            }

            return [.. Top(scores, limit).Select(best => new ScoredItem(items.Ids[best.Place], best.Score, Explain(best.Place, from, reasons)))];
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    /// <summary>The items that most persons like, with their number.</summary>
    public IReadOnlyList<(string ItemId, int Persons)> Popular(int limit) =>
        [.. Top(Array.ConvertAll(supports, support => (float)support), limit).Select(best => (items.Ids[best.Place], supports[best.Place]))];

    protected abstract SolvedModel Without(int[] row, int[] left, int[] nextSupports, int nextPersons);

    /// <summary>Adds up what each liking contributes to each item. What it says of items not shown doesn't matter.</summary>
    protected abstract void Score(List<PlacedLiking> likings, Span<float> scores);

    /// <summary>What a liking of one item, with weight 1, contributes to another.</summary>
    protected abstract double Weight(int liking, int item);

    protected bool IsShown(int place) => supports[place] > 0;

    protected int Support(int place) => supports[place];

    private List<(int Place, float Score)> Top(ReadOnlySpan<float> scores, int limit)
    {
        var best = new List<(int Place, float Score)>(Math.Min(limit, scores.Length) + 1);
        for (var place = 0; place < scores.Length; place++)
        {
            var score = scores[place];
            if (!(score > 0) || supports[place] == 0 || best.Count == limit && score <= best[^1].Score) continue;

            // Of equal scores the first id comes first: places are in the order of ids.
            var at = best.Count;
            while (at > 0 && score > best[at - 1].Score) at--;
            best.Insert(at, (place, score));
            if (best.Count > limit) best.RemoveAt(limit);
        }

        return best;
    }

    private List<(int Liking, double Share)> Explain(int item, List<PlacedLiking> likings, int reasons)
    {
        var parts = likings
            .Where(liking => liking.Weight > 0 && liking.Place != item)
            .Select(liking => (liking.Liking, Part: liking.Weight * Weight(liking.Place, item)))
            .Where(contribution => contribution.Part > 0)
            .ToArray();
        var whole = parts.Sum(contribution => contribution.Part);
        return [.. parts
            .OrderByDescending(contribution => contribution.Part).ThenBy(contribution => contribution.Liking)
            .Take(reasons).Select(contribution => (contribution.Liking, contribution.Part / whole))];
    }

    /// <param name="Liking">Its place in the list asked with.</param>
    /// <param name="Place">Its place in the model.</param>
    protected readonly record struct PlacedLiking(int Liking, int Place, float Weight);
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
