using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>What the staff's pages let them do, and what they leave out for whom it isn't.</summary>
[Collection(Browsing.Collection)]
public sealed class StaffActionsTests(Browsing browsing) : IAsyncLifetime
{
    public Task InitializeAsync() => browsing.FillAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [BrowserTheory]
    [InlineData("ru", "Повторить", "не читается", "Удалить", "Решённые", "удалено")]
    [InlineData("en", "Replay", "can’t be read", "Discard", "Resolved", "discarded")]
    public async Task An_operator_decides_what_becomes_of_a_message_in_quarantine(string language, string replay, string unread, string discard, string resolved, string discarded)
    {
        await browsing.Server.QuarantineAsync($"[\"{language}\"]");
        await using var visit = await browsing.OpenAsync(language, Roles.Operator);
        await visit.Page.GotoAsync("/staff/quarantine");
        var message = visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { Has = visit.Page.Locator("input[name=reason]") });
        await visit.LookAsync("staff-quarantine-waiting");
        await message.Locator("input[name=reason]").FillAsync("The publisher mended it");
        await message.GetByRole(AriaRole.Button, new() { Name = replay }).ClickAsync();
        await visit.SeesAsync(unread);
        await message.Locator("input[name=reason]").FillAsync($"Nobody needs it, {language}");
        await message.GetByRole(AriaRole.Button, new() { Name = discard }).ClickAsync();
        await Assertions.Expect(message).ToHaveCountAsync(0);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = resolved, Exact = true }).ClickAsync();
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = $"Nobody needs it, {language}" })).ToContainTextAsync(discarded);
        await visit.LookAsync("staff-quarantine-resolved");
    }

    [BrowserTheory]
    [InlineData("ru", "Требование органа", "Уничтожить данные", "должен быть впереди", "По требованию")]
    [InlineData("en", "An authority’s order", "Erase the data", "has to be ahead", "Ordered by")]
    public async Task An_officer_records_what_an_authority_orders_and_writes_nothing_twice(string language, string record, string erase, string refused, string ordered)
    {
        await browsing.Server.GrantAsync($"ordered-{language}", "recommendations");
        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/cases");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = record }).ClickAsync();
        await visit.Page.Locator("#customer").FillAsync($"ordered-{language}");
        await visit.Page.Locator("#order").FillAsync("Roskomnadzor, 08-1 of 2026-11-20");
        await visit.Page.Locator("#due").FillAsync("2020-01-01");
        visit.Expects("400");
        await visit.Button(erase).ClickAsync();
        await visit.SeesAsync(refused);
        await visit.LookAsync("staff-cases-order");
        await visit.Page.Locator("#due").FillAsync("2099-01-01");
        await visit.Button(erase).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("dt").Filter(new() { HasText = ordered })).ToBeVisibleAsync();
        await visit.SeesAsync("Roskomnadzor, 08-1 of 2026-11-20");
        Assert.DoesNotContain($"ordered-{language}", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        await visit.LookAsync("staff-case-ordered");

        Assert.DoesNotContain("/staff/cases/order", await browsing.Server.MarkupAsync("/staff/cases", Roles.Operator), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task An_officer_sees_what_is_in_quarantine_and_an_operator_decides()
    {
        await using var server = await RunningServer.StartAsync();
        await server.QuarantineAsync("[1]");
        var (officer, @operator) = (await server.MarkupAsync("/staff/quarantine", Roles.Officer), await server.MarkupAsync("/staff/quarantine", Roles.Operator));

        Assert.All([officer, @operator], page => Assert.Contains("no event can be read in it", page, StringComparison.Ordinal));
        Assert.Contains("value=\"discard\"", @operator, StringComparison.Ordinal);
        Assert.DoesNotContain("value=\"discard\"", officer, StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "не объявлено: 24", "нет согласия")]
    [InlineData("en", "not declared: 24", "no consent")]
    public async Task What_is_sent_for_nothing_is_shown_with_why_it_was_dropped(string language, string dropped, string refused)
    {
        await using var server = await RunningServer.StartAsync();
        await server.DeclareAsync();
        await server.GrantAsync("sender", "recommendations");
        using var product = server.As(Roles.Product);
        foreach (var customer in new[] { "sender", "refuser" })
        {
            using var content = JsonContent.Create(Enumerable.Range(0, 12).Select(number => new
            {
                specversion = "1.0",
                id = $"{customer}-{number}",
                source = "/cinema",
                type = "film.rated",
                subject = customer,
                time = TimeProvider.System.GetUtcNow(),
                data = new { filmId = "1", seat = "12a" },
            }), new System.Net.Http.Headers.MediaTypeHeaderValue("application/cloudevents-batch+json"));
            using var answer = await product.PostAsync(new Uri("/events", UriKind.Relative), content);
            Assert.True(answer.IsSuccessStatusCode);
        }

        await using var visit = await browsing.OpenAsync(language, Roles.Operator, server: server);
        await Eventually.Is("it is counted", async () =>
        {
            await visit.Page.GotoAsync("/staff/events");
            return await visit.Page.Locator("tr").Filter(new() { HasText = "seat" }).CountAsync();
        }, rows => rows == 1, RunningServer.Soon);

        await Assertions.Expect(visit.Page.Locator("tr").Filter(new() { HasText = "seat" })).ToContainTextAsync(dropped);
        await visit.SeesAsync(refused);
        await visit.LookAsync("staff-events-dropped");
    }

    [BrowserTheory]
    [InlineData("ru", "90 дней")]
    [InlineData("en", "90 days")]
    public async Task How_people_decide_is_shown_of_as_many_days_as_are_chosen(string language, string period)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Marketer);
        await visit.Page.GotoAsync("/staff/consents");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = period.Replace(' ', '\u00a0'), Exact = true }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("[aria-current=true]")).ToHaveTextAsync(period.Replace(' ', '\u00a0'));
        await visit.LookAsync("staff-consents-90");
    }

    [BrowserFact]
    public async Task Why_there_are_no_groups_is_said_for_each_purpose()
    {
        var groups = await browsing.Server.GetAsync("/groups", Roles.Marketer);
        var page = await browsing.Server.PageAsync("/staff/groups", Roles.Marketer);

        var none = groups["items"]!.AsArray().Where(purpose => purpose!["groups"]!.AsArray().Count == 0).Select(purpose => (string)purpose!["reason"]!).ToArray();
        Assert.NotEmpty(none);
        Assert.All(none, reason => Assert.Contains(
            reason switch
            {
                "not-learnt-yet" => "They haven’t been looked for yet",
                "too-few-people" => "There are too few people so far",
                "nothing-stands-apart" => "People behave alike",
                _ => "There are groups, but each is so small",
            },
            page, StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task A_case_shows_the_certificate_to_whom_it_is_for_and_is_sent_again_only_while_somebody_is_awaited()
    {
        var done = await ErasedAsync("case-done", "completed");
        var (officer, @operator) = (await browsing.Server.MarkupAsync($"/staff/cases/{done}", Roles.Officer), await browsing.Server.MarkupAsync($"/staff/cases/{done}", Roles.Operator));
        using var hold = browsing.Server.As(Roles.Officer);
        using var placed = await hold.PostAsJsonAsync(
            new Uri("/legal-holds", UriKind.Relative), new { customerId = "case-held", categories = new[] { "viewing" }, reason = "A claim, civil code art. 196" });
        Assert.True(placed.IsSuccessStatusCode);
        var held = await ErasedAsync("case-held", "retained");
        var retained = await browsing.Server.MarkupAsync($"/staff/cases/{held}", Roles.Operator);

        Assert.Contains($"/staff/cases/{done}/certificate", officer, StringComparison.Ordinal);
        Assert.DoesNotContain("/certificate", @operator, StringComparison.Ordinal);
        Assert.All([officer, @operator, retained], page => Assert.DoesNotContain("/retry", page, StringComparison.Ordinal));
        Assert.All([officer, @operator, retained], page => Assert.DoesNotContain("data-poll", page, StringComparison.Ordinal));
        Assert.DoesNotContain("overdue", await browsing.Server.PageAsync("/staff/cases?show=all", Roles.Operator), StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_case_says_who_is_awaited_and_is_asked_for_again()
    {
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?>
        {
            ["Deployment:Participants:4"] = "absent",
            ["Portal:TraceLink"] = "https://traces.example/explore?q=personalization.case.id%3D{caseId}",
        });
        await server.DeclareAsync();
        await server.GrantAsync("awaited", "recommendations");
        var caseId = await RevokeAsync(server, "awaited");
        await UntilAsync(server, caseId, "partial");
        var page = await Eventually.Is(
            "all others have answered", () => server.MarkupAsync($"/staff/cases/{caseId}", Roles.Operator),
            page => page.Contains("Waiting for: <strong>absent</strong>", StringComparison.Ordinal), RunningServer.Soon);

        Assert.Contains("data-poll", page, StringComparison.Ordinal);
        Assert.Contains($"href=\"https://traces.example/explore?q=personalization.case.id%3D{caseId}\"", page, StringComparison.Ordinal);
        using var sent = await server.SubmitAsync($"/staff/cases/{caseId}/retry", Roles.Operator);
        Assert.Equal($"/staff/cases/{caseId}", sent.Headers.Location?.ToString());
    }

    private async Task<string> ErasedAsync(string customer, string state)
    {
        await browsing.Server.GrantAsync(customer, "recommendations");
        await browsing.Server.PublishAsync(customer, "1");
        var caseId = await RevokeAsync(browsing.Server, customer);
        await UntilAsync(browsing.Server, caseId, state);
        return caseId;
    }

    // It opens with the message of the revocation.
    private static async Task UntilAsync(RunningServer server, string caseId, string state)
    {
        using var http = server.As(Roles.Officer);
        await Eventually.Is($"the case is {state}", async () =>
        {
            using var answer = await http.GetAsync(new Uri($"/erasures/{caseId}", UriKind.Relative));
            return answer.IsSuccessStatusCode ? (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["state"] : null;
        }, now => now == state, RunningServer.Soon);
    }

    private static async Task<string> RevokeAsync(RunningServer server, string customer)
    {
        using var product = server.As(Roles.Product);
        using var revoked = await product.DeleteAsync(new Uri($"/consents/{customer}", UriKind.Relative));
        return (string)JsonNode.Parse(await revoked.Content.ReadAsStringAsync())!["caseId"]!;
    }
}
