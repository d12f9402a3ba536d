using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>What a revocation does to the whole system, whatever it runs on. The promises P1, P2, P4, P5 and P8 of the design, through the doors users use.</summary>
public abstract class CascadeContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : SystemUnderTest, new()
{
    protected static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    protected TSystem System => fixture.System;

    protected Cinema Cinema => fixture.Cinema;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync()
    {
        System.Undisturb();
        return Task.CompletedTask;
    }

    [ContractFact]
    public async Task A_revocation_is_in_force_everywhere_when_it_is_answered()
    {
        await SettleAsync("anna");

        var (status, answer) = await Cinema.RevokeAsync("anna");
        var recommendations = await Cinema.RecommendAsync("anna");
        var profile = await Cinema.ProfileAsync("anna");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("yes", answer["inForce"]!["state"]!.GetValue<string>());
        Assert.Equal(["profile", "recommendation"], answer["inForce"]!["appliedBy"]!.AsArray().Select(by => by!["service"]!.GetValue<string>()).Order());
        Assert.False(recommendations["personalized"]!.GetValue<bool>());
        Assert.Empty(profile);
    }

    [ContractFact]
    public async Task A_revocation_opens_a_case_that_closes_with_the_last_receipt_and_leaves_nothing()
    {
        await SettleAsync("anna");

        var (_, answer) = await Cinema.RevokeAsync("anna");
        var completed = await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());

        var receipts = completed["receipts"]!.AsArray();
        Assert.Equal(Everyone, receipts.Select(receipt => receipt!["participant"]!.GetValue<string>()).Order());
        Assert.Empty(completed["awaiting"]!.AsArray());
        Assert.All(receipts.SelectMany(receipt => receipt!["residual"]!.AsArray()), scan => Assert.Equal(0, scan!["found"]!.GetValue<long>()));
        Assert.True(ErasedBy(receipts, "profile") > 0, "Profile erased nothing.");
        Assert.True(ErasedBy(receipts, "recommendation") > 0, "Recommendation erased nothing.");
        Assert.Contains(receipts, receipt => receipt!["participant"]!.GetValue<string>() == "consent" && receipt["retained"]!.AsArray().Count > 0);
        Assert.DoesNotContain("anna", completed.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task The_audit_log_keeps_the_hash_of_each_decision_also_after_an_erasure()
    {
        // Other tests of the class lose messages on purpose, so only the links made here count.
        var before = await LinksAsync();
        await Cinema.GrantAsync("ludmila", "recommendations");
        var (_, answer) = await Cinema.RevokeAsync("ludmila");
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());

        string[] links = [.. (await LinksAsync()).Except(before)];
        var told = await Eventually.Is(
            "the audit log tells of every link", AuditAsync, entries => !links.Except(entries.Select(entry => (string?)entry["ledgerHash"])).Any(), TimeSpan.FromSeconds(20));

        Assert.Equal(2, links.Length);
        Assert.All(told, entry => Assert.Equal(entry["type"]!.GetValue<string>() is "ConsentGranted" or "ConsentRevoked" or "ConsentExpired", entry.ContainsKey("ledgerHash")));
        var verified = (await System.As(Roles.Auditor).GetFromJsonAsync<JsonObject>(new Uri("/audit/verify", UriKind.Relative)))!;
        Assert.Null(verified["firstWrong"]);
        Assert.True(verified["rootMatches"]!.GetValue<bool>());

        async Task<IReadOnlyList<string>> LinksAsync()
        {
            var ledger = await System.As(Roles.Officer).GetStringAsync(new Uri("/ledger/export", UriKind.Relative));
            return [.. ledger.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..^1].Select(line => JsonNode.Parse(line)!["link"]!["hash"]!.GetValue<string>())];
        }

