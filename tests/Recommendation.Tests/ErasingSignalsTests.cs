using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class ErasingSignalsTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task Revoking_everything_leaves_nothing_in_store_files_keys_and_model()
    {
        await app.SettleAsync("anna");
        var row = (await app.RowAsync("anna"))!;
        var before = (Held: Holds(row.Body.Span[^48..]), Likings: app.LikingsOf("anna").Count);

        var receipt = await app.EraseAsync(await app.RevokeAsync("anna"));

        Assert.Equal((true, 2), before);
        Assert.Null(await app.RowAsync("anna"));
        Assert.False(Holds(row.Body.Span[^48..]));
        Assert.Empty(app.LikingsOf("anna"));
        Assert.Null(await app.Module("recommendation").Keys.FindAsync($"{app.RefOf("anna")}.1", CancellationToken.None));
        Assert.Equal([("subject_histories", "viewing", 2L, "erased")], receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count, erased.Method)));
        Assert.Equal([("model", 0L), ("subject_histories", 0L)], receipt.Residual.Select(place => (place.Searched, place.Found)).Order());
        Assert.Equal((await app.GetAsync("/recommendations/model"))["version"]!.GetValue<string>(), receipt.ModelVersion);
    }

    [Fact]
    public async Task A_command_delivered_again_does_not_touch_somebody_who_came_back()
    {
        await app.SettleAsync("boris");
        var old = app.Signal("boris", "f5");
        var revocation = await app.RevokeAsync("boris");
        var first = await app.EraseAsync(revocation);
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await app.SettleAsync("boris");

        await app.LearnAsync(old);
        var again = await app.EraseAsync(revocation);

        Assert.Equal(["f1", "f2"], (await app.HistoryAsync("boris"))!.Entries.Select(entry => entry.ItemId).Order());
        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync("boris")));
        Assert.Equal(first.Erased, again.Erased);
        Assert.All(again.Residual, place => Assert.Equal(0, place.Found));
    }

    [Fact]
    public async Task A_command_that_overtakes_its_revocation_catches_up_first()
    {
        await app.SettleAsync("vera");

        var receipt = await app.EraseAsync(await app.RevokeAsync("vera", byBus: false));

        Assert.Null(await app.RowAsync("vera"));
        Assert.Equal(2, Assert.Single(receipt.Erased).Count);
        Assert.False(RecommendationApp.IsPersonalized(await app.RecommendAsync("vera")));
    }

    [Fact]
    public async Task Somebody_nothing_is_known_of_gets_a_receipt_too()
    {
        var receipt = await app.EraseUnknownAsync("gleb");

        Assert.Empty(receipt.Erased);
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
    }

    [Fact]
    public async Task A_purpose_agreed_to_again_does_not_bring_back_what_was_collected_before()
    {
        await app.GrantAsync("dina", "recommendations", "viewing");
        await app.GrantAsync("dina", "marketing-groups", "viewing");

        // The publisher's clock is ahead: by the event's own time it happened after the second grant.
        await app.LearnAsync(app.Signal("dina", "f1", time: app.Now.AddMinutes(4)), app.Signal("dina", "f2", time: app.Now.AddMinutes(4)));
        await app.FollowAsync("dina");
        var revocation = await app.RevokeAsync("dina", "recommendations");
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await app.GrantAsync("dina", "recommendations", "viewing");
        await app.LearnAsync(app.Signal("dina", "f3"));
        var receipt = await app.EraseAsync(revocation);

        Assert.Equal("f3", Assert.Single((await app.HistoryAsync("dina"))!.Entries).ItemId);
        Assert.Equal(2, Assert.Single(receipt.Erased).Count);
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
    }

    private bool Holds(ReadOnlySpan<byte> bytes) => app.FilesOf("recommendation").AsSpan().IndexOf(bytes) >= 0;
}
