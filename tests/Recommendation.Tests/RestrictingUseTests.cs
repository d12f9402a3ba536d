using Personalization.StandIns;

namespace Personalization.Recommendation.Tests;

public sealed class RestrictingUseTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task Restricted_signals_are_held_and_recommend_nothing_and_lifted_they_recommend_what_they_did()
    {
        await app.SettleAsync("anna");
        var before = await app.RecommendAsync("anna");
        var held = (await app.HistoryAsync("anna"))!.Entries;

        await app.RestrictAsync("anna");
        var restricted = await app.RecommendAsync("anna");
        var likings = app.LikingsOf("anna").Count;
        var kept = (await app.HistoryAsync("anna"))!.Entries;

        // So long that no instance looks at the history again because it has just changed.
        for (var seconds = 0; seconds < 20; seconds += 2) await app.AdvanceAsync(TimeSpan.FromSeconds(2));
        await app.LiftAsync("anna");
        await app.FollowAsync("anna");
        var after = await app.RecommendAsync("anna");

        Assert.True(RecommendationApp.IsPersonalized(before));
        Assert.False(RecommendationApp.IsPersonalized(restricted));
        Assert.DoesNotContain("\"signal\"", restricted.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(0, likings);
        Assert.Equal(held, kept);
        Assert.True(RecommendationApp.IsPersonalized(after));
        Assert.Equal(WithoutConsentVersion(before["items"]!.ToJsonString()), WithoutConsentVersion(after["items"]!.ToJsonString()));

        // The one thing that is another: the version of the consent that permits it.
        static string WithoutConsentVersion(string items) => System.Text.RegularExpressions.Regex.Replace(items, "\"consentVersion\":[0-9]+", "");
    }

    [Fact]
    public async Task A_restricted_category_is_left_out_and_the_others_are_used()
    {
        await app.SettleAsync("boris");
        await app.RestrictAsync("boris", "opinion");

        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync("boris")));
        Assert.All((await app.HistoryAsync("boris"))!.Entries, entry => Assert.NotNull(entry.Value));
    }

    [Fact]
    public async Task A_signal_that_a_restriction_overtook_is_held_and_not_used()
    {
        await app.SettleAsync("vera");
        var late = app.Signal("vera", "f5", rating: 5);
        await app.RestrictAsync("vera");

        await app.LearnAsync(late);
        var entry = (await app.HistoryAsync("vera"))!.Entries.Single(entry => entry.ItemId == "f5");
        await app.AdvanceAsync(TimeSpan.FromSeconds(2));

        Assert.Equal(5, entry.Value);
        Assert.Empty(app.LikingsOf("vera"));
        Assert.False(RecommendationApp.IsPersonalized(await app.RecommendAsync("vera")));
    }

    [Fact]
    public async Task An_erasure_of_something_else_meanwhile_leaves_what_is_restricted()
    {
        await app.SettleAsync("gleb");
        await app.RestrictAsync("gleb", "viewing");

        var receipt = await app.EraseAsync(await app.RevokeAsync("gleb", "recommendations", "opinion"));

        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
        Assert.Equal(2, (await app.HistoryAsync("gleb"))!.Entries.Count);
        Assert.All((await app.HistoryAsync("gleb"))!.Entries, entry => Assert.Null(entry.Value));
    }
}
