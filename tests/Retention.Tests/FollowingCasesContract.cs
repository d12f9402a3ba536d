using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class FollowingCasesOnSqliteTests(PatientRetentionApp app) : FollowingCasesContract<PatientRetentionApp>(app), IClassFixture<PatientRetentionApp>;

[RequiresMongo]
public sealed class FollowingCasesOnMongoTests(PatientMongoRetentionApp app) : FollowingCasesContract<PatientMongoRetentionApp>(app), IClassFixture<PatientMongoRetentionApp>;

/// <summary>Where a case stands, and what an operator can do about it.</summary>
public abstract class FollowingCasesContract<TApp>(TApp app)
    where TApp : RetentionApp
{
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    [ContractFact]
    public async Task A_failure_is_shown_and_an_operator_sends_the_case_again()
    {
        var caseId = await app.RevokeAsync("anna");
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant, failure: participant == "profile" ? "consent-behind" : null);
        var failed = await app.UntilAsync(caseId, view => view["receipts"]!.AsArray().Count == Everyone.Length);
        var listed = await GetAsync("/erasures?state=failed");
        var sentBefore = app.Around.Commands.Count(command => command.CaseId == caseId);
        var retried = await PostAsync($"/erasures/{caseId}/retry", Roles.Operator);
        await Eventually.Is("it is sent again", () => Task.FromResult(app.Around.Commands.Count(command => command.CaseId == caseId)), sent => sent == sentBefore + 1, RetentionApp.Soon);
        await app.AnswerAsync(caseId, "profile");
        await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");

        Assert.Equal("failed", failed["state"]!.GetValue<string>());
        Assert.Equal("profile", Assert.Single(failed["awaiting"]!.AsArray())!.GetValue<string>());
        Assert.Equal("consent-behind", Assert.Single(failed["receipts"]!.AsArray(), receipt => receipt!["participant"]!.GetValue<string>() == "profile")!["failure"]!.GetValue<string>());
        Assert.Contains(caseId, listed["items"]!.AsArray().Select(item => item!["caseId"]!.GetValue<string>()));
        Assert.Equal((1, HttpStatusCode.OK), (sentBefore, retried));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync($"/erasures/{caseId}/retry", Roles.Operator));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync($"/erasures/{caseId}/retry", Roles.Product));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("/erasures/er_unknown/retry", Roles.Operator));
    }

    [ContractFact]
    public async Task Receipts_that_two_instances_take_at_once_are_all_in_the_case_and_close_it_once()
    {
        await using var other = await app.StartAnotherAsync();
        var cases = new List<string>();
        for (var i = 0; i < 8; i++) cases.Add(await app.RevokeAsync($"together-{i}"));
        await Task.WhenAll(cases.SelectMany(caseId => Everyone.Select(async (participant, i) => await RetentionApp.PublishAsync(
            i % 2 == 0 ? app.Instance : other, participant, app.Module(participant).Signer.Sign(await app.ReceiptAsync(caseId, participant))))));
        foreach (var caseId in cases)
        {
            var view = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
            Assert.Equal(Everyone, view["receipts"]!.AsArray().Select(receipt => receipt!["participant"]!.GetValue<string>()).Order());
        }

        await Eventually.Is(
            "each completion was told once", () => Task.FromResult(string.Join(", ", cases.Select(caseId => app.Around.Completed.Count(told => told.CaseId == caseId)))),
            told => told == "1, 1, 1, 1, 1, 1, 1, 1", RetentionApp.Soon);
    }

    [ContractFact]
    public async Task A_deadline_is_told_of_before_and_after_once_by_however_many_instances_and_puts_the_case_first()
    {
        await using var other = await app.StartAnotherAsync();
        var caseId = await app.RevokeAsync("boris");
        var opened = await app.UntilAsync(caseId, _ => true);
        app.Time.Advance(TimeSpan.FromDays(27.5));
        var near = await ToldAsync<ErasureDueSoon>(told => told.CaseId == caseId);
        var waiting = await app.CaseAsync(caseId);
        app.Time.Advance(TimeSpan.FromDays(3));
        var over = await ToldAsync<ErasureOverdue>(told => told.CaseId == caseId);
        var later = await app.RevokeAsync("clara");
        await app.UntilAsync(later, _ => true);
        var listed = (await GetAsync("/erasures?sort=due"))["items"]!.AsArray().Select(item => (Id: item!["caseId"]!.GetValue<string>(), IsOverdue: item["isOverdue"]!.GetValue<bool>())).ToArray();
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
        var completed = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
        var listedAfter = (await GetAsync("/erasures?sort=due"))["items"]!.AsArray().Select(item => item!["caseId"]!.GetValue<string>());

        Assert.InRange(opened["openedAt"]!.GetValue<DateTimeOffset>().AddDays(30) - opened["dueAt"]!.GetValue<DateTimeOffset>(), TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Assert.Equal((app.RefOf("boris"), "revoked", 4), (near.SubjectRef, near.Reason, near.Awaiting.Count));
        Assert.Equal(near.DueAt, over.DueAt);
        Assert.Equal((false, false), (waiting["isOverdue"]!.GetValue<bool>(), completed["isOverdue"]!.GetValue<bool>()));
        Assert.Contains((caseId, true), listed);
        Assert.Contains((later, false), listed);
        Assert.True(Array.IndexOf(listed, (caseId, true)) < Array.IndexOf(listed, (later, false)));
        Assert.DoesNotContain(caseId, listedAfter);
        Assert.Single(app.Around.Told.OfType<ErasureDueSoon>(), told => told.CaseId == caseId);
        Assert.Single(app.Around.Told.OfType<ErasureOverdue>(), told => told.CaseId == caseId);
    }

    [ContractFact]
    public async Task A_demand_is_due_in_ten_working_days()
    {
        app.Around.Revoke = _ => Results.Json(new { version = 0, epoch = 0 });
        using var response = await app.As(Roles.Product).PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), new { customerId = "dina" });
        var view = await app.CaseAsync((await response.Content.ReadFromJsonAsync<JsonObject>())!["caseId"]!.GetValue<string>());
        var due = view["dueAt"]!.GetValue<DateTimeOffset>();

        // Moscow's midnight.
        Assert.Equal(TimeSpan.FromHours(21), due.TimeOfDay);
        Assert.InRange(due - view["openedAt"]!.GetValue<DateTimeOffset>(), TimeSpan.FromDays(10), TimeSpan.FromDays(28));
    }

    private async Task<T> ToldAsync<T>(Func<T, bool> isIt)
        where T : class => (await Eventually.Is(
        $"{typeof(T).Name} was told", () => Task.FromResult(app.Around.Told.OfType<T>().FirstOrDefault(isIt)), told => told is not null, RetentionApp.Soon))!;

    private async Task<JsonObject> GetAsync(string path) => JsonNode.Parse(await app.As(Roles.Operator).GetStringAsync(new Uri(path, UriKind.Relative)))!.AsObject();

    private async Task<HttpStatusCode> PostAsync(string path, string role)
    {
        using var response = await app.As(role).PostAsync(new Uri(path, UriKind.Relative), null);
        return response.StatusCode;
    }
}
