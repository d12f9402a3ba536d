using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>Lists show what they are asked for, and all of it.</summary>
[Collection(Browsing.Collection)]
public sealed class ListTests(Browsing browsing)
{
    [BrowserTheory]
    [InlineData("ru", "Действуют", "Снятые", "Только собранное для: Рекомендации для вас")]
    [InlineData("en", "Standing", "Ended", "Only what was collected for: Recommendations for you")]
    public async Task Holds_are_those_that_stand_or_those_that_ended(string language, string standing, string ended, string purposes)
    {
        var (stands, ends) = ($"A claim that goes on, {language}", $"A claim that is over, {language}");
        using var officer = browsing.Server.As(Roles.Officer);
        await PlaceAsync(officer, stands, ["recommendations"]);
        using var over = await officer.DeleteAsync(new Uri($"/legal-holds/{await PlaceAsync(officer, ends, null)}", UriKind.Relative));
        over.EnsureSuccessStatusCode();

        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/holds");
        await ShowsAsync(visit, stands, 1);
        await ShowsAsync(visit, ends, 1);
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = stands })).ToContainTextAsync(purposes);
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = ends })).Not.ToContainTextAsync(purposes.Split(':')[0]);
        foreach (var (name, shown, left) in new[] { (standing, stands, ends), (ended, ends, stands) })
        {
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
            await Assertions.Expect(visit.Page.Locator(".filters [aria-current=true]")).ToHaveTextAsync(name);
            await ShowsAsync(visit, shown, 1);
            await ShowsAsync(visit, left, 0);
        }

        await visit.LookAsync("staff-holds-ended");
    }

    [BrowserTheory]
    [InlineData("ru", "Ждут уведомлений", "Закрытые")]
    [InlineData("en", "Notices to be sent", "Closed")]
    public async Task Incidents_are_open_until_every_notice_was_sent(string language, string open, string closed)
    {
        var (waiting, done) = ($"A disk is missing, {language}.", $"A disk was found again, {language}.");
        await Eventually.Is(
            "Profile has said what it holds", async () => (await browsing.Server.GetAsync("/audit/data-map"))["services"]!.AsArray().Any(known => (string)known!["name"]! == "profile"), RunningServer.Soon);
        using var officer = browsing.Server.As(Roles.Officer);
        await RecordAsync(officer, waiting);
        var id = await RecordAsync(officer, done);
        foreach (var notice in new[] { "authority-first", "authority-result", "gdpr" })
        {
            using var sent = await officer.PutAsJsonAsync(new Uri($"/incidents/{id}/notices/{notice}", UriKind.Relative), new { sentAt = TimeProvider.System.GetUtcNow() });
            sent.EnsureSuccessStatusCode();
        }

        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        await visit.Page.GotoAsync("/staff/incidents");
        foreach (var (name, shown, left) in new[] { (open, waiting, done), (closed, done, waiting) })
        {
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
            await Assertions.Expect(visit.Page.Locator(".filters [aria-current=true]")).ToHaveTextAsync(name);
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = shown })).ToHaveCountAsync(1);
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = left })).ToHaveCountAsync(0);
        }

        await visit.LookAsync("staff-incidents-closed");
    }

    [BrowserFact]
    public async Task Each_list_goes_on_where_its_page_ends()
    {
        const int People = 51, Messages = 201;
        await using var server = await RunningServer.StartAsync();
        await server.DeclareAsync();
        using var officer = server.As(Roles.Officer);
        for (var number = 0; number < People; number++)
        {
            var customerId = $"listed-{number.ToString(CultureInfo.InvariantCulture)}";
            using var person = server.As(Roles.Subject, customerId);
            await SendAsync(officer, "/restrictions", new { customerId, reason = "legalClaims" });
            await SendAsync(officer, "/legal-holds", new { customerId, categories = new[] { "viewing" }, reason = "A claim" });
            await SendAsync(person, "/objections", new { customerId, to = "profiling", purpose = "recommendations" });
            await SendAsync(person, "/erasures", new { customerId });
        }

        for (var number = 0; number < Messages; number++) await server.QuarantineAsync($"[{number.ToString(CultureInfo.InvariantCulture)}]");
        foreach (var (role, path, row, next, first, rest) in new[]
        {
            (Roles.Officer, "/staff/holds", "/staff/holds/([0-9a-f]+)/end", "after", 50, People - 50),
            (Roles.Officer, "/staff/holds?show=standing", "/staff/holds/([0-9a-f]+)/end", "after", 50, People - 50),
            (Roles.Officer, "/staff/holds", "/staff/restrictions/([0-9a-f]+)/lift", "restrictionsAfter", 50, People - 50),
            (Roles.Officer, "/staff/objections", "/staff/objections/([^\"?]+)\"", "after", 50, People - 50),
            (Roles.Officer, "/staff/cases?show=all", "/staff/cases/(er_[^\"?]+)\"", "after", 50, People - 50),
            (Roles.Operator, "/staff/quarantine", "action=\"/staff/quarantine/([^\"?]+)\"", "after", 200, Messages - 200),
        })
        {
            var page = await server.MarkupAsync(path, role);
            var more = Regex.Match(page, $"href=\"(/staff/[^\"]*[?&;]{next}=[^\"]*)\"");
            Assert.True(more.Success, path);
            var shown = Rows(page);
            var left = Rows(await server.MarkupAsync(WebUtility.HtmlDecode(more.Groups[1].Value), role));
            Assert.Equal((path, first, rest), (path, shown.Length, left.Length));
            Assert.Empty(shown.Intersect(left));

            string[] Rows(string page) => [.. Regex.Matches(page, row).Select(match => match.Groups[1].Value).Distinct()];
        }

        await using var visit = await browsing.OpenAsync("ru", Roles.Officer, server: server);
        await visit.Page.GotoAsync("/staff/holds");
        await visit.Page.Locator("a[href*='restrictionsAfter=']").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("form[action$='/lift'] button")).ToHaveCountAsync(1);
        await visit.LookAsync("staff-holds-restrictions");

        static async Task SendAsync(HttpClient sender, string path, object body)
        {
            using var sent = await sender.PostAsJsonAsync(new Uri(path, UriKind.Relative), body);
            Assert.True(sent.IsSuccessStatusCode, path);
        }
    }

    [BrowserTheory]
    [InlineData("ru", "Просмотрены записи", "Более ранние", "Все", "Таких записей здесь нет")]
    [InlineData("en", "Looked through the entries", "Earlier", "All", "No such entries here")]
    public async Task The_audit_log_shows_what_is_of_one_type_without_a_gap(string language, string looked, string earlier, string all, string none)
    {
        await browsing.FillAsync();
        var entries = await Eventually.Is("much is in the log", async () => await EntriesAsync(), entries => entries.Any(type => type.Value.Count > 25), RunningServer.Soon);
        var chosen = entries.MaxBy(type => type.Value.Count).Key;
        await Eventually.Is("that is signed", async () => (long?)(await browsing.Server.GetAsync("/audit/checkpoint"))["size"] ?? 0, size => size >= entries[chosen][25], RunningServer.Soon);

        await using var visit = await browsing.OpenAsync(language, Roles.Auditor);
        await visit.Page.GotoAsync($"/staff/audit?type={chosen}");
        await visit.SeesAsync(looked);
        await visit.LookAsync("staff-audit-type");
        var newest = await NumbersAsync(visit, chosen);
        Assert.Equal(25, newest.Length);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = earlier }).ClickAsync();
        await visit.Page.WaitForURLAsync("**before=*");
        var older = await NumbersAsync(visit, chosen);
        Assert.NotEmpty(older);
        long[] shown = [.. older.Concat(newest).Order()];
        Assert.Equal((await EntriesAsync())[chosen].Where(number => number >= shown[0] && number <= shown[^1]), shown);

        // From any entry to those like it, and back to all.
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = all, Exact = true }).ClickAsync();
        await visit.Page.Locator("ol a[href^='/staff/audit?type=']").First.ClickAsync();
        await visit.SeesAsync(looked);
        await visit.Page.GotoAsync("/staff/audit?type=NeverSent");
        await visit.SeesAsync(none);
        await visit.LookAsync("staff-audit-type-none");

        async Task<Dictionary<string, List<long>>> EntriesAsync() => (await browsing.Server.GetAsync("/audit/entries?limit=1000"))["items"]!.AsArray()
            .GroupBy(entry => (string)entry!["type"]!).ToDictionary(type => type.Key, type => type.Select(entry => (long)entry!["number"]!).ToList());

        static async Task<long[]> NumbersAsync(Visit visit, string type)
        {
            Assert.All(await visit.Page.Locator("ol strong").AllTextContentsAsync(), shown => Assert.Equal(type, shown));
            var links = await visit.Page.Locator("a.slim[href^='/staff/audit/']").EvaluateAllAsync<string[]>("links => links.map(link => link.getAttribute('href'))");
            return [.. links.Select(link => long.Parse(link.Split('/')[^1], CultureInfo.InvariantCulture))];
        }
    }

    private static Task ShowsAsync(Visit visit, string reason, int times) =>
        Assertions.Expect(visit.Page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = reason })).ToHaveCountAsync(times);

    private static async Task<string> PlaceAsync(HttpClient officer, string reason, string[]? purposes)
    {
        using var placed = await officer.PostAsJsonAsync(new Uri("/legal-holds", UriKind.Relative), new { customerId = "claiming", categories = new[] { "viewing" }, purposes, reason });
        placed.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await placed.Content.ReadAsStringAsync())!["holdId"]!;
    }

    private static async Task<string> RecordAsync(HttpClient officer, string what)
    {
        using var recorded = await officer.PostAsJsonAsync(
            new Uri("/incidents", UriKind.Relative), new { what, noticedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1), services = new[] { "profile" }, categories = new[] { "customer-id" } });
        recorded.EnsureSuccessStatusCode();
        return (string)JsonNode.Parse(await recorded.Content.ReadAsStringAsync())!["id"]!;
    }
}
