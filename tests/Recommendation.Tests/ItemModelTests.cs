using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Tests;

public sealed class ItemModelTests
{
    private const int MinSupport = 3;
    private const double Shrinkage = 2.5;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Holds_after_adding_and_removing_in_any_order_exactly_what_one_holds_that_never_saw_the_removed(int seed)
    {
        var random = new Random(seed);
        using var model = new ItemModel(MinSupport, Shrinkage);
        var persons = new Dictionary<string, HashSet<string>>();
        for (var step = 0; step < 600; step++)
        {
            // Few enough persons for items to cross the threshold both ways all the time, and enough items for the matrix to grow.
            var person = $"p{random.Next(40)}";
            var likings = random.Next(3) == 0 ? [] : Likings(random, step < 300 ? 60 : 700);
            model.Set(person, likings);
            if (likings.Count == 0) persons.Remove(person);
            else persons[person] = likings;
            if (step % 50 == 0) Assert.Equal(GramOf(persons), model.Gram());
        }

        Assert.Equal(GramOf(persons), model.Gram());
        Assert.Equal(persons.Count, model.Content.Persons);

        using var fresh = new ItemModel(MinSupport, Shrinkage);
        foreach (var (person, likings) in persons.OrderBy(_ => random.Next())) fresh.Set(person, likings);
        Assert.Equal(fresh.Gram(), model.Gram());
        var asked = Likings(random, 60).Order().ToArray();
        Assert.Equivalent(Recommend(fresh, asked, 20, 3), Recommend(model, asked, 20, 3), strict: true);

        foreach (var person in persons.Keys.OrderBy(_ => random.Next())) model.Set(person, []);
        Assert.Empty(model.Gram());
        Assert.Equal(0, model.Content.Items);
        Assert.Equal(0, model.Content.Persons);
    }

    [Fact]
    public void Scores_as_the_shrunk_cosine_computed_by_hand_does()
    {
        var random = new Random(7);
        using var model = new ItemModel(MinSupport, Shrinkage);
        var persons = Enumerable.Range(0, 80).ToDictionary(i => $"p{i}", _ => Likings(random, 90));
        foreach (var (person, likings) in persons) model.Set(person, likings);
        var gram = GramOf(persons);
        var asked = Likings(random, 90).Order().ToArray();

        var expected = gram.Keys.Select(pair => pair.Item1).Distinct().Except(asked)
            .ToDictionary(item => item, item => asked.Sum(liking => Cosine(gram, liking, item)));
        var items = Recommend(model, asked, 1000, 1000);

        Assert.Equal(expected.Where(pair => pair.Value > 0).Select(pair => pair.Key).Order(), items.Select(item => item.ItemId).Order());
        Assert.Equal(items.OrderByDescending(item => item.Score).Select(item => item.ItemId), items.Select(item => item.ItemId));
        foreach (var item in items)
        {
            Assert.Equal(expected[item.ItemId], item.Score, 1e-4);
            Assert.Equal(1, item.Contributions.Sum(contribution => contribution.Share), 1e-9);
            foreach (var (liking, share) in item.Contributions)
                Assert.Equal(Cosine(gram, asked[liking], item.ItemId) / expected[item.ItemId], share, 1e-4);
        }
    }

    [Fact]
    public void Names_the_greatest_contributions_first()
    {
        using var model = new ItemModel(2, 1);
        for (var i = 0; i < 6; i++) model.Set($"close{i}", ["near", "target"]);
        for (var i = 0; i < 2; i++) model.Set($"far{i}", ["far", "target"]);

        var item = Assert.Single(Recommend(model, ["far", "near"], 5, 2));

        Assert.Equal("target", item.ItemId);
        Assert.Equal([1, 0], item.Contributions.Select(contribution => contribution.Liking));
    }

