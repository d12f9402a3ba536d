namespace Personalization.Recommendation.Domain;

/// <summary>Lambda, and how good it was.</summary>
/// <param name="Ndcg">NDCG@10 on the validation, or null if there were too few persons for one.</param>
/// <param name="Persons">Persons it was measured on.</param>
internal sealed record LambdaChoice(double Lambda, double? Ndcg, int Persons)
{
    // Where the climb starts, and what stands when there is nothing to choose by.
    private const double Start = 200;
    private const double Step = 2;
    private const double Smallest = 6.25;
    private const double Largest = 12_800;
    private const int FewestPersons = 20;
    private const int MostPersons = 1_000;
    private const int MostItems = 4_000;
    private const int FewestLikings = 5;
    private const int Cutoff = 10;

    /// <summary>
    /// Chooses by what would have been recommended at an earlier time: the last fifth of what some persons like is held out, and looked for in
    /// a model of everything else. It climbs from <see cref="Start"/> while a neighbour is better, so the same data give the same choice.
    /// </summary>
    /// <param name="gram">G, whose lower triangle counts.</param>
    /// <param name="likings">By person the places of what they like, oldest first.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="cancellationToken">Ends it without a result.</param>
    public static LambdaChoice By(SymmetricMatrix gram, IEnumerable<KeyValuePair<string, int[]>> likings, int threads, CancellationToken cancellationToken)
    {
        // Pseudonyms are a sample by chance when taken in order. The items most liked are nearly all that is liked.
        var items = Enumerable.Range(0, gram.Size).OrderByDescending(place => gram[place][place]).ThenBy(place => place).Take(MostItems).Order().ToArray();
        var placeOf = new Dictionary<int, int>(items.Select((place, i) => KeyValuePair.Create(place, i)));
        var sample = likings
            .Select(person => (person.Key, Row: person.Value.Where(placeOf.ContainsKey).Select(place => placeOf[place]).ToArray()))
            .Where(person => person.Row.Length >= FewestLikings)
            .OrderBy(person => person.Key, StringComparer.Ordinal)
            .Take(MostPersons)
            .Select(person => new HeldOut(person.Row[..^(person.Row.Length / 5)], person.Row[^(person.Row.Length / 5)..]))
            .ToArray();
        if (sample.Length < FewestPersons) return new LambdaChoice(Start, null, 0);

        var training = new SymmetricMatrix(items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            for (var j = 0; j <= i; j++) training[i][j] = gram[items[i]][items[j]];
        }

        foreach (var person in sample)
        {
            foreach (var held in person.Held)
            {
                foreach (var other in person.Known) training[Math.Max(held, other)][Math.Min(held, other)]--;
                foreach (var other in person.Held.Where(other => other <= held)) training[held][other]--;
            }
        }

        return Climb(lambda => Measure(training, lambda, sample, threads, cancellationToken), sample.Length);
    }

    private static LambdaChoice Climb(Func<double, double> measure, int persons)
    {
        var best = (Lambda: Start, Ndcg: measure(Start));
        foreach (var step in new[] { Step, 1 / Step })
        {
            var start = best.Lambda;
            while (best.Lambda * step is >= Smallest and <= Largest && measure(best.Lambda * step) is var ndcg && ndcg > best.Ndcg) best = (best.Lambda * step, ndcg);
            if (best.Lambda != start) break;
        }

        return new LambdaChoice(best.Lambda, best.Ndcg, persons);
    }

    private static double Measure(SymmetricMatrix training, double lambda, HeldOut[] sample, int threads, CancellationToken cancellationToken)
    {
        var inverse = training.Copy();
        for (var i = 0; i < inverse.Size; i++) inverse[i][i] += (float)lambda;
        inverse.Invert(threads, cancellationToken);
        var figures = new double[sample.Length];
        Parallel.For(0, sample.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, person =>
        {
            var known = sample[person].Known;
            var scores = new float[inverse.Size];
            foreach (var liking in known) EaseModel.AddTo(scores, inverse[liking], -1);
            for (var j = 0; j < scores.Length; j++) scores[j] /= inverse[j][j];
            foreach (var liking in known) scores[liking] = float.NegativeInfinity;
            figures[person] = NdcgOf(scores, sample[person].Held);
        });
        return figures.Average();
    }

    /// <summary>The gain of each item held out falls with the logarithm of its rank; 1 if they come first.</summary>
    private static double NdcgOf(float[] scores, int[] held)
    {
        var ranks = held.Select(item => scores.Count(score => score > scores[item]) + 1);
        var gain = ranks.Where(rank => rank <= Cutoff).Sum(rank => 1 / Math.Log2(rank + 1));
        return gain / Enumerable.Range(1, Math.Min(held.Length, Cutoff)).Sum(rank => 1 / Math.Log2(rank + 1));
    }

    private sealed record HeldOut(int[] Known, int[] Held);
}
