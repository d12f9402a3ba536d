namespace Personalization.Profile.Domain;

/// <summary>Points divided into groups around their means.</summary>
/// <param name="Means">One for each group.</param>
/// <param name="GroupOf">The group of each point.</param>
/// <param name="Inertia">The sum of squared distances from the means.</param>
public sealed record Clustering(IReadOnlyList<double[]> Means, IReadOnlyList<int> GroupOf, double Inertia);

/// <summary>
/// k-means (Lloyd 1982) begun by k-means++ (Arthur and Vassilvitskii 2007), several times over; and the mean silhouette (Rousseeuw 1987), which says
/// how far points are closer to their own group than to the next. The same points give the same result.
/// </summary>
public static class KMeans
{
    private const int Restarts = 4;
    private const int MostRounds = 50;
    private const int Seed = 20_071;

    /// <summary>The best of several runs.</summary>
    public static Clustering Divide(IReadOnlyList<double[]> points, int groups)
    {
        // A division has to come out the same on every instance; nothing secret depends on it.
#pragma warning disable CA5394
        var random = new Random(Seed);
        Clustering? best = null;
        for (var run = 0; run < Restarts; run++)
        {
            var clustering = Run(points, Begin(points, groups, random));
            if (best is null || clustering.Inertia < best.Inertia) best = clustering;
        }
#pragma warning restore CA5394

        return best!;
    }

    /// <summary>The mean over the points of (b - a) / max(a, b): a is the mean distance to the own group, b to the nearest other one. From -1 to 1.</summary>
    public static double Silhouette(IReadOnlyList<double[]> points, IReadOnlyList<int> groupOf)
    {
        var sizes = groupOf.CountBy(group => group).ToDictionary();
        var total = 0.0;
        for (var i = 0; i < points.Count; i++)
        {
            if (sizes[groupOf[i]] == 1) continue;
            var sums = new Dictionary<int, double>();
            for (var j = 0; j < points.Count; j++) sums[groupOf[j]] = sums.GetValueOrDefault(groupOf[j]) + Math.Sqrt(SquaredDistance(points[i], points[j]));
            var own = sums[groupOf[i]] / (sizes[groupOf[i]] - 1);
            var next = sums.Where(sum => sum.Key != groupOf[i]).Min(sum => sum.Value / sizes[sum.Key]);
            total += Math.Max(own, next) is > 0 and var larger ? (next - own) / larger : 0;
        }

        return total / points.Count;
    }

    private static List<double[]> Begin(IReadOnlyList<double[]> points, int groups, Random random)
    {
#pragma warning disable CA5394
        var means = new List<double[]> { points[random.Next(points.Count)] };
        while (means.Count < groups)
        {
            double[] distances = [.. points.Select(point => means.Min(mean => SquaredDistance(point, mean)))];
            var target = random.NextDouble() * distances.Sum();
            var chosen = 0;
            while (chosen < points.Count - 1 && (target -= distances[chosen]) > 0) chosen++;
            means.Add(points[chosen]);
        }
#pragma warning restore CA5394

        return means;
    }

    private static Clustering Run(IReadOnlyList<double[]> points, List<double[]> means)
    {
        var groupOf = new int[points.Count];
        for (var round = 0; ; round++)
        {
            var moved = false;
            for (var i = 0; i < points.Count; i++)
            {
                var nearest = 0;
                for (var group = 1; group < means.Count; group++)
                {
                    if (SquaredDistance(points[i], means[group]) < SquaredDistance(points[i], means[nearest])) nearest = group;
                }

                moved |= groupOf[i] != nearest;
                groupOf[i] = nearest;
            }

            // The first round compares with no division at all.
            if ((!moved && round > 0) || round == MostRounds) break;
            for (var group = 0; group < means.Count; group++)
            {
                double[][] own = [.. points.Where((_, i) => groupOf[i] == group)];
                if (own.Length > 0) means[group] = [.. Enumerable.Range(0, own[0].Length).Select(side => own.Average(point => point[side]))];
            }
        }

        return new Clustering(means, groupOf, points.Select((point, i) => SquaredDistance(point, means[groupOf[i]])).Sum());
    }

    private static double SquaredDistance(double[] one, double[] other)
    {
        var sum = 0.0;
        for (var i = 0; i < one.Length; i++) sum += (one[i] - other[i]) * (one[i] - other[i]);
        return sum;
    }
}