        async Task<IReadOnlyList<JsonObject>> AuditAsync()
        {
            var entries = new List<JsonObject>();
            for (long? after = 0; after is not null;)
            {
                var page = await System.As(Roles.Auditor).GetFromJsonAsync<JsonObject>(new Uri($"/audit/entries?limit=1000&after={after}", UriKind.Relative));
                entries.AddRange(page!["items"]!.AsArray().Select(entry => entry!.AsObject()));
                after = (long?)page["next"];
            }

            return entries;
        }
    }

    [ContractFact]
    public async Task Revoking_one_purpose_leaves_what_another_justifies()
    {
        await SettleAsync("boris", "marketing-groups");

        var (status, answer) = await Cinema.RevokeAsync("boris", "recommendations");
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
        var profile = await Cinema.ProfileAsync("boris");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((await Cinema.RecommendAsync("boris"))["personalized"]!.GetValue<bool>());
        Assert.NotEmpty(profile);
        Assert.DoesNotContain("rating", profile.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"recommendations\"", profile.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_category_that_is_not_allowed_is_dropped_and_said()
    {
        await Cinema.GrantAsync("vera", "recommendations", ["viewing"]);

        var answer = await Cinema.PublishAsync("vera", "f1", rating: 1.5);
        var profile = await Cinema.ProfileAsync("vera");

        Assert.Equal(1, answer["accepted"]!.GetValue<int>());
        var dropped = Assert.Single(answer["dropped"]!.AsArray())!;
        Assert.Equal(("rating", "no-consent"), (dropped["field"]!.GetValue<string>(), dropped["reason"]!.GetValue<string>()));
        Assert.DoesNotContain("1.5", profile.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Somebody_who_never_consented_gets_nothing_stored_and_the_same_list_as_everyone_unknown()
    {
        var answer = await Cinema.PublishAsync("gleb", "f1");
        await Cinema.DenyAsync("dina", "recommendations");

        Assert.Equal("no-consent", Assert.Single(answer["refused"]!.AsArray())!["reason"]!.GetValue<string>());
        Assert.Empty(await Cinema.ProfileAsync("gleb"));
        await Eventually.Is(
            "the refusing and the unknown get the same bytes",
            async () => await Cinema.RecommendTextAsync("dina") == await Cinema.RecommendTextAsync("nobody-ever"), TimeSpan.FromSeconds(10));
    }

    [ContractFact]
    public async Task Old_events_stay_out_after_a_new_consent_under_their_own_and_under_new_ids()
    {
        var before = TimeProvider.System.GetUtcNow();
        await SettleAsync("egor");
        await Cinema.PublishAsync("egor", "f5", id: "old-one");
        var old = TimeProvider.System.GetUtcNow();
        var (_, revoked) = await Cinema.RevokeAsync("egor");
        await Cinema.UntilCompletedAsync(revoked["caseId"]!.GetValue<string>());

        var whileRevoked = await Cinema.PublishAsync("egor", "f5", time: old, id: "old-one");
        var again = await Cinema.GrantAsync("egor", "recommendations");
        var sameId = await Cinema.PublishAsync("egor", "f5", time: old, id: "old-one");
        var newId = await Cinema.PublishAsync("egor", "f5", time: before);
        var now = await Cinema.PublishAsync("egor", "f5");

        Assert.Equal("no-consent", Refusal(whileRevoked));
        Assert.Equal(2, again["epoch"]!.GetValue<int>());
        Assert.Equal("before-consent", Refusal(sameId));
        Assert.Equal("before-consent", Refusal(newId));
        Assert.Equal(1, now["accepted"]!.GetValue<int>());
        Assert.Single(await Cinema.ProfileAsync("egor"));
    }

    [ContractFact]
    public async Task A_grant_made_on_what_was_seen_before_a_revocation_is_refused()
    {
        await Cinema.GrantAsync("inna", "recommendations");
        var decidedAt = TimeProvider.System.GetUtcNow();
        await Cinema.RevokeAsync("inna");

        var refused = await Cinema.GrantAsync("inna", "recommendations", expected: HttpStatusCode.PreconditionFailed, decidedAt: decidedAt);

        Assert.Equal("urn:personalization:problem:stale-decision", refused["type"]!.GetValue<string>());
        Assert.False((await Cinema.RecommendAsync("inna"))["personalized"]!.GetValue<bool>());
    }

    [ContractFact]
    public async Task A_restart_keeps_data_and_refusals()
    {
        await SettleAsync("nina");
        await SettleAsync("oleg");
        var (_, revoked) = await Cinema.RevokeAsync("oleg");
        await Cinema.UntilCompletedAsync(revoked["caseId"]!.GetValue<string>());
        var held = (await Cinema.ProfileAsync("nina")).Count;

        await System.StopAsync();
        await System.StartAsync();

        await Cinema.UntilPersonalizedAsync("nina");
        Assert.Equal(held, (await Cinema.ProfileAsync("nina")).Count);
        Assert.False((await Cinema.RecommendAsync("oleg"))["personalized"]!.GetValue<bool>());
        Assert.Empty(await Cinema.ProfileAsync("oleg"));
    }

    [ContractFact]
    public async Task An_objection_to_direct_marketing_is_a_revocation_of_it_and_of_nothing_else()
    {
        await SettleAsync("rita", "marketing-groups");

        using var response = await System.As(Roles.Product).PostAsync(
            new Uri("/objections", UriKind.Relative), Cinema.Json(new { customerId = "rita", to = "directMarketing" }));
        var objection = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var profile = await Cinema.ProfileAsync("rita");
        var revoked = Assert.Single(objection["revoked"]!.AsArray())!;
        await Cinema.UntilCompletedAsync(revoked["caseId"]!.GetValue<string>());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("marketing-groups", true), (revoked["purpose"]!.GetValue<string>(), revoked["inForce"]!.GetValue<bool>()));
        Assert.NotEmpty(profile);
        Assert.DoesNotContain("\"marketing-groups\"", profile.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task What_is_restricted_is_used_by_nobody_until_it_is_lifted_and_then_as_if_nothing_had_been()
    {
        await SettleAsync("ksenia");
        var profile = (await Cinema.ProfileAsync("ksenia")).ToJsonString();
        var person = System.As(Roles.Subject, "ksenia");

        using var response = await person.PostAsync(new Uri("/restrictions", UriKind.Relative), Cinema.Json(new { customerId = "ksenia", reason = "accuracyContested" }));
        var restricted = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        var served = await Cinema.RecommendAsync("ksenia");
        var published = await Cinema.PublishAsync("ksenia", "f5");
        var held = (await Cinema.ProfileAsync("ksenia")).ToJsonString();
        using var lifted = await person.DeleteAsync(new Uri($"/restrictions/{restricted["restriction"]!["restrictionId"]}", UriKind.Relative));
        var after = await Cinema.UntilPersonalizedAsync("ksenia");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (response.StatusCode, lifted.StatusCode));
        Assert.Equal(["profile", "recommendation"], restricted["inForce"]!["appliedBy"]!.AsArray().Select(by => by!["service"]!.GetValue<string>()).Order());
        Assert.False(served["personalized"]!.GetValue<bool>());
        Assert.Equal("restricted", Refusal(published));
        Assert.Equal(profile, held);
        Assert.Equal(profile, (await Cinema.ProfileAsync("ksenia")).ToJsonString());

        // Which films these are depends on what others like, who come and go here.
        Assert.Contains("\"signal\"", after.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task An_erasure_on_demand_revokes_first()
    {
        await SettleAsync("pavel");

        using var response = await System.As(Roles.Officer).PostAsync(
            new Uri("/erasures", UriKind.Relative), Cinema.Json(new { customerId = "pavel", scope = "all", reason = "requested" }));
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.False((await Cinema.RecommendAsync("pavel"))["personalized"]!.GetValue<bool>());
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
    }

    [ContractFact]
    public async Task A_person_signs_in_by_a_link_and_sees_their_choices_on_a_page()
    {
        await Cinema.GrantAsync("sofia", "recommendations");

        var page = await Cinema.ChoicesPageAsync("sofia");

        Assert.Contains("Allowed since", page, StringComparison.Ordinal);
        Assert.Contains("In force in", page, StringComparison.Ordinal);
        Assert.DoesNotContain("sofia", page, StringComparison.Ordinal);
    }

    /// <summary>For systems whose services run apart.</summary>
    protected async Task CheckThatAServiceThatIsDownIsNamedAsync()
    {
        await SettleAsync("roman");
        await System.StopAsync("recommendation");

        var (status, answer) = await Cinema.RevokeAsync("roman");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("recommendation", Assert.Single(answer["inForce"]!["waitingFor"]!.AsArray())!.GetValue<string>());
        Assert.Contains("Recommendation is not ready", await Cinema.StatusPageAsync(), StringComparison.Ordinal);

        await System.StartAsync("recommendation");
        Assert.False((await Cinema.RecommendAsync("roman"))["personalized"]!.GetValue<bool>());
        await Eventually.Is(
            "the revocation is in force everywhere", () => Cinema.ConsentsAsync("roman"), consents => consents["inForce"]!["state"]!.GetValue<string>() == "yes", TimeSpan.FromSeconds(20));
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
    }

    protected Task SettleAsync(string customer, params string[] furtherPurposes) => Cinema.SettleAsync(customer, furtherPurposes);

    protected static string Refusal(JsonObject answer) => Assert.Single(answer["refused"]!.AsArray())!["reason"]!.GetValue<string>();

    private static long ErasedBy(JsonArray receipts, string participant) => receipts
        .Where(receipt => receipt!["participant"]!.GetValue<string>() == participant)
        .SelectMany(receipt => receipt!["erased"]!.AsArray()).Sum(erased => erased!["count"]!.GetValue<long>());
}
