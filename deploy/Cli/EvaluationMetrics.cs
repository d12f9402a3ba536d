namespace Personalization.Cli;

/// <summary>How good lists of recommendations are.</summary>
/// <param name="Coverage">Share of the items that are among somebody's first ten.</param>
/// <param name="Novelty">Mean over the first ten of -log2 of the share of users who like the item.</param>
internal sealed record EvaluationMetrics(double Ndcg10, double Ndcg100, double Recall20, double HitRate10, double Coverage, double Novelty, int Users)
{
    /// <summary>Length of the lists.</summary>
    public const int Longest = 100;

    private const int Shown = 10;

    /// <param name="split">What was held out.</param>
    /// <param name="recommend">The best items for a user, without those of the training.</param>
    public static EvaluationMetrics Of(EvaluationSplit split, Func<int, IReadOnlyList<int>> recommend)
    {
        int[] users = [.. Enumerable.Range(0, split.Test.Length).Where(user => split.Test[user].Length > 0)];
        if (users.Length == 0) throw new CommandException("Nobody has both likings to learn from and likings to look for.");
        var lists = new IReadOnlyList<int>[users.Length];
        Parallel.For(0, users.Length, i => lists[i] = recommend(users[i]));
        var holders = split.Training.SelectMany(row => row).CountBy(item => item).ToDictionary();
        double Mean(Func<IReadOnlyList<int>, HashSet<int>, double> measure) => users.Zip(lists, (user, list) => measure(list, [.. split.Test[user]])).Average();
        int[] shown = [.. lists.SelectMany(list => list.Take(Shown))];
        return new EvaluationMetrics(
            Mean((list, sought) => Ndcg(list, sought, Shown)),
            Mean((list, sought) => Ndcg(list, sought, Longest)),
            Mean((list, sought) => list.Take(20).Count(sought.Contains) / (double)sought.Count),
            Mean((list, sought) => list.Take(Shown).Any(sought.Contains) ? 1 : 0),
            shown.Distinct().Count() / (double)split.Items.Length,
            shown.Average(item => -Math.Log2(holders[item] / (double)split.Training.Length)),
            users.Length);
    }

    private static double Ndcg(IReadOnlyList<int> list, HashSet<int> sought, int cutoff) =>
        list.Take(cutoff).Select((item, i) => sought.Contains(item) ? 1 / Math.Log2(i + 2) : 0).Sum()
            / Enumerable.Range(0, Math.Min(cutoff, sought.Count)).Sum(i => 1 / Math.Log2(i + 2));
}
