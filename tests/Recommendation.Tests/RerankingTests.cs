using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Tests;

public sealed class RerankingTests
{
    private static readonly (string Id, double Score, Item? Item)[] Candidates =
    [
        ("a", 1.0, Of("a", "space")), ("b", 0.95, Of("b", "space")), ("c", 0.9, Of("c", "space")), ("d", 0.6, Of("d", "sea")), ("e", 0.5, null),
    ];

    [Theory]
    [InlineData(0, "a b c")]
    [InlineData(0.4, "a d e")]
    [InlineData(1, "a d e")]
    [InlineData(0.1, "a b c")]
    public void The_more_diversity_the_less_alike(double diversity, string expected) =>
        Assert.Equal(expected.Split(' '), Reranking.Diversify(Candidates, one => one.Score, one => one.Item, diversity, 3).Select(one => one.Id));

    [Fact]
    public void Nothing_is_lost_where_there_is_no_choice() =>
        Assert.Equal(5, Reranking.Diversify(Candidates, one => one.Score, one => one.Item, 0.9, 100).Select(one => one.Id).Distinct().Count());

    [Fact]
    public void Chance_is_the_same_all_day_and_another_for_others()
    {
        var morning = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        int Of(string person, string placement, DateTimeOffset now) => Reranking.ChanceOf(person, placement, now).Next();

        Assert.Equal(Of("p", "home", morning), Of("p", "home", morning.AddHours(23)));
        Assert.Equal(4, new[] { Of("p", "home", morning), Of("q", "home", morning), Of("p", "cart", morning), Of("p", "home", morning.AddDays(1)) }.Distinct().Count());
    }

    private static Item Of(string id, string topic) => new() { Id = id, Title = id, Topics = [topic] };
}
