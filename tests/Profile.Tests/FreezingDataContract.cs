using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.Profile.Features;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class FreezingDataOnSqliteTests(CopiedSqliteProfileApp app) : FreezingDataContract<CopiedSqliteProfileApp>(app);

[RequiresMongo]
public sealed class FreezingDataOnMongoTests(CopiedMongoProfileApp app) : FreezingDataContract<CopiedMongoProfileApp>(app);

/// <summary>What a retention rule freezes is kept when it would be erased, as by a legal hold, and gone after the days of the rule.</summary>
public abstract class FreezingDataContract<TApp>(TApp app) : IClassFixture<TApp>
    where TApp : CopiedProfileApp
{
    private const string Law = "402-FZ art. 29";
    private static readonly CancellationToken None = CancellationToken.None;

    [ContractFact]
    public async Task An_erasure_freezes_by_law_and_the_end_of_that_takes_the_data_and_its_key()
    {
        await RulesAsync(freezeDays: 100);
        await StoreAsync("anna");
        var revocation = await app.RevokeAsync("anna");
        var receipt = await app.EraseAsync(revocation);
        var frozen = Assert.Single(await HeldAsync("anna"));
        var isKeyGone = await IsDestroyedAsync(new DataKeyId(revocation.SubjectRef, revocation.Epoch));
        await app.AdvanceAsync(TimeSpan.FromDays(99));
        var later = await HeldAsync("anna");
        await app.AdvanceAsync(TimeSpan.FromDays(2));

        var kept = Assert.Single(receipt.Retained, kept => kept.Store == "held_data");
        Assert.Equal(("viewing", 1L, Law, null), (kept.Category, kept.Count, kept.Reason, kept.IsOnHold));
        Assert.Equal(frozen.FrozenUntil, kept.Until);
        Assert.Equal(frozen.FrozenSince!.Value.AddDays(100), kept.Until);
        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
        Assert.DoesNotContain(receipt.Erased, erased => erased.Category == "viewing");
        Assert.Contains(receipt.Erased, erased => erased is { Store: "profile_data", Category: "opinion", Count: 1 });
        Assert.True(isKeyGone);
        Assert.Empty(await app.ProfileAsync("anna"));
        Assert.Single(later);
        await Eventually.Is("it is gone", () => HeldAsync("anna"), held => held.Count == 0, ServiceApp.Soon);
        Assert.True(await IsDestroyedAsync(frozen.DataKey!.Value));
    }

    [ContractFact]
    public async Task What_is_kept_no_longer_is_frozen_from_then_on()
    {
        await RulesAsync(freezeDays: 100);
        await StoreAsync("boris");
        await app.AdvanceAsync(TimeSpan.FromDays(366));
        var frozen = await Eventually.Is("it is frozen", () => HeldAsync("boris"), held => held.Count > 0, ServiceApp.Soon);

        Assert.Equal(["viewing"], frozen.Select(held => held.Category));
        await app.AdvanceAsync(TimeSpan.FromDays(100));
        await Eventually.Is("it is gone", () => HeldAsync("boris"), held => held.Count == 0, ServiceApp.Soon);
        var told = await Eventually.Is("both ends were told", () => Task.FromResult(ExpiredOf("boris")), expired => expired.Count == 2, ServiceApp.Soon);
        Assert.Equal(["profile_data/opinion/1", "held_data/viewing/1"], told.Select(expired => Assert.Single(expired.Erased)).Select(erased => $"{erased.Store}/{erased.Category}/{erased.Count}"));
        Assert.All(told, expired => Assert.Equal(("profile", 1), (expired.Participant, expired.Epoch)));
    }

    [ContractFact]
    public async Task What_goes_for_one_purpose_only_is_frozen_for_that_and_used_for_the_other()
    {
        await RulesAsync(freezeDays: 100);
        await app.GrantAsync("clara", "marketing-groups", "viewing");
        await StoreAsync("clara");
        await app.EraseAsync(await app.RevokeAsync("clara", "recommendations"));
        var frozen = Assert.Single(await HeldAsync("clara"));
        var used = Assert.Single(Assert.Single(await app.ProfileAsync("clara"))["fields"]!.AsArray());
        var receipt = await app.EraseAsync(await app.RevokeAsync("clara", "marketing-groups"));

        Assert.Equal(["recommendations"], frozen.Purposes);
        Assert.Equal("filmId", (string?)used!["name"]);
        Assert.Equal(frozen.Id, Assert.Single(await HeldAsync("clara")).Id);
        Assert.Contains(receipt.Erased, erased => erased is { Store: "profile_data", Category: "viewing", Count: 1 });
    }

    [ContractFact]
    public async Task A_rule_that_freezes_no_longer_lets_go_what_it_froze()
    {
        await RulesAsync(freezeDays: 100);
        await StoreAsync("dina");
        await app.EraseAsync(await app.RevokeAsync("dina"));
        var frozen = await HeldAsync("dina");
        await RulesAsync(freezeDays: null);
        await AppliedAsync();
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Single(frozen);
        await Eventually.Is("it is gone", () => HeldAsync("dina"), held => held.Count == 0, ServiceApp.Soon);
    }

    [ContractFact]
    public async Task What_a_shorter_rule_ends_is_told_for_the_act_and_what_a_case_erases_is_not()
    {
        await RulesAsync(freezeDays: null);
        foreach (var customer in new[] { "hanna", "igor" }) await StoreAsync(customer);
        await app.EraseAsync(await app.RevokeAsync("igor"));
        await app.AdvanceAsync(TimeSpan.FromDays(20));
        await RulesAsync(freezeDays: null, keepDays: 10);
        await AppliedAsync();
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        var told = await Eventually.Is("it was told", () => Task.FromResult(ExpiredOf("hanna")), expired => expired.Count == 1, ServiceApp.Soon);
        Assert.Equal(["profile_data/opinion/1/erased", "profile_data/viewing/1/erased"], told[0].Erased.Select(erased => $"{erased.Store}/{erased.Category}/{erased.Count}/{erased.Method}"));
        Assert.Empty(ExpiredOf("igor"));
    }

    [ContractFact]
    public async Task What_a_hold_keeps_as_well_stays_until_both_are_over()
    {
        await RulesAsync(freezeDays: 100);
        await StoreAsync("emma");
        await StoreAsync("fedor");
        foreach (var customer in new[] { "emma", "fedor" }) await HoldAsync(customer, 1, stands: true);
        var (first, other) = (await app.RevokeAsync("emma"), await app.RevokeAsync("fedor"));
        var receipts = (await app.EraseAsync(first), await app.EraseAsync(other));
        await HoldAsync("emma", 2, stands: false);
        var resumed = await app.EraseAsync(first);
        var afterHold = await HeldAsync("emma");
        await app.AdvanceAsync(TimeSpan.FromDays(101));
        await Eventually.Is("the freezing is over", () => HeldAsync("emma"), held => held.Count == 0, ServiceApp.Soon);
        await Eventually.Is("the hold is left", () => HeldAsync("fedor"), held => held is [{ FrozenUntil: null }], ServiceApp.Soon);
        await HoldAsync("fedor", 2, stands: false);
        await app.EraseAsync(other);

        Assert.All([receipts.Item1, receipts.Item2], receipt => Assert.True(Assert.Single(receipt.Retained, kept => kept.Store == "held_data").IsOnHold));
        Assert.Null(Assert.Single(resumed.Retained, kept => kept.Store == "held_data").IsOnHold);
        Assert.Single(afterHold);
        Assert.Empty(await HeldAsync("fedor"));
    }

    [ContractFact]
    public async Task An_erasure_that_is_carried_out_again_after_the_time_of_freezing_freezes_nothing()
    {
        await RulesAsync(freezeDays: 100);
        await StoreAsync("grigori");
        var revocation = await app.RevokeAsync("grigori");
        await app.PublishAsync("retention", app.Module("retention").Signer.Sign(app.CommandOf(revocation) with { Signature = null, OpenedAt = app.Now.AddDays(-101) }));
        await Eventually.Is("it is erased", () => app.RowsAsync("grigori"), rows => rows.All(row => row.Key.Collection != "profile_data"), ServiceApp.Soon);

        Assert.Empty(await HeldAsync("grigori"));
    }

    private IReadOnlyList<SubjectDataExpired> ExpiredOf(string customer) => [.. app.Around.Heard<SubjectDataExpired>().Where(expired => expired.SubjectRef == app.RefOf(customer))];

    private async Task RulesAsync(int? freezeDays, int keepDays = 365)
    {
        var version = (await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, None))!.Version + 1;
        await app.RuleAsync(
            version,
            [
                new RetentionRule { Purpose = "recommendations", Category = "viewing", KeepDays = keepDays, FreezeDays = freezeDays, LegalBasis = freezeDays is null ? null : Law },
                new RetentionRule { Purpose = "recommendations", Category = "opinion", KeepDays = 300 },
                new RetentionRule { Purpose = "marketing-groups", Category = "viewing", KeepDays = 365 },
            ]);
    }

    /// <summary>What is stored has been compared with the rules.</summary>
    private async Task AppliedAsync()
    {
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.Is(
            "what is stored was compared with them", async () => (await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, None))!, rules => rules.AppliedVersion == rules.Version,
            ServiceApp.Soon);
    }

    private async Task StoreAsync(string customer)
    {
        await app.GrantAsync(customer, "recommendations", "viewing", "opinion");
        await app.PublishAsync([app.Event(customer, new { filmId = "f1", rating = 1.5 })]);
    }

    private async Task HoldAsync(string customer, long version, bool stands)
    {
        await app.PublishAsync("retention", app.Module("retention").Signer.Sign(new LegalHoldsChanged
        {
            SubjectRef = app.RefOf(customer),
            Epoch = 0,
            Version = version,
            Holds = stands ? [new HeldCategory { HoldId = "h1", Category = "viewing" }] : [],
        }));
        await Eventually.Is(
            "the holds are known", async () => (await app.Module("profile").OpenSession().LoadAsync<KnownLegalHolds>(app.RefOf(customer), None))?.Version ?? 0, known => known == version,
            ServiceApp.Soon);
    }

    private Task<IReadOnlyList<HeldDatum>> HeldAsync(string customer) =>
        KeepHoldsOnLegalHoldsChanged.HeldAsync(app.Module("profile").OpenSession(), app.RefOf(customer), int.MaxValue, None);

    private Task<bool> IsDestroyedAsync(DataKeyId key) => app.Module("profile").Keys.IsDestroyedAsync(key, None);
}
