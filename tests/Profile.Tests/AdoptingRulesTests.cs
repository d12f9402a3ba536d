using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class AdoptingRulesTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task Newer_rules_hold_for_what_comes_and_older_ones_are_ignored()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");

        var version = await RuleAsync(("recommendations", "viewing", 7));
        await app.PublishAsync("retention", new RetentionRulesChanged { Version = version - 1, Rules = [] });
        await app.UntilHandledAsync("retention");
        await app.PublishAsync(app.Event("vera", new { filmId = "f1" }));
        var item = Assert.Single(await app.ProfileAsync("vera"));

        Assert.Equal(app.Now.AddDays(7), item["expiresAt"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task A_shorter_rule_reaches_what_is_stored_and_a_longer_one_does_not()
    {
        await RuleAsync(("recommendations", "viewing", 30));
        await app.GrantAsync("gleb", "recommendations", "viewing");
        await app.PublishAsync(app.Event("gleb", new { filmId = "f1" }));
        var received = app.Now;

        await UntilAppliedAsync(await RuleAsync(("recommendations", "viewing", 10)));
        var shorter = Assert.Single(await app.ProfileAsync("gleb"));
        await UntilAppliedAsync(await RuleAsync(("recommendations", "viewing", 60)));
        var longer = Assert.Single(await app.ProfileAsync("gleb"));

        Assert.Equal(received.AddDays(10), shorter["expiresAt"]!.GetValue<DateTimeOffset>());
        Assert.Equal(received.AddDays(10), longer["expiresAt"]!.GetValue<DateTimeOffset>());
        var told = await Eventually.Is(
            "who learnt from it is told", () => Task.FromResult(app.Around.Heard<SignalRecorded>().Where(signal => signal.SubjectRef == app.RefOf("gleb")).ToArray()),
            signals => signals.Length == 2, ServiceApp.Soon);
        Assert.Equal([received.AddDays(10), received.AddDays(30)], told.Select(signal => signal.ExpiresAt).Order());
        Assert.Single(told.Select(signal => signal.SignalId).Distinct());
    }

    [Fact]
    public async Task What_no_rule_covers_any_more_goes_and_whoever_learnt_from_it_is_told()
    {
        await RuleAsync(("recommendations", "viewing", 30));
        await app.GrantAsync("dina", "recommendations", "viewing");
        await app.PublishAsync(app.Event("dina", new { filmId = "f1" }));

        await UntilAppliedAsync(await RuleAsync(("recommendations", "opinion", 30)));

        Assert.Empty(await app.ProfileAsync("dina"));
        await Eventually.Is(
            "who learnt from it is told",
            () => Task.FromResult(app.Around.Heard<SignalRecorded>().Any(signal => signal.SubjectRef == app.RefOf("dina") && signal.ExpiresAt <= app.Now)), told => told, ServiceApp.Soon);
    }

    private async Task<long> RuleAsync(params (string Purpose, string Category, int KeepDays)[] rules)
    {
        var version = (await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, CancellationToken.None))!.Version + 1;
        await app.RuleAsync(version, rules);
        return version;
    }

    private async Task UntilAppliedAsync(long version)
    {
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.Is(
            "all stored data was compared",
            async () => (await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, CancellationToken.None))?.AppliedVersion, applied => applied == version, ServiceApp.Soon);
    }
}
