using System.Net;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class LosingConsentTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task Cut_off_from_consents_nothing_is_taken_or_refused_and_goes_on_afterwards()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        var json = app.Event("anna", new { filmId = "f1" });
        var refusable = app.Event("stranger", new { filmId = "f1" });

        await app.CutOffAsync();
        var answer = await app.PostAsync(ServiceApp.Content(json, "application/cloudevents+json"));
        var dry = await app.PostAsync(ServiceApp.Content(refusable, "application/cloudevents+json"), dryRun: true);
        await app.PublishAsync("cinema", ProfileApp.Message(app.Event("anna", new { filmId = "f2" })));
        var held = await app.RowsAsync("anna");
        await app.MendAsync();
        await app.PublishAsync(json);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "consent-unknown"), (answer.Status, answer.Problem));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "consent-unknown"), (dry.Status, dry.Problem));
        Assert.Empty(held);
        await app.UntilHeldAsync("anna", 2);
    }

    [Fact]
    public async Task A_revocation_made_meanwhile_holds_for_what_waited()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        await app.GrantAsync("boris-2", "recommendations", "viewing");

        await app.CutOffAsync();
        await app.PublishAsync("cinema", ProfileApp.Message(app.Event("boris", new { filmId = "f1" })), ProfileApp.Message(app.Event("boris-2", new { filmId = "f1" })));
        await app.RevokeAsync("boris", byBus: false);
        await app.MendAsync();
        await app.UntilHeldAsync("boris-2", 1);

        Assert.Empty(await app.RowsAsync("boris"));
    }
}
