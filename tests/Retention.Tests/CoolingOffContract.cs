using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class CoolingOffOnSqliteTests(CoolingOffApp app) : CoolingOffContract<CoolingOffApp>(app), IClassFixture<CoolingOffApp>;

[RequiresMongo]
public sealed class CoolingOffOnMongoTests(CoolingOffMongoApp app) : CoolingOffContract<CoolingOffMongoApp>(app), IClassFixture<CoolingOffMongoApp>;

/// <summary>Demands that may be taken back for a day.</summary>
public abstract class CoolingOffContract<TApp>(TApp app)
    where TApp : RetentionApp
{
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    [ContractFact]
    public async Task A_demand_keeps_data_from_use_at_once_and_can_be_taken_back()
    {
        var demanded = await DemandAsync("anna");
        var again = await DemandAsync("anna");
        var caseId = (string)demanded["caseId"]!;
        var waiting = await app.CaseAsync(caseId);
        var listed = await ListedAsync("coolingOff");
        var retried = await PostAsync($"/erasures/{caseId}/retry", Roles.Operator);
        var others = await PostAsync($"/erasures/{caseId}/cancel", Roles.Subject, "boris");
        var cancelled = await PostAsync($"/erasures/{caseId}/cancel", Roles.Subject, "anna");
        await Eventually.Is("use is no longer restricted", () => Task.FromResult(Asked("anna")), asked => asked == "restrict lift", RetentionApp.Soon);
        app.Time.Advance(TimeSpan.FromHours(25));
        var later = await PostAsync($"/erasures/{caseId}/cancel", Roles.Product);
        using var certificate = await app.As(Roles.Officer).GetAsync(new Uri($"/erasures/{caseId}/certificate", UriKind.Relative));

        // Another that is due after it was carried out meanwhile, so this one would have been.
        AnswerRevocations();
        var other = (string)(await DemandAsync("anna-after"))["caseId"]!;
        app.Time.Advance(TimeSpan.FromHours(25));
        await app.UntilAsync(other, view => (string)view["state"]! == "awaiting" && (string)view["caseId"]! != other);

        Assert.Equal(("coolingOff", caseId), ((string)demanded["state"]!, (string)again["caseId"]!));
        Assert.Equal(TimeSpan.FromHours(24), (DateTimeOffset)demanded["cancellableUntil"]! - (DateTimeOffset)waiting["openedAt"]!);
        Assert.Equal((demanded["cancellableUntil"]!.ToString(), "requested", 0), (waiting["cancellableUntil"]!.ToString(), (string)waiting["reason"]!, waiting["participants"]!.AsArray().Count));
        Assert.Contains(caseId, listed);
        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK), (retried, others, cancelled, later));
        Assert.Equal(HttpStatusCode.Conflict, certificate.StatusCode);
        var view = await app.CaseAsync(caseId);
        Assert.Equal(("cancelled", null), ((string)view["state"]!, view["cancellableUntil"]));
        Assert.NotNull(view["cancelledAt"]);
        Assert.Contains(caseId, await ListedAsync("cancelled"));
        Assert.DoesNotContain(caseId, await ListedAsync("coolingOff"));
        Assert.Equal("restrict lift", Asked("anna"));
        Assert.DoesNotContain(app.Around.Commands, command => command.SubjectRef == app.RefOf("anna"));
        var told = Assert.Single(app.Around.Told.OfType<ErasureCancelled>(), told => told.CaseId == caseId);
        Assert.Equal((app.RefOf("anna"), Roles.Subject), (told.SubjectRef, told.CancelledBy));
    }

    [ContractFact]
    public async Task When_the_period_is_over_one_of_however_many_instances_carries_it_out_and_its_id_leads_to_the_certificate()
    {
        await using var other = await app.StartAnotherAsync();
        var caseId = ErasureCaseId.Of(app.RefOf("clara"), 5);
        AnswerRevocations();
        var demanded = (string)(await DemandAsync("clara"))["caseId"]!;
        var cooling = await app.CaseAsync(demanded);
        app.Time.Advance(TimeSpan.FromHours(25));
        var begun = await app.UntilAsync(demanded, view => (string)view["caseId"]! == caseId);
        await app.RevokeAsync("clara", version: 5);
        var cancelled = await PostAsync($"/erasures/{demanded}/cancel", Roles.Subject, "clara");
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
        await app.UntilAsync(demanded, view => (string)view["state"]! == "completed");
        var certificate = (await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri($"/erasures/{demanded}/certificate", UriKind.Relative)))!;

        Assert.Equal("restrict revoke lift", Asked("clara"));
        Assert.Equal(HttpStatusCode.Conflict, cancelled);
        Assert.Equal(("requested", cooling["dueAt"]!.ToString()), ((string)begun["reason"]!, begun["dueAt"]!.ToString()));
        Assert.Equal((caseId, "clara"), ((string)certificate["caseId"]!, (string)certificate["customerId"]!));
        Assert.DoesNotContain(demanded, await ListedAsync("awaiting"));
        await Eventually.Is(
            "the completion was told", () => Task.FromResult(app.Around.Completed.Count(told => told.SubjectRef == app.RefOf("clara"))), told => told == 1, RetentionApp.Soon);
    }

    [ContractFact]
    public async Task Cancelling_and_beginning_at_once_end_in_one_of_both_in_either_order()
    {
        await using var other = await app.StartAnotherAsync();
        foreach (var isCancelledFirst in new[] { true, false })
        {
            var caseId = (string)(await DemandAsync($"both-{isCancelledFirst}"))["caseId"]!;

            // The clock of one is a little behind that of the other: each has seen the case as it was before the other decided.
            var (here, there) = (app.Module("retention").OpenSession(), other.Services.GetRequiredKeyedService<ServiceModule>("retention").OpenSession());
            var (one, same) = ((await here.LoadAsync<ErasureCase>(caseId, default))!, (await there.LoadAsync<ErasureCase>(caseId, default))!);
            here.Store(one.Cancel(one.CoolingOff!.Until.AddTicks(-1))!);
            there.Store(same.TakeUp(same.CoolingOff!.Until, same.CoolingOff.Until.AddMinutes(1))!);
            var (first, second) = isCancelledFirst ? (here, there) : (there, here);
            await first.CommitAsync(default);
            await Assert.ThrowsAsync<DocumentConflictException>(() => second.CommitAsync(default));

            Assert.Equal(isCancelledFirst ? "cancelled" : "awaiting", (string)(await app.CaseAsync(caseId))["state"]!);
            Assert.Equal(isCancelledFirst ? HttpStatusCode.OK : HttpStatusCode.Conflict, await PostAsync($"/erasures/{caseId}/cancel", Roles.Officer));
        }
    }

    [ContractFact]
    public async Task What_was_decided_is_done_after_a_restart_in_the_middle()
    {
        var caseId = ErasureCaseId.Of(app.RefOf("egor"), 5);
        AnswerRevocations();
        var begun = (string)(await DemandAsync("egor"))["caseId"]!;
        app.Around.IsConsentDown = true;
        app.Time.Advance(TimeSpan.FromHours(25));
        await app.UntilAsync(begun, view => (string)view["state"]! == "awaiting");
        var cancelled = (string)(await DemandAsync("fedor"))["caseId"]!;
        var answer = await PostAsync($"/erasures/{cancelled}/cancel", Roles.Subject, "fedor");
        var tooSoon = await TryDemandAsync("fedor");
        var asked = (Asked("egor"), Asked("fedor"));

        await app.RestartAsync();
        app.Around.IsConsentDown = false;
        app.Time.Advance(TimeSpan.FromMinutes(2));
        await app.UntilAsync(begun, view => (string)view["caseId"]! == caseId);
        await Eventually.Is("use is no longer restricted", () => Task.FromResult(Asked("fedor")), asked => asked == "restrict lift", RetentionApp.Soon);

        Assert.Equal(("restrict", "restrict"), asked);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (answer, tooSoon.Status));
        Assert.Equal("urn:personalization:problem:erasure-being-cancelled", (string)tooSoon.Answer["type"]!);
        Assert.Equal("restrict revoke lift", Asked("egor"));
        Assert.Equal("cancelled", (string)(await app.CaseAsync(cancelled))["state"]!);
    }

    [ContractFact]
    public async Task A_restriction_is_never_left_without_its_case()
    {
        app.Around.IsRestrictionLost = true;
        var (status, _) = await TryDemandAsync("vera");
        await app.RestartAsync();
        app.Around.IsRestrictionLost = false;
        app.Time.Advance(TimeSpan.FromMinutes(2));
        var caseId = "er_" + app.Around.Restricted["vera"];
        var cooling = await app.UntilAsync(caseId, view => (string)view["state"]! == "coolingOff");
        var again = await DemandAsync("vera");
        var cancelled = await PostAsync($"/erasures/{caseId}/cancel", Roles.Subject, "vera");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (status, cancelled));
        Assert.Equal(caseId, (string)again["caseId"]!);
        Assert.Equal(TimeSpan.FromHours(24), (DateTimeOffset)cooling["cancellableUntil"]! - (DateTimeOffset)cooling["openedAt"]!);
        Assert.Equal(0, await app.Module("retention").OpenSession().CountAsync<ErasureDemand>("subject", equalTo: app.RefOf("vera")));
    }

    [ContractFact]
    public async Task What_is_permitted_after_a_demand_was_carried_out_isnt_revoked_with_it()
    {
        var caseId = ErasureCaseId.Of(app.RefOf("zoya"), 5);
        AnswerRevocations();
        var demanded = (string)(await DemandAsync("zoya"))["caseId"]!;
        app.Around.IsLiftingDown = true;
        app.Time.Advance(TimeSpan.FromHours(25));
        await Eventually.Is("it is revoked", () => Task.FromResult(Asked("zoya")), asked => asked == "restrict revoke", RetentionApp.Soon);
        await app.UntilAsync(demanded, view => (string)view["state"]! == "awaiting");
        await app.RestartAsync();
        app.Around.IsLiftingDown = false;
        app.Time.Advance(TimeSpan.FromMinutes(2));
        await app.UntilAsync(demanded, view => (string)view["caseId"]! == caseId);

        Assert.Equal("restrict revoke lift", Asked("zoya"));
    }

    [ContractFact]
    public async Task A_revocation_acts_at_once_and_cant_be_cancelled()
    {
        var caseId = await app.RevokeAsync("gleb");
        await app.UntilAsync(caseId, view => (string)view["state"]! == "awaiting");

        Assert.Equal(HttpStatusCode.Conflict, await PostAsync($"/erasures/{caseId}/cancel", Roles.Officer));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("/erasures/er_unknown/cancel", Roles.Officer));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync($"/erasures/{caseId}/cancel", Roles.Auditor));
    }

    // Each with the case of the person's own.
    private void AnswerRevocations() => app.Around.Revoke = customer => Results.Json(new { version = 5, epoch = 1, caseId = ErasureCaseId.Of(app.RefOf(customer), 5) });

    private string Asked(string customer) => string.Join(' ', app.Around.Asked.Select(asked => asked.Split(' ')).Where(asked => asked[1] == customer).Select(asked => asked[0]));

    private async Task<JsonObject> DemandAsync(string customer)
    {
        var (status, answer) = await TryDemandAsync(customer);
        Assert.Equal(HttpStatusCode.Accepted, status);
        return answer;
    }

    private async Task<(HttpStatusCode Status, JsonObject Answer)> TryDemandAsync(string customer)
    {
        using var response = await app.As(Roles.Subject, customer).PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), new { customerId = customer });
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    private async Task<IReadOnlyList<string>> ListedAsync(string state) =>
        [.. (await app.As(Roles.Operator).GetFromJsonAsync<JsonObject>(new Uri($"/erasures?state={state}&limit=500", UriKind.Relative)))!["items"]!.AsArray().Select(item => (string)item!["caseId"]!)];

    private async Task<HttpStatusCode> PostAsync(string path, string role, string? customer = null)
    {
        using var response = await app.As(role, customer).PostAsync(new Uri(path, UriKind.Relative), null);
        return response.StatusCode;
    }
}
