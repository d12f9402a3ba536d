namespace Personalization.Recommendation.Domain;

/// <summary>
/// Item-kNN for catalogues too large for a dense matrix: of each item the nearest others by the shrunk cosine,
/// G[i,j] / (sqrt(G[i,i] G[j,j]) + shrinkage), computed from whole numbers when asked. So taking a person out is exact.
/// </summary>
internal sealed class NeighbourModel : SolvedModel
{
    private readonly double shrinkage;
    private readonly Neighbours[] nearest;

    private NeighbourModel(ModelItems items, int[] supports, int persons, double shrinkage, Neighbours[] nearest)
        : base(items, supports, persons) => (this.shrinkage, this.nearest) = (shrinkage, nearest);

    public override string Algorithm => "item-knn";

    /// <param name="rows">Places of what each person likes, each once.</param>
    /// <param name="most">Neighbours of an item.</param>
    public static NeighbourModel Of(
        ModelItems items, int[] supports, IReadOnlyList<int[]> rows, int persons, int most, double shrinkage, int threads, CancellationToken cancellationToken)
    {
        var holders = new int[supports.Length][];
        for (var place = 0; place < holders.Length; place++) holders[place] = new int[supports[place]];
        var filled = new int[supports.Length];
        for (var person = 0; person < rows.Count; person++)
        {
            foreach (var place in rows[person]) holders[place][filled[place]++] = person;
        }

        var nearest = new Neighbours[supports.Length];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        Parallel.For(0, supports.Length, parallel, () => new int[supports.Length], (item, _, counts) =>
        {
            var met = new List<int>();
            foreach (var person in holders[item])
            {
                foreach (var other in rows[person])
                {
                    if (counts[other]++ == 0) met.Add(other);
                }
            }

            var best = met.Where(other => other != item)
                .OrderByDescending(other => Cosine(counts[other], supports[item], supports[other], shrinkage)).ThenBy(other => other)
                .Take(most).Order().ToArray();
            nearest[item] = new Neighbours(best, Array.ConvertAll(best, other => counts[other]));
            foreach (var other in met) counts[other] = 0;
            return counts;
        }, _ => { });
        return new NeighbourModel(items, supports, persons, shrinkage, nearest);
    }

    protected override SolvedModel Without(int[] row, int[] left, int[] nextSupports, int nextPersons)
    {
        var next = (Neighbours[])nearest.Clone();
        foreach (var place in row) next[place] = next[place].Less(row);
        return new NeighbourModel(Items, nextSupports, nextPersons, shrinkage, next);
    }

    protected override void Score(List<PlacedLiking> likings, Span<float> scores)
    {
        foreach (var liking in likings)
        {
            var (places, counts) = nearest[liking.Place];
            for (var i = 0; i < places.Length; i++)
                scores[places[i]] += liking.Weight * (float)Cosine(counts[i], Support(liking.Place), Support(places[i]), shrinkage);
        }
    }

    protected override double Weight(int liking, int item)
    {
        var (places, counts) = nearest[liking];
        var at = Array.BinarySearch(places, item);
        return at < 0 ? 0 : Cosine(counts[at], Support(liking), Support(item), shrinkage);
    }

    private static double Cosine(int both, int one, int other, double shrinkage) => both / (Math.Sqrt((double)one * other) + shrinkage);

    /// <param name="Places">In ascending order.</param>
    /// <param name="Counts">Persons who like both.</param>
    private sealed record Neighbours(int[] Places, int[] Counts)
    {
        public Neighbours Less(int[] row)
        {
            var counts = (int[])Counts.Clone();
            foreach (var place in row)
            {
                if (Array.BinarySearch(Places, place) is >= 0 and var at) counts[at]--;
            }

            return this with { Counts = counts };
        }
    }
}
