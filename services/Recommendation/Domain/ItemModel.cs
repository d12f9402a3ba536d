using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Personalization.Recommendation.Domain;

/// <summary>An item that somebody likes.</summary>
/// <param name="Weight">How much it speaks for others; below 0 it speaks against them.</param>
public readonly record struct WeightedLiking(string ItemId, float Weight);

/// <summary>An item and why.</summary>
/// <param name="Score">Sum of the contributions of all likings.</param>
/// <param name="Contributions">The likings that speak for it most, greatest first: place in the list asked with, and part of what speaks for it.</param>
public sealed record ScoredItem(string ItemId, double Score, IReadOnlyList<(int Liking, double Share)> Contributions);

/// <summary>What the model is made of.</summary>
public sealed record ModelContent(string Version, int Items, int Persons);

/// <summary>
/// Item-item co-occurrence: the Gram matrix G = X'X in whole numbers, X being who likes what (0 or 1). It is a sum over persons, so taking
/// one out leaves exactly what would be there had they never been in it.
/// </summary>
/// <remarks>
/// <para>
/// An item is in the matrix while at least <c>minSupport</c> persons like it, so that no number in it is about one person; what each
/// person likes is kept beside it, which lets an item enter and leave exactly.
/// </para>
/// <para>
/// A score is the shrunk cosine, summed over the likings: G[i,j] / (sqrt(G[i,i] G[j,j]) + shrinkage), computed from G when asked. Safe for
/// concurrent use: an answer sees the state between two changes.
/// </para>
/// </remarks>
public sealed class ItemModel(int minSupport, double shrinkage) : IDisposable
{
    private const int InitialCapacity = 256;
    private readonly ReaderWriterLockSlim access = new();
    private readonly Dictionary<string, Node> nodes = [];
    private readonly Dictionary<string, HashSet<Node>> persons = [];
    private readonly string start = Guid.NewGuid().ToString("N")[..8];
    private readonly Stack<int> free = [];
    private long changes;

    // One place of each for every item in the matrix; places of items that left hold zeros until they are taken again.
    private Node?[] places = [];
    private int[][] gram = [];
    private float[] roots = [];

    /// <summary>Names the content: this instance's start and the number of changes since.</summary>
    public ModelContent Content
    {
        get
        {
            access.EnterReadLock();
            try
            {
                return new ModelContent(Version, places.Length - free.Count, persons.Count);
            }
            finally
            {
                access.ExitReadLock();
            }
        }
    }

    private string Version => string.Create(CultureInfo.InvariantCulture, $"{start}-{changes}");

    /// <summary>What the model holds of a person.</summary>
    public IReadOnlyCollection<string> LikingsOf(string person)
    {
        access.EnterReadLock();
        try
        {
            return persons.TryGetValue(person, out var likings) ? [.. likings.Select(node => node.ItemId)] : [];
        }
        finally
        {
            access.ExitReadLock();
        }
    }

    /// <summary>Makes these items all that the model holds of the person; none takes the person out.</summary>
    public void Set(string person, IEnumerable<string> likings)
    {
        access.EnterWriteLock();
        try
        {
            if (!persons.TryGetValue(person, out var current)) current = [];
            var wanted = likings.ToHashSet();
            var gone = current.Where(node => !wanted.Contains(node.ItemId)).ToArray();
            wanted.ExceptWith(current.Select(node => node.ItemId));
            if (gone.Length == 0 && wanted.Count == 0) return;

            foreach (var node in gone) Remove(current, node);
            foreach (var itemId in wanted) Add(current, itemId);
            if (current.Count == 0) persons.Remove(person);
            else persons[person] = current;
            changes++;
        }
        finally
        {
            access.ExitWriteLock();
        }
    }

