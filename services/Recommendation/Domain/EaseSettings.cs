namespace Personalization.Recommendation.Domain;

/// <summary>What EASE^R is solved and served with, and how good that was.</summary>
/// <param name="Lambda">The regularization.</param>
/// <param name="Discount">Weights for an item are divided by the number of persons who like it to this power; 0 leaves them alone.</param>
/// <param name="Decay">See <see cref="RecencyDecay"/>; 0 weighs all likings of a person alike.</param>
/// <param name="Ndcg">NDCG@10 on the validation, or null if there were too few persons for one.</param>
/// <param name="Popular">What most persons like, recommended to everybody, would have got on the same validation.</param>
/// <param name="Persons">Persons both were measured on.</param>
/// <param name="Tried">Matrices inverted to choose them; 0 if they were kept from the solution before.</param>
internal sealed record EaseSettings(double Lambda, double Discount, double Decay, double? Ndcg, double? Popular, int Persons, int Tried = 0)
{
    // Where the climb starts, and what stands when there is nothing to choose by.
    private const double Start = 300;
    private const double Smallest = 9;
    private const double Largest = 10_000;
    private const int FewestPersons = 20;
    private const int MostPersons = 6_000;
    private const int MostItems = 4_000;
    private const int FewestLikings = 5;
    private const int Cutoff = 10;
    private const double StandardErrors = 2;
    private static readonly double[] Discounts = [0, 0.1, 0.2, 0.3];

    // Doubles and halves, then thirds of such a step.
    private static readonly double[] Steps = [2, Math.Cbrt(2)];

    /// <summary>
    /// Chooses by what would have been recommended at an earlier time: the last fifth of what some persons like is held out, and looked for in
    /// a model of everything else. The decay is the best at <see cref="Start"/>, as it hardly depends on lambda, and
    /// none if that could be by chance; from there lambda climbs while a neighbour is better, in great steps and then in small ones. So the same data
    /// give the same choice.
    /// </summary>
    /// <param name="gram">G.</param>
    /// <param name="likings">By person the places of what they like, oldest first.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="cancellationToken">Ends it without a result.</param>
    public static EaseSettings By(SymmetricMatrix gram, IEnumerable<KeyValuePair<string, int[]>> likings, int threads, CancellationToken cancellationToken)
    {
        // Pseudonyms are a sample by chance when taken in order. The items most liked are nearly all that is liked.
        var items = Enumerable.Range(0, gram.Size).OrderByDescending(place => gram[place, place]).ThenBy(place => place).Take(MostItems).Order().ToArray();
        var placeOf = new Dictionary<int, int>(items.Select((place, i) => KeyValuePair.Create(place, i)));
        var sample = likings
            .Select(person => (person.Key, Row: person.Value.Where(placeOf.ContainsKey).Select(place => placeOf[place]).ToArray()))
            .Where(person => person.Row.Length >= FewestLikings)
            .OrderBy(person => person.Key, StringComparer.Ordinal)
            .Take(MostPersons)
            .Select(person => new HeldOut(person.Row[..^(person.Row.Length / 5)], person.Row[^(person.Row.Length / 5)..]))
            .ToArray();
        if (sample.Length < FewestPersons) return new EaseSettings(Start, 0, 0, null, null, 0);

        var training = new SymmetricMatrix(items.Length);
        for (var i = 0; i < items.Length; i++)
        {
            for (var j = 0; j <= i; j++) training[i, j] = gram[items[i], items[j]];
        }

        foreach (var person in sample)
        {
            foreach (var held in person.Held)
            {
                foreach (var other in person.Known) training[held, other]--;
                foreach (var other in person.Held.Where(other => other <= held)) training[held, other]--;
            }
        }

        float[] liked = [.. Enumerable.Range(0, training.Size).Select(item => (float)training[item, item])];
        var popular = sample.Average(person => NdcgOf([.. liked], person));
        return Climb((lambda, decays) => Measure(training, lambda, decays, sample, threads, cancellationToken), popular, sample.Length);
    }

    /// <summary>What a weight for an item is multiplied with.</summary>
    public static double ScaleOf(int support, double discount) => Math.Pow(support, -discount);

