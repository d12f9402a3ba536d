using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class CountingEventsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task A_publisher_sees_what_became_of_its_events_whichever_door_they_took()
    {
        await DeclareAsync("film.opened");
        await app.GrantAsync("anna", "recommendations", "viewing");
        var good = app.Event("anna", new { filmId = "f1", rating = 4, colour = "red" }, type: "film.opened");
        var ofShop = app.Event("anna", new { filmId = "f2" }, type: "film.opened");
        ofShop["source"] = "/shop";

        await app.PublishAsync([
            good, good.DeepClone(), ofShop, app.Event("stranger", new { filmId = "f1" }, type: "film.opened"), app.Event("anna@example.org", new { filmId = "f1" }, type: "film.opened"),
        ]);
        await app.PublishAsync([app.Event("anna", new { filmId = "f9" }, type: "film.opened")], dryRun: true);
        await app.PublishAsync(
            "cinema",
            ProfileApp.Message(app.Event("anna", new { filmId = "f3", rating = 4 }, type: "film.opened")),
            ProfileApp.Message(app.Event("stranger", new { filmId = "f1" }, type: "film.opened")));
        await app.UntilHandledAsync("cinema");

        var items = await UntilAsync("film.opened", items => items.Count == 2 && items[0]["accepted"]!.GetValue<long>() == 2 && items[1]["accepted"]!.GetValue<long>() == 1);
        Assert.Equal(
            """{"day":"2026-03-01","source":"/cinema","accepted":2,"duplicates":1,"refused":[{"reason":"direct-identifier","count":1},{"reason":"no-consent","count":2}],"quarantined":[],"dropped":[{"field":"(other)","reason":"not-declared","count":1},{"field":"filmId","reason":"no-consent","count":2},{"field":"rating","reason":"no-consent","count":2}]}""",
            items[0].ToJsonString());
        Assert.Equal("""{"day":"2026-03-01","source":"/shop","accepted":1,"duplicates":0,"refused":[],"quarantined":[],"dropped":[]}""", items[1].ToJsonString());
    }

    [Fact]
    public async Task An_undeclared_field_is_named_once_it_came_often()
    {
        await DeclareAsync("film.closed");
        await app.GrantAsync("boris", "recommendations", "viewing");

        await app.PublishAsync(Enumerable.Range(0, 10).Select(i => app.Event("boris", i == 0 ? new { filmId = "f1", colour = 1, rare = 1 } : new { filmId = "f1", colour = 1 }, type: "film.closed")));
        var items = await UntilAsync("film.closed", items => items.Count == 1 && items[0]["accepted"]!.GetValue<long>() == 10);

        Assert.Equal("""[{"field":"(other)","reason":"not-declared","count":1},{"field":"colour","reason":"not-declared","count":10}]""", items[0]["dropped"]!.ToJsonString());
    }

    [Fact]
    public async Task What_was_dropped_is_told_for_the_log_within_the_hour_and_once_if_nothing_changes()
    {
        await DeclareAsync("film.left");
        await app.GrantAsync("vera", "recommendations", "viewing");
        await app.PublishAsync(Enumerable.Range(0, 12).Select(i => app.Event("vera", new { filmId = "f1", mood = i }, type: "film.left")));
        await UntilAsync("film.left", items => items.Count == 1 && items[0]["accepted"]!.GetValue<long>() == 12);
        await app.AdvanceAsync(TimeSpan.FromHours(1));

        var told = await Eventually.Is("it is told", () => Task.FromResult(Told()), told => told.Count > 0, ServiceApp.Soon);
        await app.AdvanceAsync(TimeSpan.FromHours(1));
        await app.UntilHandledAsync("profile");

        var dropped = told[^1].Dropped.Where(dropped => dropped.EventType == "film.left");
        Assert.Equal([("mood", "not-declared", 12L)], dropped.Select(dropped => (dropped.Field, dropped.Reason, dropped.Count)));
        Assert.Equal(told.Count, Told().Count);

        IReadOnlyList<FieldsMinimized> Told() => [.. app.Around.Heard<FieldsMinimized>().Where(told => told.Dropped.Any(dropped => dropped.EventType == "film.left"))];
    }

    [Fact]
    public async Task A_misspelt_type_is_counted_under_its_name()
    {
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/event-types/film.wached/stats"));

        await app.PublishAsync("cinema", ProfileApp.Message(app.Event("vera", new { filmId = "f1" }, type: "film.wached")));
        await app.UntilHandledAsync("cinema");

        await Eventually.Is("it is counted", async () =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(2));
            return await app.StatusAsync("/event-types/film.wached/stats", Roles.Product);
        }, status => status == HttpStatusCode.OK, ServiceApp.Soon);
        Assert.Equal("""[{"reason":"unknown-event-type","count":1}]""", (await ItemsAsync("film.wached"))[0]["refused"]!.ToJsonString());
    }

    [Theory]
    [InlineData("?days=0", HttpStatusCode.BadRequest)]
    [InlineData("?days=32", HttpStatusCode.BadRequest)]
    [InlineData("?days=31", HttpStatusCode.OK)]
    public async Task So_many_days_can_be_asked_for(string query, HttpStatusCode status) => Assert.Equal(status, await app.StatusAsync($"/event-types/film.rated/stats{query}"));

    [Theory]
    [InlineData(Roles.Product, HttpStatusCode.OK)]
    [InlineData(Roles.Officer, HttpStatusCode.OK)]
    [InlineData(Roles.Marketer, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, HttpStatusCode.Forbidden)]
    public async Task Those_who_work_with_events_see_the_counts(string role, HttpStatusCode status) => Assert.Equal(status, await app.StatusAsync("/event-types/film.rated/stats", role));

    private Task<Answer> DeclareAsync(string type) => app.DeclareAsync(type, new
    {
        description = "It happened.",
        fields = new { filmId = ProfileApp.Field("string", "viewing", "recommendations"), rating = ProfileApp.Field("number", "opinion", "recommendations") },
    });

    private async Task<IReadOnlyList<JsonNode>> ItemsAsync(string type) => [.. (await app.GetAsync($"/event-types/{type}/stats"))["items"]!.AsArray().OfType<JsonNode>()];

    // The counts are added up every two seconds of the service's clock.
    private Task<IReadOnlyList<JsonNode>> UntilAsync(string type, Func<IReadOnlyList<JsonNode>, bool> isSo) => Eventually.Is("the events are counted", () =>
    {
        app.Time.Advance(TimeSpan.FromSeconds(2));
        return ItemsAsync(type);
    }, isSo, ServiceApp.Soon);
}

/// <summary>Of its own: it moves the clock by weeks.</summary>
public sealed class ForgettingCountsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task Counts_are_deleted_after_a_month()
    {
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));
        await UntilAsync(1);
        await app.AdvanceAsync(TimeSpan.FromDays(30));
        Assert.Equal(1, await app.Module("profile").OpenSession().CountAsync<DailyEventCounts>("day"));

        await app.AdvanceAsync(TimeSpan.FromDays(1));
        await UntilAsync(0);
        Assert.Equal(0, await app.Module("profile").OpenSession().CountAsync<EventCounts>("created"));
    }

    private Task<long> UntilAsync(long days) => Eventually.Is("so many days are counted", () =>
    {
        app.Time.Advance(TimeSpan.FromSeconds(2));
        return app.Module("profile").OpenSession().CountAsync<DailyEventCounts>("day");
    }, count => count == days, ServiceApp.Soon);
}
