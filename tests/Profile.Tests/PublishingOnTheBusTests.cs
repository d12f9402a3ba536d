using System.Text.Json.Nodes;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class PublishingOnTheBusTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task An_event_of_the_bus_is_stored_as_over_http()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.GrantAsync("anna-2", "recommendations", "viewing");

        await app.PublishAsync("cinema", ProfileApp.Message(app.Event("anna", new { filmId = "f1", rating = 4, colour = "red" })));
        await app.PublishAsync(app.Event("anna-2", new { filmId = "f1", rating = 4, colour = "red" }));
        var held = await app.UntilHeldAsync("anna", 1);

        Assert.Equal(ProfileApp.WithoutId(Assert.Single(await app.ProfileAsync("anna-2"))), ProfileApp.WithoutId(held[0]));
        Assert.Equal("f1", (await Eventually.Is("its signal was told", () => Task.FromResult(app.SignalsOf("anna")), told => told.Count == 1, ServiceApp.Soon))[0].ItemId);
    }

    [Fact]
    public async Task An_event_that_comes_by_bus_and_http_again_and_again_is_stored_once()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        var json = app.Event("boris", new { filmId = "f1" });

        await app.PublishAsync("cinema", ProfileApp.Message(json), ProfileApp.Message(json));
        await app.UntilHeldAsync("boris", 1);
        var answer = await app.PublishAsync(json);
        await app.PublishAsync("cinema", ProfileApp.Message(json), ProfileApp.Message(app.Event("boris", new { filmId = "last" })));
        await app.UntilHeldAsync("boris", 2);

        Assert.Equal(1, answer["accepted"]!.GetValue<int>());
    }

    [Fact]
    public async Task Every_event_is_counted_by_what_became_of_it_and_a_dropped_field_once()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");
        using var counted = new Counts(app.Module("profile").Meter);
        var good = app.Event("vera", new { filmId = "f1", rating = 4, colour = "red" });
        var noSubject = app.Event("vera@example.org", new { filmId = "f1" });
        var unknown = app.Event("vera", new { filmId = "f1" }, type: "made.up-4711");

        await app.PublishAsync("cinema", ProfileApp.Message(good), ProfileApp.Message(noSubject), ProfileApp.Message(unknown));
        await app.UntilHeldAsync("vera", 1);
        await app.PublishAsync([good.DeepClone(), app.Event("stranger", new { filmId = "f1" })]);
        await app.PublishAsync([app.Event("stranger", new { filmId = "f1" })], dryRun: true);

        await Eventually.Is("all are counted", () => Task.FromResult(counted.Of("personalization.events").Count), count => count == 5, ServiceApp.Soon);
        Assert.Equal(
            ["accepted,,film.rated", "duplicate,,film.rated", "refused,direct-identifier,", "refused,no-consent,film.rated", "refused,unknown-event-type,"],
            counted.Of("personalization.events").Select(tags => $"{tags["outcome"]},{tags.GetValueOrDefault("reason")},{tags.GetValueOrDefault("type")}").Order());
        Assert.Equal(
            ["no-consent,film.rated", "not-declared,film.rated"],
            counted.Of("personalization.fields.dropped").Select(tags => $"{tags["reason"]},{tags["type"]}").Order());
    }
}
