using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ErasingTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    [Fact]
    public async Task A_revocation_opens_a_case_that_the_last_receipt_closes()
    {
        var caseId = await app.RevokeAsync("anna");
        var opened = await app.UntilAsync(caseId, _ => true);
        foreach (var participant in Everyone[..^1]) await app.AnswerAsync(caseId, participant);
        var waiting = await app.UntilAsync(caseId, view => view["awaiting"]!.AsArray().Count == 1);
        await app.AnswerAsync(caseId, Everyone[^1]);
        var completed = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");

        Assert.Equal(("awaiting", "revoked"), (opened["state"]!.GetValue<string>(), opened["reason"]!.GetValue<string>()));
        Assert.Equal("partial", waiting["state"]!.GetValue<string>());
        Assert.Equal(Everyone, completed["receipts"]!.AsArray().Select(receipt => receipt!["participant"]!.GetValue<string>()).Order());
        Assert.DoesNotContain(app.RefOf("anna"), completed.ToJsonString(), StringComparison.Ordinal);
        await Eventually.Is("the completion was told", () => Task.FromResult(app.Around.Completed.Count(told => told.CaseId == caseId)), told => told == 1, RetentionApp.Soon);
        var command = app.Around.Commands.First(sent => sent.CaseId == caseId);
        Assert.Equal((app.RefOf("anna"), 1, true), (command.SubjectRef, command.Epoch, command.WholeEpoch));

        // For the log, which knows of no case but what it is told.
        var told = app.Around.Completed.Single(told => told.CaseId == caseId);
        Assert.Equal(((DateTimeOffset)opened["openedAt"]!, (DateTimeOffset)opened["dueAt"]!), (command.OpenedAt!.Value, command.DueAt!.Value));
        Assert.Equal((command.OpenedAt, command.DueAt, "revoked"), (told.OpenedAt, told.DueAt, told.Reason));
    }

    [Fact]
    public async Task A_person_follows_their_own_erasure_to_its_certificate_and_nobody_elses()
    {
        var caseId = await app.RevokeAsync("wera");
        await app.UntilAsync(caseId, _ => true);
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
        await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");

        foreach (var path in new[] { $"/erasures/{caseId}", $"/erasures/{caseId}/certificate" })
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(path, "wera"));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(path, "somebody"));
        }
    }

    [Fact]
    public async Task A_person_demands_their_own_erasure_and_nobody_elses()
    {
        using var own = await DemandAsync("wera-2", "wera-2");
        using var others = await DemandAsync("somebody", "wera-2");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Forbidden), (own.StatusCode, others.StatusCode));
    }

    private async Task<HttpResponseMessage> DemandAsync(string caller, string customer)
    {
        using var person = app.As(Roles.Subject, caller);
        return await person.PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), new { customerId = customer });
    }

    private async Task<HttpStatusCode> StatusAsync(string path, string person)
    {
        using var caller = app.As(Roles.Subject, person);
        using var response = await caller.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    [Fact]
    public async Task An_event_that_was_lost_on_the_bus_is_repaired_by_the_pull()
    {
        var caseId = await app.RevokeAsync("boris", byBus: false, epochEnded: false);
        await app.UntilAsync(caseId, view => view["awaiting"]!.AsArray().Count == Everyone.Length);

        Assert.False(app.Around.Commands.First(sent => sent.CaseId == caseId).WholeEpoch);
    }

    [Fact]
    public async Task The_same_event_by_bus_and_by_pull_opens_one_case()
    {
        var caseId = await app.RevokeAsync("vera");
        await app.RevokeAsync("vera", byBus: false);
        await app.UntilAsync(await app.RevokeAsync("vera-after", byBus: false), _ => true);

        Assert.Equal(1, (await ListAsync("?limit=100")).Count(item => item["caseId"]!.GetValue<string>() == caseId));
    }

    [Fact]
    public async Task A_change_that_narrows_nothing_opens_none()
    {
        var caseId = await app.RevokeAsync("gleb", isNarrowing: false, byBus: false);
        await app.UntilAsync(await app.RevokeAsync("gleb-after", byBus: false), _ => true);

        using var response = await app.As(Roles.Officer).GetAsync(new Uri($"/erasures/{caseId}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task An_open_case_is_sent_again_until_everybody_answered()
    {
        var caseId = await app.RevokeAsync("dina");
        await Eventually.Is("it was sent three times", () => Task.FromResult(app.Around.Commands.Count(sent => sent.CaseId == caseId)), times => times >= 3, RetentionApp.Soon);
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
        await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
    }

    [Fact]
    public async Task Every_erasure_that_was_sent_is_served_in_order_to_participants_that_missed_it()
    {
        var first = await app.RevokeAsync("sequence-1");
        await CompleteAsync(first);

        // What is completed isn't sent again, which would give it another place.
        var second = await app.RevokeAsync("sequence-2");
        await CompleteAsync(second);

        var page = (await app.As(Roles.Service).GetFromJsonAsync<ErasureSequencePage>(new Uri("/internal/erasures", UriKind.Relative), Json.Options))!;
        var after = (await app.As(Roles.Service).GetFromJsonAsync<ErasureSequencePage>(new Uri($"/internal/erasures?after={Uri.EscapeDataString(page.Through)}", UriKind.Relative), Json.Options))!;
        using var others = await app.As(Roles.Officer).GetAsync(new Uri("/internal/erasures", UriKind.Relative));

        Assert.Equal([first, second], Those(page));
        Assert.All(page.Erasures, command => Assert.NotNull(command.Signature));
        Assert.Null(page.Next);

        // What was sent within the last minutes is not behind a place yet: a commit may still show one before it.
        Assert.Equal([first, second], Those(after));
        Assert.Equal(HttpStatusCode.Forbidden, others.StatusCode);

        async Task CompleteAsync(string caseId)
        {
            await app.UntilAsync(caseId, _ => true);
            foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
            await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
        }

        IEnumerable<string> Those(ErasureSequencePage served) => served.Erasures.Select(command => command.CaseId).Where(id => id == first || id == second);
    }

    [Fact]
    public async Task A_residue_keeps_the_case_open()
    {
        var caseId = await app.RevokeAsync("egor");
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant, found: participant == "profile" ? 2 : 0);
        var waiting = await app.UntilAsync(caseId, view => view["receipts"]!.AsArray().Count == Everyone.Length);
        await app.AnswerAsync(caseId, "profile");
        var completed = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");

        Assert.Equal("profile", Assert.Single(waiting["awaiting"]!.AsArray())!.GetValue<string>());
        Assert.Equal(Everyone.Length, completed["receipts"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_demand_revokes_first_and_is_answered_with_the_case()
    {
        var caseId = ErasureCaseId.Of(app.RefOf("inna"), 4);
        app.Around.Revoke = _ => Results.Json(new { version = 4, epoch = 1, caseId, receiptId = "r", inForce = new { state = "yes" } }, statusCode: 202);

        var (status, answer) = await DemandAsync(new { customerId = "inna", scope = "all", reason = "requested" });
        await app.RevokeAsync("inna", version: 4);
        var view = await app.CaseAsync(caseId);

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((caseId, "awaiting"), (answer["caseId"]!.GetValue<string>(), answer["state"]!.GetValue<string>()));
        Assert.Equal("requested", view["reason"]!.GetValue<string>());
        Assert.Contains("inna", app.Around.Revoked);
    }

    [Fact]
    public async Task A_demand_by_somebody_who_granted_nothing_gets_one_case_however_often_it_is_made()
    {
        app.Around.Revoke = _ => Results.Json(new { version = 0, epoch = 0 });

        var (status, first) = await DemandAsync(new { customerId = "nobody" });
        var caseId = first["caseId"]!.GetValue<string>();
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
        await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
        var (_, again) = await DemandAsync(new { customerId = "nobody" });

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal((caseId, "completed"), (again["caseId"]!.GetValue<string>(), again["state"]!.GetValue<string>()));
        var command = app.Around.Commands.First(sent => sent.CaseId == caseId);
        Assert.Equal((0, 0, true, "requested"), (command.Epoch, command.Version, command.WholeEpoch, command.Reason));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public async Task An_order_of_an_authority_is_carried_out_by_its_day_and_is_on_the_case_and_the_certificate(int? days)
    {
        var customer = $"ordered-{days}";
        var caseId = ErasureCaseId.Of(app.RefOf(customer), 2);
        app.Around.Revoke = _ => Results.Json(new { version = 2, epoch = 1, caseId, receiptId = "r", inForce = new { state = "yes" } });
        await app.RevokeAsync(customer, version: 2);
        await app.UntilAsync(caseId, _ => true);
        var before = (await app.CaseAsync(caseId))["dueAt"]!.GetValue<DateTimeOffset>();
        DateTimeOffset? dueAt = days is { } after ? app.Time.GetUtcNow().AddDays(after) : null;
        using var answer = await app.As(Roles.Officer).PostAsJsonAsync(
            new Uri("/erasures", UriKind.Relative), new { customerId = customer, reason = "ordered", order = "Roskomnadzor, 08-1 of 2026-11-20", dueAt });
        var ordered = await app.CaseAsync(caseId);
        var (_, demanded) = await DemandAsync(new { customerId = customer });
        foreach (var participant in Everyone) await app.AnswerAsync(caseId, participant);
        var completed = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
        var certificate = await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri($"/erasures/{caseId}/certificate", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(caseId, (string?)demanded["caseId"]);
        var due = ordered["dueAt"]!.GetValue<DateTimeOffset>();
        Assert.True(dueAt is null ? due < before : due == dueAt, $"It is due {due}.");
        Assert.All([ordered, completed, certificate!], told => Assert.Equal(("ordered", "Roskomnadzor, 08-1 of 2026-11-20"), ((string?)told["reason"], (string?)told["order"])));
    }

    [Fact]
    public async Task An_order_is_an_officers_to_record_and_says_whose_it_is()
    {
        var (status, answer) = await DemandAsync(new { customerId = "lara", reason = "ordered", order = "Roskomnadzor, 08-1" });
        using var nameless = await app.As(Roles.Officer).PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), new { customerId = "lara", reason = "ordered" });
        using var late = await app.As(Roles.Officer).PostAsJsonAsync(
            new Uri("/erasures", UriKind.Relative), new { customerId = "lara", reason = "ordered", order = "Roskomnadzor, 08-1", dueAt = DateTimeOffset.UnixEpoch });
        var (unasked, _) = await DemandAsync(new { customerId = "lara", order = "Roskomnadzor, 08-1" });

        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (status, ((string?)answer["type"])?.Split(':', '/')[^1]));
        Assert.All([nameless.StatusCode, late.StatusCode, unasked], refused => Assert.Equal(HttpStatusCode.BadRequest, refused));
        Assert.DoesNotContain("lara", app.Around.Revoked);
    }

    [Fact]
    public async Task A_demand_that_names_nobody_or_asks_for_something_else_revokes_nothing()
    {
        var (status, answer) = await DemandAsync(new { customerId = "a@example.org" });
        var (otherStatus, otherAnswer) = await DemandAsync(new { customerId = "katya", scope = "some" });

        Assert.Equal((HttpStatusCode.BadRequest, "urn:personalization:problem:bad-customer-id"), (status, answer["type"]!.GetValue<string>()));
        Assert.Equal((HttpStatusCode.BadRequest, "urn:personalization:problem:bad-erasure-request"), (otherStatus, otherAnswer["type"]!.GetValue<string>()));
        Assert.DoesNotContain("katya", app.Around.Revoked);
    }

    [Fact]
    public async Task A_demand_while_consent_is_down_is_refused_and_carried_out_when_it_answers_again()
    {
        app.Around.Revoke = _ => Results.StatusCode(503);
        var (status, answer) = await DemandAsync(new { customerId = "lev" });
        var (again, _) = await DemandAsync(new { customerId = "lev" });
        var asked = Asked();
        var opened = ErasureCaseId.Of(app.RefOf("lev"), 3);
        app.Around.Revoke = customer => Results.Json(new { version = 3, epoch = 1, caseId = ErasureCaseId.Of(app.RefOf(customer), 3) });
        app.Time.Advance(TimeSpan.FromMinutes(2));
        var erasure = await app.UntilAsync(opened, _ => true);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "urn:personalization:problem:unavailable"), (status, answer["type"]!.GetValue<string>()));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "requested"), (again, (string)erasure["reason"]!));
        Assert.Equal(8, asked);
        Assert.Equal(9, Asked());
        Assert.Equal(0, await app.Module("retention").OpenSession().CountAsync<ErasureDemand>("subject", equalTo: app.RefOf("lev")));

        int Asked() => app.Around.Revoked.Count(customer => customer == "lev");
    }

    [Fact]
    public async Task A_demand_finds_the_case_that_the_stream_brings()
    {
        var caseId = await app.RevokeAsync("nina", byBus: false);
        app.Around.Revoke = _ => Results.Json(new { version = 3, epoch = 1, caseId });
        var (status, answer) = await DemandAsync(new { customerId = "nina" });

        Assert.Equal((HttpStatusCode.Accepted, caseId), (status, (string)answer["caseId"]!));
        Assert.Equal("requested", (string)(await app.CaseAsync(caseId))["reason"]!);
    }

    [Fact]
    public async Task A_demand_gets_a_case_when_that_of_the_last_revocation_is_forgotten()
    {
        app.Around.Revoke = _ => Results.Json(new { version = 9, epoch = 2, caseId = "er_forgotten" });
        var (status, answer) = await DemandAsync(new { customerId = "olga" });

        Assert.Equal((HttpStatusCode.Accepted, ErasureCaseId.Of(app.RefOf("olga"), 9)), (status, (string)answer["caseId"]!));
    }

    [Theory]
    [InlineData("petr", "requested", null)]
    [InlineData("roman", "ordered", "Roskomnadzor, 08-1 of 2026-11-20")]
    public async Task What_comes_after_everything_was_erased_has_a_case_and_a_certificate_of_its_own(string customer, string reason, string? order)
    {
        var first = await app.RevokeAsync(customer);
        foreach (var participant in Everyone) await app.AnswerAsync(first, participant);
        await app.UntilAsync(first, view => (string)view["state"]! == "completed");
        app.Around.Revoke = _ => Results.Json(new { version = 2, epoch = 1, caseId = first });
        using var answer = await app.As(Roles.Officer).PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), new { customerId = customer, reason, order });
        var own = (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["caseId"]!;
        foreach (var participant in Everyone) await app.AnswerAsync(own, participant);
        await app.UntilAsync(own, view => (string)view["state"]! == "completed");
        using var again = await app.As(Roles.Officer).PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), new { customerId = customer, reason, order });
        var same = (string)(await again.Content.ReadFromJsonAsync<JsonObject>())!["caseId"]!;
        var certificate = (await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri($"/erasures/{own}/certificate", UriKind.Relative)))!;

        Assert.Equal((HttpStatusCode.Accepted, ErasureCaseId.Of(app.RefOf(customer), 4), own), (answer.StatusCode, own, same));
        Assert.Equal((reason, order, customer), ((string)certificate["reason"]!, (string?)certificate["order"], (string)certificate["customerId"]!));
        Assert.Equal("revoked", (string)(await app.CaseAsync(first))["reason"]!);
        Assert.DoesNotContain(customer, app.Around.Restricted.Keys);
    }

    [Fact]
    public async Task Cases_are_listed_by_state_page_by_page()
    {
        for (var i = 0; i < 5; i++) await app.UntilAsync(await app.RevokeAsync($"listed-{i}"), _ => true);

        var whole = (await ListAsync("?state=awaiting&limit=100")).Select(item => item["caseId"]!.GetValue<string>()).ToArray();
        var paged = new List<string>();
        string? after = null;
        do
        {
            var page = await PageAsync($"?state=awaiting&limit=2{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            paged.AddRange(page["items"]!.AsArray().Select(item => item!["caseId"]!.GetValue<string>()));
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);

        Assert.Equal(whole, paged);
        Assert.All(await ListAsync("?state=completed&limit=100"), item => Assert.Equal("completed", item["state"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Auditor)]
    public async Task The_list_of_cases_is_for_officers_and_operators(string role)
    {
        using var response = await app.As(role).GetAsync(new Uri("/erasures", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    private async Task<(HttpStatusCode Status, JsonObject Answer)> DemandAsync(object demand)
    {
        using var response = await app.As(Roles.Product).PostAsJsonAsync(new Uri("/erasures", UriKind.Relative), demand);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    private async Task<JsonObject> PageAsync(string query) => (await app.As(Roles.Operator).GetFromJsonAsync<JsonObject>(new Uri($"/erasures{query}", UriKind.Relative)))!;

    private async Task<IReadOnlyList<JsonNode>> ListAsync(string query) => [.. (await PageAsync(query))["items"]!.AsArray().OfType<JsonNode>()];
}
