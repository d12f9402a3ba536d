using Personalization.Contracts.Retention;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class AdoptingRulesTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task Newer_rules_hold_for_what_comes_and_older_ones_are_ignored()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");

        await app.RuleAsync(9, ("recommendations", "viewing", 7));
        await app.PublishAsync("retention", new RetentionRulesChanged { Version = 8, Rules = [] });
        await app.UntilHandledAsync("retention");
        await app.PublishAsync(app.Event("vera", new { filmId = "f1" }));
        var item = Assert.Single(await app.ProfileAsync("vera"));

        Assert.Equal(app.Now.AddDays(7), item["expiresAt"]!.GetValue<DateTimeOffset>());
    }
}
