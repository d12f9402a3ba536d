using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Tests;

public sealed class TrendingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_week_halves_what_a_liking_counts()
    {
        var trending = new Trending(minSupport: 2);
        for (var person = 0; person < 3; person++) trending.Set($"old-{person}", [("old", Now.AddDays(-7))], Now);
        for (var person = 0; person < 2; person++) trending.Set($"new-{person}", [("new", Now)], Now);

        Assert.Equal([("new", 2.0), ("old", 1.5)], trending.Ranking(Now));
        Assert.Equal([("new", 1.0), ("old", 0.75)], trending.Ranking(Now.AddDays(7)));
    }

    [Fact]
    public void Too_few_persons_are_not_counted_however_new_and_neither_is_what_is_long_past()
    {
        var trending = new Trending(minSupport: 2);
        trending.Set("one", [("rare", Now), ("both", Now), ("past", Now.AddDays(-59))], Now);
        trending.Set("two", [("both", Now.AddDays(-1)), ("past", Now.AddDays(-59))], Now);

        Assert.Equal(["both", "past"], trending.Ranking(Now).Select(item => item.ItemId));
        Assert.Equal(["both"], trending.Ranking(Now.AddDays(1)).Select(item => item.ItemId));
    }

    [Fact]
    public void Who_left_leaves_exactly_what_would_be_there_without_them()
    {
        var random = new Random(1);
        var (seen, unseen) = (new Trending(minSupport: 2), new Trending(minSupport: 2));
        for (var step = 0; step < 500; step++)
        {
            var person = random.Next(20);
            (string, DateTimeOffset)[] likings = [.. Enumerable.Range(0, 10).Where(_ => random.Next(2) == 0).Select(item => ($"i{item}", Now.AddDays(-random.Next(70))))];
            seen.Set($"p{person}", likings, Now);
            if (person < 10) unseen.Set($"p{person}", likings, Now);
        }

        for (var person = 10; person < 20; person++) seen.Set($"p{person}", [], Now);

        Assert.Equal(unseen.Ranking(Now), seen.Ranking(Now));
        Assert.NotEmpty(seen.Ranking(Now));
    }
}