    /// <summary>The best items for someone who likes these, without those to leave out; fewer, or none, where nothing speaks for more.</summary>
    /// <param name="likings">What the person likes, each once. The same list gives the same scores to the last bit, however the model came to be.</param>
    /// <param name="leaveOut">What isn't to be recommended.</param>
    /// <param name="limit">Items at most.</param>
    /// <param name="reasons">Contributions named for each.</param>
    public (string Version, IReadOnlyList<ScoredItem> Items) Recommend(
        IReadOnlyList<WeightedLiking> likings, IReadOnlySet<string> leaveOut, int limit, int reasons)
    {
        access.EnterReadLock();
        var scores = ArrayPool<float>.Shared.Rent(Math.Max(places.Length, 1));
        try
        {
            var among = scores.AsSpan(0, places.Length);
            among.Clear();
            var from = new List<(int Liking, int Place, float Weight)>(likings.Count);
            for (var i = 0; i < likings.Count; i++)
            {
                if (nodes.TryGetValue(likings[i].ItemId, out var node) && node.IsPlaced) from.Add((i, node.Place, likings[i].Weight));
            }

            foreach (var (_, place, weight) in from) Accumulate(gram[place], roots[place], weight, among);
            foreach (var itemId in leaveOut)
            {
                if (nodes.TryGetValue(itemId, out var node) && node.IsPlaced) among[node.Place] = 0;
            }

            return (Version, [.. Top(among, limit).Select(best => Explain(best, from, reasons))]);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scores);
            access.ExitReadLock();
        }
    }

    /// <summary>The items that most persons like, with their number.</summary>
    public (string Version, IReadOnlyList<(string ItemId, int Persons)> Items) Popular(int limit)
    {
        access.EnterReadLock();
        try
        {
            var counts = new float[places.Length];
            for (var place = 0; place < counts.Length; place++) counts[place] = gram[place][place];
            return (Version, [.. Top(counts, limit).Select(best => (places[best.Place]!.ItemId, (int)best.Score))]);
        }
        finally
        {
            access.ExitReadLock();
        }
    }

    /// <summary>G without its zeros, by item: the same for the same persons and likings, in whatever order they came and went.</summary>
    public IReadOnlyDictionary<(string, string), int> Gram()
    {
        access.EnterReadLock();
        try
        {
            var entries = new Dictionary<(string, string), int>();
            for (var i = 0; i < gram.Length; i++)
            {
                for (var j = 0; j < gram.Length; j++)
                {
                    if (gram[i][j] != 0) entries.Add((places[i]!.ItemId, places[j]!.ItemId), gram[i][j]);
                }
            }

            return entries;
        }
        finally
        {
            access.ExitReadLock();
        }
    }

    public void Dispose() => access.Dispose();

    private void Add(HashSet<Node> likings, string itemId)
    {
        if (!nodes.TryGetValue(itemId, out var node)) nodes[itemId] = node = new Node(itemId);
        likings.Add(node);
        node.Holders.Add(likings);
        if (node.IsPlaced) Count(likings, node, 1);
        else if (node.Holders.Count >= minSupport) Enter(node);
    }

    private void Remove(HashSet<Node> likings, Node node)
    {
        if (node.IsPlaced) Count(likings, node, -1);
        likings.Remove(node);
        node.Holders.Remove(likings);
        if (node.IsPlaced && node.Holders.Count < minSupport) Leave(node);
        if (node.Holders.Count == 0) nodes.Remove(node.ItemId);
    }

    /// <summary>One person's part of a row and of the column that mirrors it.</summary>
    private void Count(HashSet<Node> likings, Node node, int by)
    {
        var row = gram[node.Place];
        foreach (var other in likings)
        {
            if (!other.IsPlaced) continue;
            row[other.Place] += by;
            if (other != node) gram[other.Place][node.Place] += by;
        }

        roots[node.Place] = MathF.Sqrt(row[node.Place]);
    }

    private void Enter(Node node)
    {
        if (free.Count == 0) Grow();
        node.Place = free.Pop();
        places[node.Place] = node;
        foreach (var likings in node.Holders) Count(likings, node, 1);
    }

    private void Leave(Node node)
    {
        var place = node.Place;
        foreach (var row in gram) row[place] = 0;
        Array.Clear(gram[place]);
        (roots[place], places[place], node.Place) = (0, null, Node.Nowhere);
        free.Push(place);
    }

    private void Grow()
    {
        var old = places.Length;
        var capacity = Math.Max(InitialCapacity, old + (old / 2));
        Array.Resize(ref places, capacity);
        Array.Resize(ref roots, capacity);
        Array.Resize(ref gram, capacity);
        for (var row = 0; row < capacity; row++) Array.Resize(ref gram[row]!, capacity);
        for (var place = capacity - 1; place >= old; place--) free.Push(place);
    }

    private void Accumulate(int[] row, float root, float weight, Span<float> scores)
    {
        var shrink = (float)shrinkage;
        var counts = MemoryMarshal.Cast<int, Vector<int>>(row);
        var others = MemoryMarshal.Cast<float, Vector<float>>(roots);
        var sums = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var (rootVector, shrinkVector) = (new Vector<float>(root), new Vector<float>(shrink));
        for (var v = 0; v < sums.Length; v++) sums[v] += weight * Vector.ConvertToSingle(counts[v]) / ((others[v] * rootVector) + shrinkVector);
        for (var j = sums.Length * Vector<float>.Count; j < scores.Length; j++) scores[j] += weight * row[j] / ((roots[j] * root) + shrink);
    }

    private List<(int Place, float Score)> Top(ReadOnlySpan<float> scores, int limit)
    {
        var best = new List<(int Place, float Score)>(limit + 1);
        for (var place = 0; place < scores.Length; place++)
        {
            var score = scores[place];
            if (score <= 0 || best.Count == limit && score < best[^1].Score) continue;
            var at = best.Count;
            while (at > 0 && IsBetter(place, score, best[at - 1])) at--;
            if (at == limit) continue;
            best.Insert(at, (place, score));
            if (best.Count > limit) best.RemoveAt(limit);
        }

        return best;

        // Places differ by the order in which items entered; ids don't.
        bool IsBetter(int place, float score, (int Place, float Score) than) =>
            score > than.Score || score == than.Score && string.CompareOrdinal(places[place]!.ItemId, places[than.Place]!.ItemId) < 0;
    }

    private ScoredItem Explain((int Place, float Score) item, List<(int Liking, int Place, float Weight)> from, int reasons)
    {
        var row = gram[item.Place];
        var root = roots[item.Place];
        var parts = from
            .Select(liking => (liking.Liking, Part: liking.Weight * row[liking.Place] / ((roots[liking.Place] * (double)root) + shrinkage)))
            .Where(contribution => contribution.Part > 0)
            .ToArray();
        var whole = parts.Sum(contribution => contribution.Part);
        var greatest = parts.OrderByDescending(contribution => contribution.Part).ThenBy(contribution => contribution.Liking).Take(reasons);
        return new ScoredItem(places[item.Place]!.ItemId, item.Score, [.. greatest.Select(contribution => (contribution.Liking, contribution.Part / whole))]);
    }

    /// <summary>An item that somebody likes.</summary>
    private sealed class Node(string itemId)
    {
        public const int Nowhere = -1;

        public string ItemId => itemId;

        public int Place { get; set; } = Nowhere;

        public bool IsPlaced => Place != Nowhere;

        // A set of likings stands for the person: it is compared by reference and theirs as long as they are in the model.
        public HashSet<HashSet<Node>> Holders { get; } = [];
    }
}
