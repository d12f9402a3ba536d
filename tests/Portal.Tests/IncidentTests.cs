using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class IncidentTests(Browsing browsing)
{
    [BrowserTheory]
    [InlineData("ru", "Профили", "Записать", "Отметить отправку")]
    [InlineData("en", "Profiles", "Record it", "Say that it was sent")]
    public async Task An_operator_records_one_by_the_data_map_and_takes_back_what_was_wrong(string language, string service, string record, string send)
    {
        await MappedAsync();
        await using var visit = await browsing.OpenAsync(language, Roles.Operator);
        await visit.Page.GotoAsync("/staff/incidents/new");
        await visit.Page.Locator("#what").FillAsync($"A copy was found, {language}.");
        await visit.Page.GetByLabel(service).First.CheckAsync();
        await visit.Page.Locator("input[value='customer-id']").CheckAsync();
        await visit.LookAsync("staff-incident-new-operator");
        await visit.Button(record).ClickAsync();

        await visit.Page.Locator("#measures").FillAsync("The keys were rotated.");
        foreach (var field in new[] { "#causes", "#harm", "#inquiry" }) await visit.Page.Locator(field).FillAsync("A guess.");
        await visit.Button(record).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#inquiry")).ToHaveValueAsync("A guess.");
        await visit.LookAsync("staff-incident-operator");
        Assert.Equal(0, await visit.Page.GetByText(send).CountAsync());

        foreach (var field in new[] { "#causes", "#harm", "#inquiry" }) await visit.Page.Locator(field).FillAsync("");
        await visit.Button(record).ClickAsync();
        foreach (var field in new[] { "#causes", "#harm", "#inquiry" }) await Assertions.Expect(visit.Page.Locator(field)).ToHaveValueAsync("");
        await visit.Page.ReloadAsync();
        foreach (var field in new[] { "#causes", "#harm", "#inquiry" }) Assert.Equal("", await visit.Page.Locator(field).InputValueAsync());
        Assert.Equal("The keys were rotated.", await visit.Page.Locator("#measures").InputValueAsync());
    }

    [BrowserTheory]
    [InlineData("ru", "Что сделано и что известно")]
    [InlineData("en", "What was done and is known")]
    public async Task An_auditor_reads_one_and_changes_nothing(string language, string done)
    {
        var id = await RecordAsync($"A letter went astray, {language}.");
        await using var visit = await browsing.OpenAsync(language, Roles.Auditor);
        await visit.Page.GotoAsync($"/staff/incidents/{id}");
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = done })).ToContainTextAsync("The letter was fetched back.");
        Assert.Equal(0, await visit.Page.Locator("main textarea, main form").CountAsync());
        await visit.LookAsync("staff-incident-auditor");
    }

    private async Task<string> RecordAsync(string what)
    {
        await MappedAsync();
        using var officer = browsing.Server.As(Roles.Officer);
        using var recorded = await officer.PostAsJsonAsync(new Uri("/incidents", UriKind.Relative), new
        {
            what,
            noticedAt = TimeProvider.System.GetUtcNow().AddMinutes(-1),
            services = new[] { "profile" },
            categories = new[] { "customer-id" },
            measures = new[] { "The letter was fetched back." },
        });
        var told = await recorded.Content.ReadAsStringAsync();
        Assert.True(recorded.IsSuccessStatusCode, told);
        return (string)JsonNode.Parse(told)!["id"]!;
    }

    private Task MappedAsync() => Eventually.Is(
        "Profile has said what it holds", async () => (await browsing.Server.GetAsync("/audit/data-map"))["services"]!.AsArray().Any(known => (string)known!["name"]! == "profile"), RunningServer.Soon);
}
