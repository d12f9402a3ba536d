using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Tests;

public sealed class ItemModelTests
{
    private const int MinSupport = 3;
    private const double Lambda = 4;
    private const double Shrinkage = 2.5;

    // A catalogue beyond the dense limit, and one within it.
    public static TheoryData<int, int> Seeds
    {
        get
        {
            var data = new TheoryData<int, int>();
            for (var seed = 1; seed <= 5; seed++)
            {
                foreach (var denseItems in new[] { 0, 10_000 }) data.Add(seed, denseItems);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Holds_after_adding_and_removing_in_any_order_exactly_what_one_holds_that_never_saw_the_removed(int seed, int denseItems)
    {
        var random = new Random(seed);
        var model = Model(denseItems: denseItems);
        var persons = new Dictionary<string, string[]>();
        for (var step = 0; step < 600; step++)
        {
            // Few enough persons for items to cross the threshold both ways all the time, and enough items for the matrix to grow.
            Change(random, persons, model, 40, step < 300 ? 60 : 700);
            if (step % 50 == 0 && denseItems > 0) Assert.Equal(GramOf(persons), model.Gram());
            if (step % 70 == 0) model.Solve(default);
        }

        model.Solve(default);
        Assert.Equal(persons.Count, model.Content.Persons);

        var fresh = Model(denseItems: denseItems);
        foreach (var (person, likings) in persons.OrderBy(_ => random.Next())) fresh.Set(person, likings);
        fresh.Solve(default);
        if (denseItems > 0) Assert.Equal(fresh.Gram(), model.Gram());
        Assert.Equal(WeightsOf(fresh), WeightsOf(model));
        Assert.Equal(fresh.Popular(1000).Items, model.Popular(1000).Items);

        foreach (var person in persons.Keys.OrderBy(_ => random.Next())) model.Set(person, []);
        Assert.Empty(model.Gram());
        Assert.Equal((0, 0), (model.Content.Items, model.Content.Persons));
        Assert.Empty(model.Popular(10).Items);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Without_those_who_left_it_serves_at_once_what_the_next_solution_will(int seed, int denseItems)
    {
        var random = new Random(seed);
        var model = Model(denseItems: denseItems);
        var persons = Enumerable.Range(0, 150).ToDictionary(i => $"p{i}", _ => Likings(random, 200).ToArray());
        foreach (var (person, likings) in persons) model.Set(person, likings);
        model.Solve(default);

        // One, then a batch beyond the terms that are kept apart; items leave with them.
        foreach (var batch in new[] { 1, 3, 30 })
        {
            var items = model.Content.Items;
            foreach (var person in persons.Keys.OrderBy(_ => random.Next()).Take(batch).ToArray())
            {
                model.Set(person, []);
                persons.Remove(person);
            }

            var fresh = Model(denseItems: denseItems);
            foreach (var (person, likings) in persons) fresh.Set(person, likings);
            fresh.Solve(default);

            // With item-kNN the nearest are those found before: here, where there are few items, all of them.
            AssertClose(WeightsOf(fresh), WeightsOf(model));
            Assert.Equal(fresh.Popular(1000).Items, model.Popular(1000).Items);
            Assert.Equal((fresh.Content.Items, fresh.Content.Persons), (model.Content.Items, model.Content.Persons));
            Assert.True(batch < 10 || model.Content.Items < items, "No item left.");
        }
    }

    [Fact]
    public void Who_loses_one_liking_leaves_the_served_model_and_is_in_the_next_with_the_others()
    {
        var random = new Random(11);
        var (model, without, with) = (Model(), Model(), Model());
        for (var i = 0; i < 60; i++)
        {
            var likings = Likings(random, 40).ToArray();
            foreach (var each in new[] { model, without, with }) each.Set($"p{i}", likings);
        }

        model.Set("someone", ["i0", "i1", "i2"]);
        with.Set("someone", ["i0", "i2"]);
        foreach (var each in new[] { model, without, with }) each.Solve(default);

        // More likings wait for the next solution, and take nothing away.
        var before = model.Content.Version;
        model.Set("someone", ["i0", "i1", "i2", "i3"]);
        Assert.Equal(before, model.Content.Version);
        model.Set("someone", ["i0", "i2"]);

        Assert.NotEqual(before, model.Content.Version);
        AssertClose(WeightsOf(without), WeightsOf(model));
        Assert.Equal(["i0", "i2"], model.LikingsOf("someone").Order());
        model.Solve(default);
        Assert.Equal(WeightsOf(with), WeightsOf(model));
    }

    [Fact]
    public async Task Who_leaves_while_it_is_solved_is_not_in_the_solution_either()
    {
        var random = new Random(12);
        var model = Model(lambda: 100);
        var persons = Enumerable.Range(0, 1500).ToDictionary(i => $"p{i}", _ => Likings(random, 900).ToArray());
        foreach (var (person, likings) in persons) model.Set(person, likings);
        var left = 0;
        for (var round = 0; round < 3; round++)
        {
            var solving = Task.Run(() => model.Solve(default));
            while (!solving.IsCompleted && left < 200 * (round + 1))
            {
                var person = persons.Keys.ElementAt(random.Next(persons.Count));
                model.Set(person, []);
                persons.Remove(person);
                left++;
            }

            await solving;
            Assert.Equal(persons.Count, model.Content.Persons);
        }

        var fresh = Model(lambda: 100);
        foreach (var (person, likings) in persons) fresh.Set(person, likings);
        fresh.Solve(default);
        Assert.True(left > 10, $"Only {left} persons left during three solutions.");
        AssertClose(WeightsOf(fresh), WeightsOf(model));
    }

    [Fact]
    public async Task A_solution_that_is_stopped_in_the_middle_leaves_the_one_before()
    {
        var random = new Random(13);
        var model = Model();
        for (var i = 0; i < 1500; i++) model.Set($"p{i}", Likings(random, 1200));
        model.Solve(default);
        var before = (model.Content, Weights: WeightsOf(model));
        for (var i = 0; i < 1500; i++) model.Set($"more{i}", Likings(random, 1200));
        var stopped = 0;
        for (var after = 0; after < 100; after += 5)
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(after));
            try
            {
                await Task.Run(() => model.Solve(stop.Token));
                break;
            }
            catch (OperationCanceledException)
            {
                stopped++;
                Assert.Equal(before.Content, model.Content);
            }
        }

        Assert.True(stopped > 0);
        if (model.Content == before.Content) Assert.Equal(before.Weights, WeightsOf(model));
        model.Solve(default);
        Assert.Equal(3000, model.Content.Persons);
    }

    [Fact]
    public void The_served_weights_tell_that_somebody_is_among_them_and_after_the_erasure_they_do_not()
    {
        // Somebody whose taste nobody shares: two groups of films that otherwise nobody combines.
        string[] member = ["a1", "a2", "b1", "b2"];
        var random = new Random(14);
        var model = Model();
        for (var i = 0; i < 400; i++)
        {
            var group = i % 2 == 0 ? "a" : "b";
            model.Set($"p{i}", Enumerable.Range(1, 12).Where(_ => random.Next(3) == 0).Select(film => $"{group}{film}"));
        }

        model.Solve(default);
        var never = Combined(model, member);
        model.Set("member", member);
        model.Solve(default);
        var among = Combined(model, member);
        model.Set("member", []);
        var downdated = Combined(model, member);
        model.Solve(default);

        Assert.True(among > never + 1e-3, $"{among} with the person, {never} without: the test could not tell anything.");
        Assert.Equal(never, downdated, 1e-6);
        Assert.Equal(never, Combined(model, member));

        // Who asks looks for what the combination alone could have brought about.
        static double Combined(ItemModel model, string[] films)
        {
            var weights = WeightsOf(model);
            return films.Sum(a => films.Where(b => b[0] != a[0]).Sum(b => weights.GetValueOrDefault((a, b))));
        }
    }

    [Fact]
    public void Scores_as_ease_computed_by_hand_does()
    {
        var random = new Random(7);
        var model = Model();
        var persons = Enumerable.Range(0, 80).ToDictionary(i => $"p{i}", _ => Likings(random, 90).ToArray());
        foreach (var (person, likings) in persons) model.Set(person, likings);
        model.Solve(default);
        var gram = GramOf(persons);
        string[] items = [.. gram.Keys.Select(pair => pair.Item1).Distinct().Order(StringComparer.Ordinal)];
        var inverse = Inverse(Array.ConvertAll(items, a => Array.ConvertAll(items, b => gram.GetValueOrDefault((a, b)) + (a == b ? Lambda : 0))));
        double Weight(string a, string b) => a == b ? 0 : -inverse[Array.IndexOf(items, a)][Array.IndexOf(items, b)] / inverse[Array.IndexOf(items, b)][Array.IndexOf(items, b)];
        var asked = Likings(random, 90).Where(items.Contains).ToArray();

        AssertScores(items.Except(asked).ToDictionary(item => item, item => asked.Sum(liking => Weight(liking, item))), model, asked, Weight);

        // What isn't left out is scored too, without speaking for itself.
        var repeated = model.Recommend([.. asked.Select(item => new WeightedLiking(item, 1))], [], _ => true, 1000).Items;
        foreach (var item in repeated) Assert.Equal(asked.Sum(liking => Weight(liking, item.ItemId)), item.Score, 1e-5);
        Assert.Contains(repeated, item => asked.Contains(item.ItemId));
    }

    [Fact]
    public void Beyond_the_dense_limit_it_scores_as_the_shrunk_cosine_computed_by_hand_does()
    {
        var random = new Random(7);
        var persons = Enumerable.Range(0, 80).ToDictionary(i => $"p{i}", _ => Likings(random, 90).ToArray());
        var gram = GramOf(persons);
        string[] items = [.. gram.Keys.Select(pair => pair.Item1).Distinct()];
        var (within, beyond) = (Model(denseItems: items.Length), Model(denseItems: items.Length - 1));
        foreach (var (person, likings) in persons)
        {
            within.Set(person, likings);
            beyond.Set(person, likings);
        }

        within.Solve(default);
        beyond.Solve(default);
        var asked = Likings(random, 90).Where(items.Contains).ToArray();

        Assert.Equal(("ease", "item-knn"), (within.Content.Algorithm, beyond.Content.Algorithm));
        AssertScores(items.Except(asked).ToDictionary(item => item, item => asked.Sum(liking => Cosine(gram, liking, item))), beyond, asked, (a, b) => Cosine(gram, a, b));
        beyond.Set("p0", []);
        persons.Remove("p0");
        gram = GramOf(persons);
        items = [.. gram.Keys.Select(pair => pair.Item1).Distinct()];
        asked = [.. asked.Where(items.Contains)];
        AssertScores(items.Except(asked).ToDictionary(item => item, item => asked.Sum(liking => Cosine(gram, liking, item))), beyond, asked, (a, b) => Cosine(gram, a, b));
    }

    [Fact]
    public void Keeps_the_nearest_items_only_beyond_the_dense_limit()
    {
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2, DenseItems = 0, Neighbours = 10, Shrinkage = Shrinkage });
        for (var i = 1; i <= 30; i++)
        {
            for (var person = 0; person < 1 + i; person++) model.Set($"p{i}-{person}", ["hub", $"i{i}"]);
        }

        model.Solve(default);

        Assert.Equal([.. Enumerable.Range(21, 10).Reverse().Select(i => $"i{i}")], Recommend(model, ["hub"], 100).Items.Select(item => item.ItemId));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(256)]
    [InlineData(700)]
    public void An_inverse_has_the_same_bits_on_any_number_of_threads(int size)
    {
        var random = new Random(size);
        var matrix = new SymmetricMatrix(size);
        for (var person = 0; person < 2 * size; person++)
        {
            var row = Enumerable.Range(0, size).Where(_ => random.Next(20) == 0).ToArray();
            foreach (var i in row)
            {
                foreach (var j in row.Where(j => j <= i)) matrix[i, j]++;
            }
        }

        for (var i = 0; i < size; i++) matrix[i, i] += 5;
        var (one, four) = (matrix.Copy(), matrix.Copy());
        one.Invert(1, default);
        four.Invert(4, default);

        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j <= i; j++) Assert.Equal(one[i, j], four[i, j]);
            for (var j = 0; j < Math.Min(size, 50); j++)
            {
                var product = 0.0;
                for (var k = 0; k < size; k++) product += matrix[i, k] * one[k, j];
                Assert.Equal(i == j ? 1 : 0, product, 1e-12);
            }
        }

        var rows = one.ToRows();
        for (var i = 0; i < size; i++)
        {
            for (var j = 0; j < size; j++) Assert.Equal((float)one[i, j], rows[i][j]);
        }
    }

    [Fact]
    public void A_matrix_that_has_no_inverse_of_the_kind_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new SymmetricMatrix(3).Invert(1, default));

    [Fact]
    public void Lambda_is_chosen_by_what_would_have_been_recommended_before()
    {
        ItemModel Learnt(Func<int, string[]> likings)
        {
            var model = new ItemModel(new RecommendationOptions { MinSupport = 2 });
            for (var i = 0; i < 400; i++) model.Set($"p{i}", likings(i));
            model.Solve(default);
            return model;
        }

        // What comes next follows from the one before: the less the weights are held back, the better. By chance, there is nothing to learn but popularity.
        var regular = Learnt(i => [.. Enumerable.Range(i, 10).Select(film => $"f{film % 200:000}")]);
        var random = new Random(15);
        string[][] byChance = [.. Enumerable.Range(0, 400).Select(_ => Likings(random, 200).ToArray())];
        var chance = Learnt(i => byChance[i]);
        var again = Learnt(i => byChance[i]);

        Assert.True(regular.Content.Lambda < chance.Content.Lambda, $"{regular.Content.Lambda} {chance.Content.Lambda}");
        Assert.Equal(400, regular.Content.ValidationPersons);
        Assert.InRange(regular.Content.Validation!.Value, 0.8, 1);
        Assert.InRange(chance.Content.Validation!.Value, 0.01, 0.5);

        // What all like alike is found by chance; what is popular by what is popular.
        Assert.InRange(regular.Content.PopularValidation!.Value, 0, 0.2);
        Assert.InRange(chance.Content.PopularValidation!.Value, 0.5 * chance.Content.Validation.Value, 2 * chance.Content.Validation.Value);
        Assert.Equal(chance.Content with { Version = "" }, again.Content with { Version = "" });
        Assert.Equal(WeightsOf(chance), WeightsOf(again));

        // What is chosen stands until the next solution.
        again.Set("p0", []);
        var without = Learnt(i => i == 0 ? [] : byChance[i]);
        Assert.Equal((again.Content.Lambda, again.Content.Discount, again.Content.Decay), (without.Content.Lambda, without.Content.Discount, without.Content.Decay));
        Assert.True(again.Content.Discount > 0, "There is no discount to be kept to.");
        AssertClose(WeightsOf(without), WeightsOf(again));
    }

    [Fact]
    public void What_was_liked_lately_weighs_more_where_it_says_more_of_what_comes_next_and_only_there()
    {
        var changing = ModelOfChangingTastes(inOrder: true);
        var mixed = ModelOfChangingTastes(inOrder: false);

        Assert.True(changing.Content.Decay > 0);
        Assert.Equal(0, mixed.Content.Decay);
        Assert.True(changing.Content.Validation > mixed.Content.Validation, $"{changing.Content.Validation} {mixed.Content.Validation}");

        // The same likings of two tastes in both orders: of the newer more is recommended, unless their order says nothing.
        string[] asked = [.. Enumerable.Range(0, 6).Select(i => $"t0-{i}"), .. Enumerable.Range(0, 6).Select(i => $"t1-{i}")];
        static int Of(ItemModel model, IReadOnlyCollection<string> asked, string taste) =>
            Recommend(model, asked, 10).Items.Count(item => item.ItemId.StartsWith(taste, StringComparison.Ordinal));
        Assert.InRange(Of(changing, asked, "t1"), 8, 10);
        Assert.InRange(Of(changing, [.. asked.Reverse()], "t0"), 8, 10);
        Assert.Equal(Of(mixed, asked, "t1"), Of(mixed, [.. asked.Reverse()], "t1"));
    }

    [Fact]
    public void A_liking_weighs_the_less_the_more_newer_ones_followed_and_as_a_reason_too()
    {
        var model = ModelOfChangingTastes(inOrder: true);
        var weights = WeightsOf(model);
        var decay = model.Content.Decay!.Value;
        string[] asked = ["t0-1", "t1-2", "t0-3"];
        double Part(int newer, string liking, string item) => Math.Pow(1 + newer, -decay) * weights.GetValueOrDefault((liking, item));

        // Neither what the model doesn't know nor what is unwanted is a newer liking, and what is unwanted stays so.
        var ranking = model.Recommend([new("t0-1", 1), new("t1-2", 1), new("unknown", 1), new("t2-5", -1), new("t0-3", 1)], asked, _ => true, 1000);

        Assert.Contains(ranking.Items, item => item.ItemId.StartsWith("t1", StringComparison.Ordinal));
        Assert.All(ranking.Items, item => Assert.Equal(
            Part(2, "t0-1", item.ItemId) + Part(1, "t1-2", item.ItemId) + Part(0, "t0-3", item.ItemId) - weights.GetValueOrDefault(("t2-5", item.ItemId)), item.Score, 1e-5));
        var explained = ranking.Items.First(item => item.ItemId.StartsWith("t0", StringComparison.Ordinal) && !asked.Contains(item.ItemId));
        var reasons = ranking.Explain(explained, 2);
        var whole = Math.Max(0, Part(2, "t0-1", explained.ItemId)) + Math.Max(0, Part(1, "t1-2", explained.ItemId)) + Math.Max(0, Part(0, "t0-3", explained.ItemId));
        Assert.Equal([4, 0], reasons.Select(reason => reason.Liking));
        Assert.Equal(Part(0, "t0-3", explained.ItemId) / whole, reasons[0].Share, 1e-4);
        Assert.Equal(Part(2, "t0-1", explained.ItemId) / whole, reasons[1].Share, 1e-4);
    }

    [Fact]
    public void Is_solved_at_once_while_only_little_is_added_and_lambda_chosen_anew_without_who_lost_something()
    {
        var random = new Random(16);
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2 });
        var persons = new Dictionary<string, string[]>();
        void Set(string person, params string[] likings)
        {
            model.Set(person, likings);
            if (likings.Length == 0) persons.Remove(person);
            else persons[person] = likings;
        }

        int Solve()
        {
            model.Solve(default);
            return model.Content.Inversions;
        }

        for (var i = 0; i < 300; i++) Set($"p{i}", [.. Likings(random, 200)]);
        Assert.InRange(Solve(), 3, 20);
        var chosen = model.Content;
        Set("p0", [.. persons["p0"], "new"]);
        Set("p300", [.. Likings(random, 200)]);
        Assert.Equal(1, Solve());
        Assert.Equal(chosen with { Version = "", Items = 0, Persons = 301, Inversions = 1 }, model.Content with { Version = "", Items = 0 });

        // A tenth.
        for (var i = 301; i < 340; i++) Set($"p{i}", [.. Likings(random, 200)]);
        Assert.InRange(Solve(), 3, 20);
        Assert.Equal(1, Solve());

        // One liking, and whole persons.
        Set("p1", persons["p1"][1..]);
        Assert.InRange(Solve(), 3, 20);
        Assert.Equal(1, Solve());
        for (var i = 0; i < 5; i++) Set($"p{i}");
        Assert.InRange(Solve(), 3, 20);

        var fresh = new ItemModel(new RecommendationOptions { MinSupport = 2 });
        foreach (var (person, likings) in persons) fresh.Set(person, likings);
        fresh.Solve(default);
        Assert.Equal(fresh.Content with { Version = "" }, model.Content with { Version = "" });
        Assert.Equal(WeightsOf(fresh), WeightsOf(model));
    }

    [Fact]
    public void With_too_few_persons_to_choose_by_lambda_is_a_constant()
    {
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2 });
        for (var i = 0; i < 8; i++) model.Set($"p{i}", ["a", "b", "c", "d", "e"]);
        model.Solve(default);

        Assert.Equal((300, 0, 0, null, 0), (model.Content.Lambda, model.Content.Discount, model.Content.Decay, model.Content.Validation, model.Content.ValidationPersons));
    }

    [Fact]
    public void Names_the_greatest_contributions_first()
    {
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2, Lambda = 1 });
        for (var i = 0; i < 6; i++) model.Set($"close{i}", ["near", "target"]);
        for (var i = 0; i < 2; i++) model.Set($"far{i}", ["far", "target"]);
        model.Solve(default);

        var ranking = Recommend(model, ["far", "near"], 5);
        var item = Assert.Single(ranking.Items);

        Assert.Equal("target", item.ItemId);
        Assert.Equal([1, 0], ranking.Explain(item, 2).Select(contribution => contribution.Liking));
        Assert.Equal(ranking.Explain(item, 2)[0], Assert.Single(ranking.Explain(item, 1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void A_liking_below_zero_speaks_against_what_goes_with_it_and_is_no_reason(int denseItems)
    {
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2, Lambda = 20, DenseItems = denseItems });
        for (var i = 0; i < 6; i++) model.Set($"a{i}", ["liked", "both", "more of it"]);
        for (var i = 0; i < 6; i++) model.Set($"b{i}", ["disliked", "both", "like it"]);
        model.Solve(default);
        string[] known = ["liked", "disliked"];

        var with = model.Recommend([new("liked", 1), new("disliked", 1)], known, _ => true, 5).Items;
        var ranking = model.Recommend([new("liked", 1), new("disliked", -0.5f)], known, _ => true, 5);
        var against = ranking.Items;

        Assert.Equal(["both", "like it", "more of it"], with.Select(item => item.ItemId).Order());
        Assert.Equal(["more of it", "both"], against.Select(item => item.ItemId));
        Assert.Equal(with.Single(item => item.ItemId == "both").Score / 4, against[1].Score, 1e-6);
        Assert.All(against, item => Assert.Equal((0, 1), Assert.Single(ranking.Explain(item, 5))));
    }

    [Fact]
    public void Shows_nothing_of_an_item_that_too_few_persons_like()
    {
        var model = Model();
        model.Set("a", ["common", "rare"]);
        model.Set("b", ["common", "rare"]);
        model.Set("c", ["common"]);
        model.Solve(default);

        Assert.Equal(["common"], model.Popular(10).Items.Select(item => item.ItemId));
        Assert.Empty(Recommend(model, ["common"], 10).Items);

        model.Set("c", ["common", "rare"]);
        model.Solve(default);
        Assert.Equal("rare", Assert.Single(Recommend(model, ["common"], 10).Items).ItemId);

        model.Set("a", ["common"]);
        Assert.Empty(Recommend(model, ["common"], 10).Items);
    }

    [Fact]
    public void Has_a_version_that_changes_with_what_is_served_and_only_then()
    {
        var model = Model();
        var empty = model.Content.Version;
        model.Set("a", ["x"]);
        Assert.Equal((empty, true), (model.Content.Version, model.IsStale));
        model.Solve(default);
        var one = model.Content.Version;
        model.Set("a", ["x"]);
        Assert.NotEqual(empty, one);
        Assert.Equal((one, false), (model.Content.Version, model.IsStale));
        model.Set("a", []);
        Assert.NotEqual(one, model.Content.Version);
        Assert.True(model.IsStale);
    }

    [Fact]
    public async Task Answers_from_one_state_while_it_changes()
    {
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2, Lambda = 1 });
        for (var i = 0; i < 10; i++) model.Set($"p{i}", ["a", "b"]);
        model.Solve(default);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            // "a" and "b" are always liked by the same persons, so their counts are equal in every state.
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                model.Set($"p{i % 10}", i % 20 < 10 ? [] : ["a", "b"]);
                if (i % 5 == 0) model.Solve(default);
            }
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

    private static ItemModel Model(int denseItems = 10_000, double lambda = Lambda) => new(new RecommendationOptions
    {
        MinSupport = MinSupport,
        Lambda = lambda,
        DenseItems = denseItems,
        Neighbours = 1_000,
        Shrinkage = Shrinkage,
    });

    /// <summary>Of persons who liked things of one taste first and of another one then, in that order or in any.</summary>
    private static ItemModel ModelOfChangingTastes(bool inOrder)
    {
        var random = new Random(17);
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2 });
        for (var i = 0; i < 300; i++)
        {
            var (first, then) = (random.Next(6), random.Next(6));
            string[] likings = [.. Some(first, 10), .. Some(then, 10)];
            if (!inOrder) random.Shuffle(likings);
            model.Set($"p{i}", likings);
        }

        model.Solve(default);
        return model;

        IEnumerable<string> Some(int taste, int count) => Enumerable.Range(0, 40).Select(item => $"t{taste}-{item}").OrderBy(_ => random.Next()).Take(count).ToArray();
    }

    private static void Change(Random random, Dictionary<string, string[]> persons, ItemModel model, int people, int catalogue)
    {
        var person = $"p{random.Next(people)}";
        var known = persons.GetValueOrDefault(person, []);
        string[] likings = random.Next(4) switch
        {
            0 => [],
            1 => [.. known, .. Likings(random, catalogue).Except(known).Take(3)],
            2 => [.. known.Where(_ => random.Next(5) > 0)],
            _ => [.. Likings(random, catalogue)],
        };
        model.Set(person, likings);
        if (likings.Length == 0) persons.Remove(person);
        else persons[person] = likings;
    }

    private static Ranking Recommend(ItemModel model, IReadOnlyCollection<string> likings, int limit) =>
        model.Recommend([.. likings.Select(item => new WeightedLiking(item, 1))], likings, _ => true, limit);

    /// <summary>All weights but zero, as answers show them.</summary>
    private static Dictionary<(string, string), double> WeightsOf(ItemModel model)
    {
        var weights = new Dictionary<(string, string), double>();
        foreach (var (from, _) in model.Popular(int.MaxValue).Items)
        {
            foreach (var sign in new[] { 1, -1 })
            {
                foreach (var item in model.Recommend([new(from, sign)], [from], _ => true, int.MaxValue).Items) weights.Add((from, item.ItemId), sign * item.Score);
            }
        }

        return weights;
    }

    private static void AssertClose(Dictionary<(string, string), double> expected, Dictionary<(string, string), double> served)
    {
        const double ofLargest = 1e-6;
        var largest = expected.Values.Max(Math.Abs);
        foreach (var pair in expected.Keys.Union(served.Keys)) Assert.Equal(expected.GetValueOrDefault(pair), served.GetValueOrDefault(pair), largest * ofLargest);
    }

    private static void AssertScores(Dictionary<string, double> expected, ItemModel model, string[] asked, Func<string, string, double> weight)
    {
        var ranking = Recommend(model, asked, 1000);
        var items = ranking.Items;

        Assert.Equal(expected.Where(pair => pair.Value > 1e-5).Select(pair => pair.Key).Except(items.Select(item => item.ItemId)), []);
        Assert.Equal(items.OrderByDescending(item => item.Score).Select(item => item.ItemId), items.Select(item => item.ItemId));
        foreach (var item in items)
        {
            Assert.Equal(expected[item.ItemId], item.Score, 1e-5);
            var contributions = ranking.Explain(item, 1000);
            Assert.Equal(1, contributions.Sum(contribution => contribution.Share), 1e-9);
            var whole = asked.Sum(liking => Math.Max(0, weight(liking, item.ItemId)));
            foreach (var (liking, share) in contributions) Assert.Equal(weight(asked[liking], item.ItemId) / whole, share, 1e-4);
        }
    }

    /// <summary>By Gauss and Jordan, in double precision.</summary>
    private static double[][] Inverse(double[][] matrix)
    {
        var size = matrix.Length;
        double[][] rows = [.. matrix.Select((row, i) => row.Concat(Enumerable.Range(0, size).Select(j => i == j ? 1.0 : 0)).ToArray())];
        for (var k = 0; k < size; k++)
        {
            var pivot = rows[k][k];
            rows[k] = Array.ConvertAll(rows[k], value => value / pivot);
            for (var i = 0; i < size; i++)
            {
                var factor = rows[i][k];
                if (i != k) rows[i] = [.. rows[i].Zip(rows[k], (value, above) => value - (factor * above))];
            }
        }

        return Array.ConvertAll(rows, row => row[size..]);
    }

    private static HashSet<string> Likings(Random random, int catalogue) =>
        [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => $"i{(int)(Math.Pow(random.NextDouble(), 2) * catalogue)}")];

    private static double Cosine(Dictionary<(string, string), int> gram, string a, string b) =>
        gram.GetValueOrDefault((a, b)) / (Math.Sqrt((double)gram.GetValueOrDefault((a, a)) * gram.GetValueOrDefault((b, b))) + Shrinkage);

    private static Dictionary<(string, string), int> GramOf(Dictionary<string, string[]> persons)
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
