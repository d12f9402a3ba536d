using System.Globalization;
using System.Net;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Xunit;

namespace Personalization.Recommendation.Tests;

/// <summary>A service whose people went from one taste to another, so that what they liked lately says more of what comes next.</summary>
public sealed class ChangingTastesTests(RecommendationApp app) : IClassFixture<RecommendationApp>, IAsyncLifetime
{
    private const int Tastes = 4;
    private const int Each = 5;
    private const int People = 60;

    public async Task InitializeAsync()
    {
        var items = Enumerable.Range(0, Tastes * 20).Select(i => $$"""{"id":"{{ItemOf(i / 20, i % 20)}}","title":"Film {{i}}"}""");
        using var lines = ServiceApp.Text(string.Join('\n', items), "application/x-ndjson");
        (await app.SendAsync(HttpMethod.Post, "/items", lines, Roles.Product)).Expect(HttpStatusCode.OK);
        var random = new Random(17);
        for (var person = 0; person < People; person++)
        {
            string[] likings = [.. Some(random), .. Some(random)];
            await LikeAsync($"walker-{person}", likings);
        }

        await LikeAsync("from-0-to-1", [.. Of(0), .. Of(1)]);
        await LikeAsync("from-1-to-0", [.. Of(1), .. Of(0)]);
        await app.FollowUntilAsync("all are in the model", async () => await app.PersonsAsync() == 8 + People + 2);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Who_liked_the_same_in_another_order_is_recommended_what_is_like_the_newest()
    {
        var decay = (await app.GetAsync("/recommendations/model"))["recencyDecay"]!.GetValue<double>();
        var first = await TastesAsync("from-0-to-1");
        var other = await TastesAsync("from-1-to-0");

        Assert.True(decay > 0, "The order of likings says nothing here.");
        Assert.InRange(first.Count(taste => taste == 1), 8, 10);
        Assert.InRange(other.Count(taste => taste == 0), 8, 10);
    }

    private static string ItemOf(int taste, int number) => string.Create(CultureInfo.InvariantCulture, $"t{taste}-{number}");

    private static IEnumerable<string> Of(int taste) => Enumerable.Range(0, Each).Select(number => ItemOf(taste, number));

    private static string[] Some(Random random)
    {
        var taste = random.Next(Tastes);
        return [.. Enumerable.Range(0, 20).OrderBy(_ => random.Next()).Take(Each).Select(number => ItemOf(taste, number))];
    }

    private async Task LikeAsync(string customer, IReadOnlyList<string> items)
    {
        await app.GrantAsync(customer, "recommendations", "viewing");
        await app.LearnAsync([.. items.Distinct().Select((item, i) => app.Signal(customer, item, time: app.Now.AddSeconds(i)))]);
    }

    private async Task<IReadOnlyList<int>> TastesAsync(string customer) =>
        [.. (await app.RecommendAsync(customer, 10))["items"]!.AsArray().Select(item => (string)item!["itemId"]!).Select(item => item[0] == 't' ? item[1] - '0' : -1)];
}