    private static EaseSettings Climb(Func<double, IReadOnlyList<double>, Measured> measure, double popular, int persons)
    {
        var best = measure(Start, RecencyDecay.Choices);
        var tried = 1;
        foreach (var up in Steps)
        {
            foreach (var step in new[] { up, 1 / up })
            {
                var start = best.Lambda;
                while (Math.Round(best.Lambda * step) is >= Smallest and <= Largest and var lambda && Try(lambda) is var next && next.Ndcg > best.Ndcg) best = next;
                if (best.Lambda != start) break;
            }
        }

        return new EaseSettings(best.Lambda, best.Discount, best.Decay, best.Ndcg, popular, persons, tried);

        Measured Try(double lambda)
        {
            tried++;
            return measure(lambda, [best.Decay]);
        }
    }

    /// <summary>The best discount and decay with that lambda; the first decay, unless another is better beyond chance.</summary>
    private static Measured Measure(
        SymmetricMatrix training, double lambda, IReadOnlyList<double> decays, HeldOut[] sample, int threads, CancellationToken cancellationToken)
    {
        var inverse = training.Copy();
        for (var i = 0; i < inverse.Size; i++) inverse[i, i] += lambda;
        inverse.Invert(threads, cancellationToken);
        var rows = inverse.ToRows();
        var factors = Array.ConvertAll(Discounts, discount => Enumerable.Range(0, inverse.Size)
            .Select(j => (float)(ScaleOf(Math.Max(1, (int)training[j, j]), discount) / inverse[j, j])).ToArray());
        var figures = new double[sample.Length][];
        Parallel.For(0, sample.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, person =>
        {
            var known = sample[person].Known;
            figures[person] = [.. decays.SelectMany(decay =>
            {
                var sums = new float[inverse.Size];
                for (var i = 0; i < known.Length; i++) EaseModel.AddTo(sums, rows[known[i]], -RecencyDecay.WeightOf(known.Length - 1 - i, decay));
                return factors.Select(factor =>
                {
                    var scores = new float[sums.Length];
                    for (var j = 0; j < scores.Length; j++) scores[j] = sums[j] * factor[j];
                    return NdcgOf(scores, sample[person]);
                });
            })];
        });
        double[] means = [.. figures[0].Select((_, i) => figures.Average(figure => figure[i]))];
        int Best(int among) => Enumerable.Range(0, among).MaxBy(i => means[i]);
        var (first, best) = (Best(Discounts.Length), Best(means.Length));
        if (best != first && !IsBeyondChance(Array.ConvertAll(figures, figure => figure[best] - figure[first]))) best = first;
        return new Measured(lambda, Discounts[best % Discounts.Length], decays[best / Discounts.Length], means[best]);
    }

    /// <summary>Whether the mean of differences is greater than chance would make it.</summary>
    private static bool IsBeyondChance(double[] differences)
    {
        var mean = differences.Average();
        var variance = differences.Sum(difference => (difference - mean) * (difference - mean)) / (differences.Length - 1);
        return mean > StandardErrors * Math.Sqrt(variance / differences.Length);
    }

    /// <summary>The gain of each item held out falls with the logarithm of its rank; 1 if they come first. What is known isn't recommended: its scores are changed.</summary>
    private static double NdcgOf(float[] scores, HeldOut person)
    {
        var held = person.Held;
        foreach (var liking in person.Known) scores[liking] = float.NegativeInfinity;
        var best = new PriorityQueue<int, float>(Cutoff + 1);
        for (var item = 0; item < scores.Length; item++)
        {
            if (best.Count < Cutoff) best.Enqueue(item, scores[item]);
            else best.EnqueueDequeue(item, scores[item]);
        }

        var gain = 0.0;
        for (var rank = best.Count; rank > 0; rank--)
        {
            if (held.Contains(best.Dequeue())) gain += 1 / Math.Log2(rank + 1);
        }

        return gain / Enumerable.Range(1, Math.Min(held.Length, Cutoff)).Sum(rank => 1 / Math.Log2(rank + 1));
    }

    private readonly record struct Measured(double Lambda, double Discount, double Decay, double Ndcg);

    private sealed record HeldOut(int[] Known, int[] Held);
}
