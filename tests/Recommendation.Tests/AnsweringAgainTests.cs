using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

/// <summary>An answer is kept for half a minute; within it, it is given again only while it is what would be made anew.</summary>
public sealed class AnsweringAgainTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    private const string Everybody = "/recommendations/nobody-ever?placement=everybody";
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(6);

    [Fact]
    public async Task What_changed_since_is_in_the_very_next_answer()
    {
        await app.SettleAsync("ada");
        var first = await app.RecommendTextAsync("ada");
        Assert.Equal(first, await app.RecommendTextAsync("ada"));
        Assert.Contains("f3", await ItemsAsync("ada"));

        await app.LearnAsync(app.Signal("ada", "f3", rating: 5));
        var learnt = await app.RecommendAsync("ada");
        Assert.DoesNotContain("f3", ItemsOf(learnt));

        await app.GrantAsync("ada", "marketing-groups", "viewing");
        var granted = await app.RecommendAsync("ada");
        Assert.Equal(ItemsOf(learnt), ItemsOf(granted));
        Assert.True(granted["consentVersion"]!.GetValue<long>() > learnt["consentVersion"]!.GetValue<long>());

        await app.RevokeAsync("ada");
        Assert.Equal(await app.RecommendTextAsync("nobody-ever"), await app.RecommendTextAsync("ada"));
    }

    [Fact]
    public async Task What_was_asked_for_counts()
    {
        await app.SettleAsync("berta");
        (await app.SendAsync(HttpMethod.Put, "/placements/narrow", ServiceApp.Content(new { limit = 1 }), Roles.Operator)).Expect(HttpStatusCode.OK);

        Assert.Equal(2, (await app.RecommendAsync("berta", 2))["items"]!.AsArray().Count);
        Assert.Equal(3, (await app.RecommendAsync("berta", 3))["items"]!.AsArray().Count);
        Assert.Single((await app.GetAsync("/recommendations/berta?placement=narrow"))["items"]!.AsArray());
        Assert.StartsWith("Because", TextOf(await app.GetAsync("/recommendations/berta?limit=3&language=en")), StringComparison.Ordinal);
        Assert.StartsWith("Из-за", TextOf(await app.GetAsync("/recommendations/berta?limit=3&language=ru")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_item_that_can_not_be_had_any_more_is_gone()
    {
        await app.SettleAsync("clara");
        var until = app.Now.AddMinutes(10);
        await app.PutAsync("f3", new { title = "Film f3, of late", validUntil = until });
        await app.FollowUntilAsync("the catalogue follows", async () => (await app.RecommendTextAsync("clara")).Contains("Film f3, of late", StringComparison.Ordinal));

        await app.AdvanceAsync(until - app.Now - Seconds);
        Assert.Contains("f3", await ItemsAsync("clara"));
        await app.AdvanceAsync(Seconds);

        Assert.DoesNotContain("f3", await ItemsAsync("clara"));
        await app.PutAsync("f3", new { title = "Film f3" });
        await app.FollowUntilAsync("the catalogue follows", async () => (await ItemsAsync("clara")).Contains("f3"));
    }

    [Fact]
    public async Task A_reason_has_the_title_of_now()
    {
        await app.SettleAsync("dagmar");
        Assert.Contains("“Film f1”", await app.RecommendTextAsync("dagmar"), StringComparison.Ordinal);
        await app.PutAsync("f1", new { title = "Another f1" });

        await app.FollowUntilAsync("the catalogue follows", async () => (await app.RecommendTextAsync("dagmar")).Contains("“Another f1”", StringComparison.Ordinal));
        await app.PutAsync("f1", new { title = "Film f1" });
    }

    [Fact]
    public async Task A_permission_ends_at_its_time_though_nobody_writes_it()
    {
        var until = app.Now.AddMinutes(10);
        await app.GrantUntilAsync("elsa", "recommendations", until, "viewing", "opinion");
        await app.LearnAsync(app.Signal("elsa", "f1", rating: 5), app.Signal("elsa", "f2", rating: 4));
        await app.FollowAsync("elsa");
        await app.AdvanceAsync(until - app.Now - Seconds);
        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync("elsa")));
        await app.AdvanceAsync(Seconds);

        Assert.False(RecommendationApp.IsPersonalized(await app.RecommendAsync("elsa")));
    }

    [Fact]
    public async Task The_list_for_everybody_is_the_one_of_now_too()
    {
        await PlaceAsync(new { limit = 6 });
        var until = app.Now.AddMinutes(10);
        await app.PutAsync("f4", new { title = "Film f4, of late", validUntil = until });
        await app.FollowUntilAsync("the catalogue follows", async () => (await TextAsync()).Contains("Film f4, of late", StringComparison.Ordinal));
        Assert.Equal(await TextAsync(), await TextAsync());
        Assert.StartsWith("Liked", TextOf(await app.GetAsync($"{Everybody}&language=en")), StringComparison.Ordinal);
        Assert.StartsWith("Нравится", TextOf(await app.GetAsync($"{Everybody}&language=ru")), StringComparison.Ordinal);
        Assert.Equal(2, ItemsOf(await app.GetAsync($"{Everybody}&limit=2")).Length);

        await app.AdvanceAsync(until - app.Now - Seconds);
        Assert.Contains("Film f4", await TextAsync(), StringComparison.Ordinal);
        await app.AdvanceAsync(Seconds);
        Assert.DoesNotContain("Film f4", await TextAsync(), StringComparison.Ordinal);

        await app.PutAsync("f4", new { title = "Another f4", topics = new[] { "other" } });
        await app.FollowUntilAsync("the catalogue follows", async () => (await TextAsync()).Contains("Another f4", StringComparison.Ordinal));

        var liked = ScoreOf(await app.GetAsync(Everybody));
        await app.SettleAsync("greta");
        await app.FollowUntilAsync("her liking counts", async () => ScoreOf(await app.GetAsync(Everybody)) > liked);
        await app.RevokeAsync("greta");
        Assert.Equal(liked, ScoreOf(await app.GetAsync(Everybody)));

        await PlaceAsync(new { limit = 6, excludedTopics = new[] { "other" } });
        Assert.DoesNotContain("f4", await TextAsync(), StringComparison.Ordinal);
        await app.PutAsync("f4", new { title = "Film f4" });

        async Task<string> TextAsync() => (await app.GetAsync(Everybody)).ToJsonString();
        async Task PlaceAsync(object placement) =>
            (await app.SendAsync(HttpMethod.Put, "/placements/everybody", ServiceApp.Content(placement), Roles.Operator)).Expect(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_many_liked_counts_less_from_midnight_on()
    {
        string[] many = [.. Enumerable.Range(0, 12).Select(i => $"many-{i}")];
        foreach (var customer in many) await app.GrantAsync(customer, "recommendations", "viewing");
        await app.LearnAsync([.. many.Select(customer => app.Signal(customer, "f1"))]);
        await app.FollowUntilAsync("all are in the list", async () => ScoreOf(await app.RecommendAsync("nobody-ever")) >= many.Length);
        await app.AdvanceAsync(app.Now.UtcDateTime.Date.AddDays(1) - Seconds - app.Now.UtcDateTime);

        var before = await app.RecommendAsync("nobody-ever");
        await app.AdvanceAsync(2 * Seconds);
        var after = await app.RecommendAsync("nobody-ever");

        Assert.Equal(before["modelVersion"]!.GetValue<string>(), after["modelVersion"]!.GetValue<string>());
        Assert.True(ScoreOf(after) < ScoreOf(before), $"{before["items"]} {after["items"]}");
    }

    [Fact]
    public async Task What_is_chosen_by_chance_is_chosen_anew_at_midnight()
    {
        for (var i = 0; i < 40; i++) await app.PutAsync($"new-{i}", new { title = $"New {i}" });
        (await app.SendAsync(HttpMethod.Put, "/placements/by-chance", ServiceApp.Content(new { explorationShare = 0.5, limit = 4 }), Roles.Operator)).Expect(HttpStatusCode.OK);
        await app.SettleAsync("frida");
        await app.AdvanceAsync(app.Now.UtcDateTime.Date.AddDays(1) - Seconds - app.Now.UtcDateTime);

        var before = await app.GetAsync("/recommendations/frida?placement=by-chance");
        await app.AdvanceAsync(2 * Seconds);
        var after = await app.GetAsync("/recommendations/frida?placement=by-chance");

        Assert.Equal(before["modelVersion"]!.GetValue<string>(), after["modelVersion"]!.GetValue<string>());
        Assert.NotEqual(ByChance(before), ByChance(after));
        for (var i = 0; i < 40; i++) await app.SendAsync(HttpMethod.Delete, $"/items/new-{i}", null, Roles.Product);

        static string ByChance(JsonNode answer) => string.Join(' ', ItemsOf(answer).Where(item => item.StartsWith("new-", StringComparison.Ordinal)));
    }

    private static double ScoreOf(JsonNode answer) => answer["items"]!.AsArray().Single(item => (string?)item!["itemId"] == "f1")!["score"]!.GetValue<double>();

    private static string TextOf(JsonNode answer) => answer["items"]![0]!["reasons"]![0]!["text"]!.GetValue<string>();

    private static string[] ItemsOf(JsonNode answer) => [.. answer["items"]!.AsArray().Select(item => item!["itemId"]!.GetValue<string>())];

    private async Task<string[]> ItemsAsync(string customer) => ItemsOf(await app.RecommendAsync(customer));
}
