using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>The same cascade while messages are lost, held back or repeated and connections cut, and what it tells whoever follows it.</summary>
public abstract class DisturbedCascadeContract<TSystem>(SystemFixture<TSystem> fixture) : CascadeContract<TSystem>(fixture)
    where TSystem : HostedSystem, new()
{
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

        // Answered once the pull has brought it.
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

        var revoking = Cinema.RevokeAsync("maria");
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
        var (status, answer) = await revoking;
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Contains("recommendation", answer["inForce"]!["waitingFor"]!.AsArray().Select(service => service!.GetValue<string>()));

        System.Messages.Lose(null);
        System.ConsentLink.Mend();
        await Eventually.Is(
            "the revocation is in force everywhere", () => Cinema.ConsentsAsync("maria"), consents => consents["inForce"]!["state"]!.GetValue<string>() == "yes", TimeSpan.FromSeconds(15));
        await Cinema.UntilPersonalizedAsync("viewer-1");
        Assert.False((await Cinema.RecommendAsync("maria"))["personalized"]!.GetValue<bool>());
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
}

/// <summary>The cascade as <c>./dev run</c> runs it.</summary>
public sealed class InOneProcess(SystemFixture<OneProcessSystem> fixture) : DisturbedCascadeContract<OneProcessSystem>(fixture);

/// <summary>The cascade as production runs it.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed class OnRabbitAndMongo(SystemFixture<DistributedSystem> fixture) : DisturbedCascadeContract<DistributedSystem>(fixture)
{
    [ContractFact]
    public Task A_service_that_is_down_is_named_and_catches_up_before_it_serves() => CheckThatAServiceThatIsDownIsNamedAsync();
}
