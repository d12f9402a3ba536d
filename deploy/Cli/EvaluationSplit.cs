namespace Personalization.Cli;

/// <summary>What models learn from, and what is looked for in what they recommend. Users and items are numbers.</summary>
/// <param name="Items">Ids of the items that somebody likes in the training data.</param>
/// <param name="Training">By user, oldest first.</param>
/// <param name="Test">By user; none for one that isn't asked for.</param>
internal sealed record EvaluationSplit(string Name, string[] Items, int[][] Training, int[][] Test)
{
    /// <summary>Splits by two files. A user or an item of the test that the training doesn't know can't be recommended for, or be recommended.</summary>
    public static EvaluationSplit Of(string name, IEnumerable<Interaction> training, IEnumerable<Interaction> test)
    {
        var users = training.GroupBy(one => one.User).ToDictionary(group => group.Key, group => group.Select(one => one.Item).ToArray());
        string[] items = [.. users.Values.SelectMany(row => row).Distinct().Order(StringComparer.Ordinal)];
        var numbers = items.Select((item, number) => (item, number)).ToDictionary(pair => pair.item, pair => pair.number);

        // An item that only the test knows is a number that no model names: it is missed, and counts.
        var sought = test.GroupBy(one => one.User).ToDictionary(
            group => group.Key, group => group.Select((one, i) => numbers.TryGetValue(one.Item, out var number) ? number : -1 - i).ToArray());
        string[] order = [.. users.Keys.Order(StringComparer.Ordinal)];
        return new EvaluationSplit(
            name,
            items,
            Array.ConvertAll(order, user => Array.ConvertAll(users[user], item => numbers[item])),
            Array.ConvertAll(order, user => sought.GetValueOrDefault(user, []).Except(users[user].Select(item => numbers[item])).ToArray()));
    }

    /// <summary>Holds out the newest fifth of what each user likes, or the newest alone.</summary>
    public static EvaluationSplit Newest(string name, IReadOnlyList<Interaction> all, bool onlyOne)
    {
        var (training, test) = (new List<Interaction>(), new List<Interaction>());
        foreach (var user in all.GroupBy(one => one.User))
        {
            Interaction[] row = [.. user];
            var held = onlyOne ? Math.Min(1, row.Length - 1) : row.Length / 5;
            training.AddRange(row[..^held]);
            test.AddRange(row[^held..]);
        }

        return Of(name, training, test);
    }

    /// <summary>A split of the training data alone, to choose settings by.</summary>
    public EvaluationSplit Validation()
    {
        var held = Array.ConvertAll(Training, row => row.Length / 5);
        return this with
        {
            Training = [.. Training.Select((row, user) => row[..^held[user]])],
            Test = [.. Training.Select((row, user) => row[^held[user]..])],
        };
    }
}
