using Personalization.Contracts.Profile;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class LearningTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task Every_signal_is_stored_or_refused_and_counted()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        var kept = app.Signal("anna", "f1");
        using var counts = new Counts(app.Module("recommendation").Meter);

        await app.LearnAsync(
            kept,
            app.Signal("anna", "f2") with { Purposes = ["marketing-groups"] },
            app.Signal("anna", "no item"),
            app.Signal("anna", "f3") with { Epoch = 2 },
            app.Signal("anna", "f4") with { Category = "opinion" },
            app.Signal("anna", "f5", time: app.Now.AddDays(-1)),
            app.Signal("anna", "f6") with { ExpiresAt = app.Now },
            app.Signal("stranger", "f1"));
        await app.LearnAsync(kept, app.Signal("anna", "f1", time: kept.Time.AddTicks(-1)) with { ConsentVersion = 1 });

        Assert.Equal("f1", Assert.Single((await app.HistoryAsync("anna"))!.Entries).ItemId);
        Assert.Null(await app.RowAsync("stranger"));
        Assert.Equal(
            [
                "known,duplicate", "refused,ended-epoch", "refused,expired", "refused,no-item", "refused,not-permitted", "refused,not-permitted", "refused,not-permitted",
                "refused,not-permitted", "refused,other-purpose", "stored,",
            ],
            counts.Of("personalization.signals").Select(tags => $"{tags["outcome"]},{tags.GetValueOrDefault("reason")}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_signal_whose_end_was_open_goes_when_its_end_is_told_and_does_not_come_back()
    {
        await app.GrantAsync("olga", "recommendations", "viewing");
        var open = app.Signal("olga", "f1") with { ExpiresAt = app.Now.AddDays(3650) };
        await app.LearnAsync(open);
        var held = await app.HistoryAsync("olga");
        await app.LearnAsync(open with { ExpiresAt = app.Now });
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.Is("it is gone", async () => (await app.HistoryAsync("olga"))?.Entries.Count ?? 0, left => left == 0, ServiceApp.Soon);
        await app.LearnAsync(open);

        Assert.Equal("f1", Assert.Single(held!.Entries).ItemId);
        Assert.Empty((await app.HistoryAsync("olga"))?.Entries ?? []);
    }

    [Fact]
    public async Task A_signal_under_a_newer_consent_than_known_here_brings_it_up_to_date_first()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        await app.RevokeAsync("boris", byBus: false);
        await app.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        await app.GrantAsync("boris-2", "recommendations", "viewing");

        // Under version 2, which only the stream has: revoked.
        await app.LearnAsync(app.Signal("boris", "f1"));

        Assert.Null(await app.RowAsync("boris"));
    }

    [Fact]
    public async Task A_value_is_kept_only_if_its_category_is_permitted_and_withdrawn_with_it()
    {
        await app.GrantAsync("vera", "recommendations", "viewing", "opinion");
        await app.GrantAsync("vera-2", "recommendations", "viewing");
        await app.LearnAsync(app.Signal("vera", "f1", rating: 1.5), app.Signal("vera-2", "f1", rating: 1.5));
        var with = Assert.Single((await app.HistoryAsync("vera"))!.Entries).Value;

        var receipt = await app.EraseAsync(await app.RevokeAsync("vera", "recommendations", "opinion"));

        Assert.Equal(1.5, with);
        Assert.Null(Assert.Single((await app.HistoryAsync("vera-2"))!.Entries).Value);
        Assert.Null(Assert.Single((await app.HistoryAsync("vera"))!.Entries).Value);
        Assert.Equal([("subject_histories", "opinion", 1L)], receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count)));
    }

    [Fact]
    public async Task Cut_off_from_consents_everybody_gets_the_same_list_and_signals_wait()
    {
        await app.SettleAsync("gleb");
        await app.CutOffAsync();

        var answer = await app.RecommendTextAsync("gleb");
        var everybody = await app.RecommendTextAsync("nobody-ever");
        await app.PublishAsync("profile", app.Signal("gleb", "f3"));
        var held = (await app.HistoryAsync("gleb"))!.Entries.Count;
        await app.RevokeAsync("gleb", byBus: false);
        await app.MendAsync();

        Assert.Equal(everybody, answer);
        Assert.Equal(2, held);
        Assert.False(RecommendationApp.IsPersonalized(await app.RecommendAsync("gleb")));
        await app.EraseAsync(new Revocation(app.RefOf("gleb"), 1, 2, true, []));
        Assert.Null(await app.RowAsync("gleb"));
    }

    [Fact]
    public async Task A_burst_is_stored_in_few_units_of_work()
    {
        await app.GrantAsync("dina", "recommendations", "viewing");

        await app.LearnAsync([.. Enumerable.Range(0, 400).Select(i => app.Signal("dina", $"burst-{i}"))]);

        Assert.Equal(400, (await app.HistoryAsync("dina"))!.Entries.Count);
        Assert.InRange((await app.RowAsync("dina"))!.Version, 1, 100);
    }
}
