using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class ExpiringDataTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task What_its_rule_keeps_no_longer_is_not_shown_and_then_erased()
    {
        await app.GrantAsync("anna", "recommendations", "viewing", "technical");
        await app.PublishAsync([app.Event("anna", new { filmId = "f1" }), app.Event("anna", new { filmId = "f2", loudness = 11 })]);
        var rows = await app.RowsAsync("anna");
        var shortest = rows.Single(row => row.Key.Collection == "profile_data" && row.Fields["expires"].StartsWith("2026-03-06", StringComparison.Ordinal));

        await app.AdvanceAsync(TimeSpan.FromDays(5) - TimeSpan.FromSeconds(29));
        var lastMoment = await app.ProfileAsync("anna");
        await app.AdvanceAsync(TimeSpan.FromSeconds(29));
        var after = Assert.Single(await app.ProfileAsync("anna"));
        await app.AdvanceAsync(TimeSpan.FromSeconds(30));
        var left = await Eventually.Is("it is erased", () => app.RowsAsync("anna"), held => held.Count == 2, ServiceApp.Soon);

        Assert.Equal(2, lastMoment.Count);
        Assert.Contains("f1", after.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(left, row => row.Key == shortest.Key);
        await Eventually.Is(
            "the files hold nothing of it", () => Task.FromResult(app.FilesOf("profile").AsSpan().IndexOf(shortest.Body.Span[^48..]) < 0), ServiceApp.Soon);
    }

    [Fact]
    public async Task A_grant_past_its_validity_permits_nothing_before_anybody_says_so()
    {
        await app.GrantUntilAsync("boris", "recommendations", app.Now.AddHours(1), "viewing");
        await app.PublishAsync(app.Event("boris", new { filmId = "f1" }));
        var held = await app.ProfileAsync("boris");

        await app.AdvanceAsync(TimeSpan.FromHours(1));
        var answer = await app.PublishAsync(app.Event("boris", new { filmId = "f2" }));

        Assert.Single(held);
        Assert.Empty(await app.ProfileAsync("boris"));
        Assert.Equal("no-consent", Assert.Single(answer["refused"]!.AsArray())!["reason"]!.GetValue<string>());
    }
}
