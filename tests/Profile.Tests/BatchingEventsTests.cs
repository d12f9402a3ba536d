using Personalization.Profile.Domain;
using Personalization.Profile.Features;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class BatchingEventsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task Five_hundred_waiting_events_are_one_read_and_one_write()
    {
        var customers = Enumerable.Range(0, 20).Select(i => $"viewer-{i}").ToArray();
        foreach (var customer in customers) await app.GrantAsync(customer, "recommendations", "viewing", "opinion");
        var batcher = app.Get<EventBatcher>();

        // The first one is on its way, and the others wait behind it.
        using var door = app.Calls.CloseDoor("profile_data");
        app.Calls.Forget();
        var first = batcher.IngestAsync(ProfileApp.Message(app.Event("viewer-0", new { filmId = "f0" })), CancellationToken.None);
        await Testing.Eventually.Is("the first unit reads", () => Task.FromResult(app.Calls.On("profile_data").Count == 1), StandIns.ServiceApp.Soon);
        var waiting = Enumerable.Range(0, EventBatcher.Limit)
            .Select(i => batcher.IngestAsync(ProfileApp.Message(app.Event(customers[i % 20], new { filmId = $"f{i}", rating = 4 })), CancellationToken.None)).ToArray();
        app.Calls.Forget();
        door.Open();
        var decisions = await Task.WhenAll([first, .. waiting]);

        Assert.All(decisions, decision => Assert.Equal(EventOutcome.Accepted, decision.Outcome));
        Assert.Equal(
            ["read", "write", "write"],
            app.Calls.On("profile_data", "subject_gates", app.CollectionOf<VaultEntry>(), "event_types", "adopted_retention_rules", "changed_subjects", app.CollectionOf<FieldUsage>()).Select(call => call.Method).Order());
        foreach (var customer in customers) Assert.InRange((await app.RowsAsync(customer)).Count, 26, 27);
    }

    [Fact]
    public async Task An_event_that_collides_is_decided_again_on_what_is_there_then()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        var batcher = app.Get<EventBatcher>();

        using var door = app.Calls.CloseDoor("profile_data");
        app.Calls.Forget();
        var caught = batcher.IngestAsync(ProfileApp.Message(app.Event("viewer-x", new { filmId = "f0" })), CancellationToken.None);
        await Testing.Eventually.Is("the unit reads", () => Task.FromResult(app.Calls.On("profile_data").Count == 1), StandIns.ServiceApp.Soon);
        var overtaken = batcher.IngestAsync(ProfileApp.Message(app.Event("anna", new { filmId = "f1" })), CancellationToken.None);
        await app.RevokeAsync("anna");
        door.Open();

        Assert.Equal(EventDecision.NoConsent, (await caught).Reason);
        Assert.Equal(EventDecision.NoConsent, (await overtaken).Reason);
        Assert.Empty(await app.RowsAsync("anna"));
    }
}
