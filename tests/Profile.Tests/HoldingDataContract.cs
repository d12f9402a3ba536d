using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.Profile.Features;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class HoldingDataOnSqliteTests(CopiedSqliteProfileApp app) : HoldingDataContract<CopiedSqliteProfileApp>(app);

[RequiresMongo]
public sealed class HoldingDataOnMongoTests(CopiedMongoProfileApp app) : HoldingDataContract<CopiedMongoProfileApp>(app);

/// <summary>What a legal hold covers is kept when it would be erased: apart, under a key of its own, used by nothing, and gone when the hold ends.</summary>
public abstract class HoldingDataContract<TApp>(TApp app) : IClassFixture<TApp>
    where TApp : CopiedProfileApp
{
    private static readonly CancellationToken None = CancellationToken.None;

    [ContractFact]
    public async Task An_erasure_freezes_what_is_held_and_erases_it_when_the_hold_has_ended()
    {
        await StoreAsync("anna");
        await HoldAsync("anna", 1, Held("viewing"));
        var revocation = await app.RevokeAsync("anna");
        var first = await app.EraseAsync(revocation);
        var frozen = Assert.Single(await HeldAsync("anna"));
        var isKeyGone = await IsDestroyedAsync(new DataKeyId(revocation.SubjectRef, revocation.Epoch));
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");
        var profile = await app.ProfileAsync("anna");
        await HoldAsync("anna", 2);
        var waiting = await HeldAsync("anna");
        var second = await app.EraseAsync(revocation);

        var kept = Assert.Single(first.Retained, kept => kept.IsOnHold == true);
        Assert.Equal(("held_data", "viewing", 1L, null), (kept.Store, kept.Category, kept.Count, kept.Until));
        Assert.DoesNotContain(first.Erased, erased => erased.Category == "viewing");
        Assert.Contains(first.Erased, erased => erased is { Store: "profile_data", Category: "opinion", Count: 1 });
        Assert.All(first.Residual.Concat(second.Residual), place => Assert.Equal(0, place.Found));
        Assert.Contains(first.Residual, place => place.Searched == "held_data");
        Assert.Contains("f1", frozen.Content.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("rating", frozen.Content.GetRawText(), StringComparison.Ordinal);
        Assert.True(isKeyGone);
        Assert.Empty(profile);
        Assert.Single(waiting);
        Assert.DoesNotContain(second.Retained, kept => kept.IsOnHold == true);
        Assert.Contains(second.Erased, erased => erased is { Store: "held_data", Category: "viewing", Count: 1 });
        Assert.Empty(await HeldAsync("anna"));
        Assert.True(await IsDestroyedAsync(frozen.DataKey!.Value));
    }

    [ContractFact]
    public async Task A_hold_for_a_purpose_keeps_nothing_that_was_collected_for_another()
    {
        await StoreAsync("boris");
        await HoldAsync("boris", 1, Held("viewing", "marketing-groups"), Held("opinion", "recommendations"));
        var receipt = await app.EraseAsync(await app.RevokeAsync("boris", "recommendations"));

        Assert.Equal(["opinion"], (await HeldAsync("boris")).Select(held => held.Category));
        Assert.Equal(["opinion"], receipt.Retained.Where(kept => kept.IsOnHold == true).Select(kept => kept.Category));
    }

    [ContractFact]
    public async Task The_command_tells_of_a_hold_that_was_slower_and_an_older_state_changes_nothing()
    {
        await StoreAsync("clara");
        var revocation = await app.RevokeAsync("clara");
        await app.PublishAsync("retention", app.Module("retention").Signer.Sign(Command(revocation) with { Holds = State("clara", 2, Held("viewing")) }));
        await Eventually.Is("it is frozen", () => HeldAsync("clara"), held => held.Count == 1, ServiceApp.Soon);
        await app.PublishAsync("retention", State("clara", 1));
        await app.UntilHandledAsync("retention");

        Assert.Equal(2, (await app.Module("profile").OpenSession().LoadAsync<KnownLegalHolds>(app.RefOf("clara"), None))!.Version);
        Assert.Single(await HeldAsync("clara"));
    }

    [ContractFact]
    public async Task What_a_retention_rule_keeps_no_longer_is_kept_by_a_hold_until_it_ends()
    {
        await StoreAsync("dina");
        await HoldAsync("dina", 1, Held("viewing"));
        await app.AdvanceAsync(TimeSpan.FromDays(366));
        var frozen = await Eventually.Is("it is frozen", () => HeldAsync("dina"), held => held.Count > 0, ServiceApp.Soon);
        await Eventually.Is("it isn't where it was", () => app.RowsAsync("dina"), rows => rows.All(row => row.Key.Collection != "profile_data"), ServiceApp.Soon);
        await HoldAsync("dina", 2);

        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(["viewing"], frozen.Select(held => held.Category));
        await Eventually.Is("it is gone", () => HeldAsync("dina"), held => held.Count == 0, ServiceApp.Soon);
        var told = await Eventually.Is(
            "its end is told for the act", () => Task.FromResult(ExpiredOf("dina").SelectMany(expired => expired.Erased).Where(erased => erased.Store == "held_data").ToArray()), erased => erased.Length > 0, ServiceApp.Soon);
        Assert.Equal(("viewing", 1L), (Assert.Single(told).Category, told[0].Count));
    }

    [ContractFact]
    public async Task What_goes_with_a_hold_goes_also_when_the_next_command_is_faster_than_its_end_and_its_key_with_the_epoch()
    {
        await StoreAsync("emil");
        await HoldAsync("emil", 1, Held("viewing"));
        await app.AdvanceAsync(TimeSpan.FromDays(366));
        var frozen = await Eventually.Is("it is frozen", () => HeldAsync("emil"), held => held.Count == 1, ServiceApp.Soon);
        var command = Command(await app.RevokeAsync("emil")) with { WholeEpoch = false, Narrowed = [new NarrowedConsent { Purpose = "recommendations", Category = "opinion" }], Holds = State("emil", 2) };
        await app.PublishAsync("retention", app.Module("retention").Signer.Sign(command));
        await Eventually.Is(
            "the end of the hold is known", async () => (await app.Module("profile").OpenSession().LoadAsync<KnownLegalHolds>(app.RefOf("emil"), None))?.Version, known => known == 2, ServiceApp.Soon);
        await HoldAsync("emil", 2);
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        await Eventually.Is("it is gone", () => HeldAsync("emil"), held => held.Count == 0, ServiceApp.Soon);
        await Eventually.Is("so is its key", () => IsDestroyedAsync(frozen[0].DataKey!.Value), ServiceApp.Soon);
    }

    private IReadOnlyList<SubjectDataExpired> ExpiredOf(string customer) => [.. app.Around.Heard<SubjectDataExpired>().Where(expired => expired.SubjectRef == app.RefOf(customer))];

    private static HeldCategory Held(string category, params string[] purposes) => new() { HoldId = "h1", Category = category, Purposes = purposes.Length == 0 ? null : purposes };

    private static EraseSubject Command(Revocation revocation) => new()
    {
        CaseId = revocation.CaseId,
        SubjectRef = revocation.SubjectRef,
        Epoch = revocation.Epoch,
        Version = revocation.Version,
        WholeEpoch = revocation.WholeEpoch,
        Narrowed = revocation.Narrowed,
        Reason = "revoked",
    };

    private LegalHoldsChanged State(string customer, long version, params HeldCategory[] holds) =>
        app.Module("retention").Signer.Sign(new LegalHoldsChanged { SubjectRef = app.RefOf(customer), Epoch = 0, Version = version, Holds = holds });

    private async Task StoreAsync(string customer)
    {
        await app.GrantAsync(customer, "recommendations", "viewing", "opinion");
        await app.PublishAsync([app.Event(customer, new { filmId = "f1", rating = 1.5 })]);
    }

    private async Task HoldAsync(string customer, long version, params HeldCategory[] holds)
    {
        await app.PublishAsync("retention", State(customer, version, holds));
        await Eventually.Is(
            "the holds are known", async () => (await app.Module("profile").OpenSession().LoadAsync<KnownLegalHolds>(app.RefOf(customer), None))?.Version ?? 0, known => known == version,
            ServiceApp.Soon);
    }

    private Task<IReadOnlyList<HeldDatum>> HeldAsync(string customer) =>
        KeepHoldsOnLegalHoldsChanged.HeldAsync(app.Module("profile").OpenSession(), app.RefOf(customer), int.MaxValue, None);

    private Task<bool> IsDestroyedAsync(DataKeyId key) => app.Module("profile").Keys.IsDestroyedAsync(key, None);
}