    [Fact]
    public void A_liking_below_zero_speaks_against_what_goes_with_it_and_is_no_reason()
    {
        using var model = new ItemModel(2, 1);
        for (var i = 0; i < 6; i++) model.Set($"a{i}", ["liked", "both", "more of it"]);
        for (var i = 0; i < 6; i++) model.Set($"b{i}", ["disliked", "both", "like it"]);
        HashSet<string> known = ["liked", "disliked"];

        var with = model.Recommend([new("liked", 1), new("disliked", 1)], known, 5, 5).Items;
        var against = model.Recommend([new("liked", 1), new("disliked", -0.5f)], known, 5, 5).Items;

        Assert.Equal(["both", "like it", "more of it"], with.Select(item => item.ItemId).Order());
        Assert.Equal(["more of it", "both"], against.Select(item => item.ItemId));
        Assert.Equal(with.Single(item => item.ItemId == "both").Score / 4, against[1].Score, 1e-6);
        Assert.All(against, item => Assert.Equal((0, 1), Assert.Single(item.Contributions)));
    }

    [Fact]
    public void Shows_nothing_of_an_item_that_too_few_persons_like()
    {
        using var model = new ItemModel(MinSupport, Shrinkage);
        model.Set("a", ["common", "rare"]);
        model.Set("b", ["common", "rare"]);
        model.Set("c", ["common"]);

        Assert.Equal(["common"], model.Popular(10).Items.Select(item => item.ItemId));
        Assert.Empty(Recommend(model, ["common"], 10, 3));

        model.Set("c", ["common", "rare"]);
        Assert.Equal("rare", Assert.Single(Recommend(model, ["common"], 10, 3)).ItemId);

        model.Set("a", ["common"]);
        Assert.Empty(Recommend(model, ["common"], 10, 3));
    }

    [Fact]
    public void Has_a_version_that_changes_with_the_content_and_only_then()
    {
        using var model = new ItemModel(MinSupport, Shrinkage);
        var empty = model.Content.Version;
        model.Set("a", ["x"]);
        var one = model.Content.Version;
        model.Set("a", ["x"]);
        Assert.NotEqual(empty, one);
        Assert.Equal(one, model.Content.Version);
        model.Set("a", []);
        Assert.NotEqual(one, model.Content.Version);
    }

    [Fact]
    public async Task Answers_from_one_state_while_it_changes()
    {
        using var model = new ItemModel(2, 1);
        for (var i = 0; i < 10; i++) model.Set($"p{i}", ["a", "b"]);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            // "a" and "b" are always liked by the same persons, so their counts are equal in every state.
            for (var i = 0; !stop.IsCancellationRequested; i++) model.Set($"p{i % 10}", i % 20 < 10 ? [] : ["a", "b"]);
        });
        try
        {
            for (var i = 0; i < 20_000; i++)
            {
                var counts = model.Popular(2).Items.Select(item => item.Persons).Distinct().Count();
                Assert.True(counts <= 1, "Two items liked by the same persons had different counts.");
            }
        }
        finally
        {
            await stop.CancelAsync();
            await writing;
        }
    }

    private static IReadOnlyList<ScoredItem> Recommend(ItemModel model, IReadOnlyCollection<string> likings, int limit, int reasons) =>
        model.Recommend([.. likings.Select(item => new WeightedLiking(item, 1))], likings.ToHashSet(), limit, reasons).Items;

    private static HashSet<string> Likings(Random random, int catalogue) =>
        [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => $"i{(int)(Math.Pow(random.NextDouble(), 2) * catalogue)}")];

    private static double Cosine(Dictionary<(string, string), int> gram, string a, string b) =>
        gram.GetValueOrDefault((a, b)) / (Math.Sqrt((double)gram.GetValueOrDefault((a, a)) * gram.GetValueOrDefault((b, b))) + Shrinkage);

    private static Dictionary<(string, string), int> GramOf(Dictionary<string, HashSet<string>> persons)
    {
        var held = persons.Values.SelectMany(likings => likings).CountBy(item => item).Where(count => count.Value >= MinSupport).Select(count => count.Key).ToHashSet();
        var gram = new Dictionary<(string, string), int>();
        foreach (var likings in persons.Values)
        {
            foreach (var a in likings.Where(held.Contains))
            {
                foreach (var b in likings.Where(held.Contains)) gram[(a, b)] = gram.GetValueOrDefault((a, b)) + 1;
            }
        }

        return gram;
    }
}
