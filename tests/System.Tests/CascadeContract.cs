using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>What a revocation does to the whole system, whatever it runs on. The promises P1, P2, P4, P5 and P8 of the design, through the doors users use.</summary>
public abstract class CascadeContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : SystemUnderTest, new()
{
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    protected TSystem System => fixture.System;

    protected Cinema Cinema => fixture.Cinema;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync()
    {
        System.Messages.Reset();
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
    public async Task Messages_delivered_twice_change_nothing_twice()
    {
        System.Messages.Copies = 2;
        await SettleAsync("fedor");

        var (status, answer) = await Cinema.RevokeAsync("fedor");
        var caseId = answer["caseId"]!.GetValue<string>();
        var completed = await Cinema.UntilCompletedAsync(caseId);
        var cases = await System.As(Roles.Officer).GetStringAsync(new Uri("/erasures?limit=100", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(Everyone.Length, completed["receipts"]!.AsArray().Count);
        Assert.Equal(1, JsonNode.Parse(cases)!["items"]!.AsArray().Count(item => item!["caseId"]!.GetValue<string>() == caseId));
        await Eventually.Is("the audit log names each message once", async () =>
        {
            var entries = JsonNode.Parse(await System.As(Roles.Auditor).GetStringAsync(new Uri("/audit/entries?limit=1000", UriKind.Relative)))!["items"]!.AsArray();
            var ids = entries.Select(entry => $"{entry!["type"]}/{entry["messageId"]}").ToArray();
            return ids.Length > 0 && ids.Distinct().Count() == ids.Length;
        }, TimeSpan.FromSeconds(10));
    }

    [ContractFact]
    public async Task A_grant_that_arrives_after_the_revocation_opens_nothing()
    {
        await SettleAsync("galya");
        await Cinema.RevokeAsync("galya");
        await Cinema.GrantAsync("galya", "recommendations");
        System.Messages.Hold(message => message is ConsentGranted);

        // The second grant waits on the way; the revocation overtakes it.
        await Cinema.GrantAsync("galya", "marketing-groups");
        var (status, _) = await Cinema.RevokeAsync("galya");
        System.Messages.Release();
        await Cinema.GrantAsync("zoya", "recommendations");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((await Cinema.RecommendAsync("galya"))["personalized"]!.GetValue<bool>());
        Assert.Equal("no-consent", Refusal(await Cinema.PublishAsync("galya", "f2")));
    }

    [ContractFact]
    public async Task A_lost_revocation_is_repaired_by_the_pull()
    {
        await SettleAsync("kira");
        System.Messages.Lose(message => message is ConsentRevoked);

        var (status, answer) = await Cinema.RevokeAsync("kira");
        System.Messages.Lose(null);

        // Answered after the pull's second at the latest, so within the two it waits for.
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.False((await Cinema.RecommendAsync("kira"))["personalized"]!.GetValue<bool>());
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
    }

    [ContractFact]
    public async Task A_lost_erasure_command_is_sent_again()
    {
        await SettleAsync("lena");
        var lost = 0;
        System.Messages.Lose(message => message is EraseSubject && Interlocked.Increment(ref lost) == 1);

        var (_, answer) = await Cinema.RevokeAsync("lena");

        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
        Assert.True(lost > 1);
    }

    [ContractFact]
    public async Task Cut_off_from_consents_nothing_is_personalized_or_stored_once_the_lease_ends()
    {
        await SettleAsync("maria");
        System.Messages.Lose(message => message is IConsentEvent);
        System.ConsentLink.Cut();

        var (status, answer) = await Cinema.RevokeAsync("maria");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Contains("recommendation", answer["inForce"]!["waitingFor"]!.AsArray().Select(service => service!.GetValue<string>()));
        await Eventually.Is(
            "recommendations stop being personalized within the lease",
            async () => !(await Cinema.RecommendAsync("maria"))["personalized"]!.GetValue<bool>()
                && !(await Cinema.RecommendAsync("viewer-1"))["personalized"]!.GetValue<bool>(),
            TimeSpan.FromSeconds(6));
        await Eventually.Is("ingest pauses and refuses nothing once Profile's own lease ends", async () =>
        {
            using var response = await System.As(Roles.Product).PostAsync(new Uri("/events?dryRun=true", UriKind.Relative), Cinema.Json(Cinema.Event("viewer-1", "f1")));
            return response.StatusCode == HttpStatusCode.ServiceUnavailable
                && (await response.Content.ReadAsStringAsync()).Contains("urn:personalization:problem:consent-unknown", StringComparison.Ordinal);
        }, TimeSpan.FromSeconds(6));

        System.Messages.Lose(null);
        System.ConsentLink.Mend();
        await Eventually.Is(
            "the revocation is in force everywhere", () => Cinema.ConsentsAsync("maria"), consents => consents["inForce"]!["state"]!.GetValue<string>() == "yes", TimeSpan.FromSeconds(15));
        await Cinema.UntilPersonalizedAsync("viewer-1");
        Assert.False((await Cinema.RecommendAsync("maria"))["personalized"]!.GetValue<bool>());
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
    public async Task One_trace_covers_the_cascade_and_names_nobody()
    {
        await SettleAsync("canary-4711");

        var (_, answer) = await Cinema.RevokeAsync("canary-4711");
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());

        var spans = await Eventually.Is(
            "one trace holds the request and the consumers of every service",
            () => Task.FromResult(System.Spans.All),
            all => all.Where(span => span.Name.StartsWith("DELETE", StringComparison.Ordinal)).Select(span => span.TraceId).Any(trace =>
            {
                var names = string.Join('\n', all.Where(span => span.TraceId == trace).Select(span => span.Name + span.Text));
                return new[] { "close-profile-gate", "close-recommendation-gate", "open-case", "confirm-on-consent-applied", "erase-profile", "erase-signals", "shred-salt", "freeze-proofs", "collect-on" }
                    .All(queue => names.Contains(queue, StringComparison.Ordinal));
            }),
            TimeSpan.FromSeconds(15));
        Assert.All(spans, span =>
        {
            Assert.DoesNotContain("canary-4711", span.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("s1_", span.Text, StringComparison.Ordinal);
        });
    }

    /// <summary>Somebody who watches the films and gets personal recommendations.</summary>
    protected async Task SettleAsync(string customer, params string[] furtherPurposes)
    {
        await Cinema.GrantAsync(customer, "recommendations");
        foreach (var purpose in furtherPurposes) await Cinema.GrantAsync(customer, purpose);
        foreach (var film in Cinema.Films.Take(2)) await Cinema.PublishAsync(customer, film, rating: 5);
        await Cinema.UntilPersonalizedAsync(customer);
    }

    private static string Refusal(JsonObject answer) => Assert.Single(answer["refused"]!.AsArray())!["reason"]!.GetValue<string>();

    private static long ErasedBy(JsonArray receipts, string participant) => receipts
        .Where(receipt => receipt!["participant"]!.GetValue<string>() == participant)
        .SelectMany(receipt => receipt!["erased"]!.AsArray()).Sum(erased => erased!["count"]!.GetValue<long>());
}

/// <summary>The cascade as <c>./dev run</c> runs it.</summary>
public sealed class InOneProcess(SystemFixture<OneProcessSystem> fixture) : CascadeContract<OneProcessSystem>(fixture);

/// <summary>The cascade as production runs it.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed class OnRabbitAndMongo(SystemFixture<DistributedSystem> fixture) : CascadeContract<DistributedSystem>(fixture)
{
    [ContractFact]
    public async Task A_service_that_is_down_is_named_and_catches_up_before_it_serves()
    {
        await SettleAsync("roman");
        await System.StopAsync("recommendation");

        var (status, answer) = await Cinema.RevokeAsync("roman");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("recommendation", Assert.Single(answer["inForce"]!["waitingFor"]!.AsArray())!.GetValue<string>());

        await System.StartAsync("recommendation");
        Assert.False((await Cinema.RecommendAsync("roman"))["personalized"]!.GetValue<bool>());
        await Eventually.Is(
            "the revocation is in force everywhere", () => Cinema.ConsentsAsync("roman"), consents => consents["inForce"]!["state"]!.GetValue<string>() == "yes", TimeSpan.FromSeconds(20));
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
    }
}
