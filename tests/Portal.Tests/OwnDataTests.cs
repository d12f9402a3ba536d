using Microsoft.Playwright;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class OwnDataTests(Browsing browsing) : IAsyncLifetime
{
    public Task InitializeAsync() => browsing.FillAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [BrowserTheory]
    [InlineData("ru", "Что о вас известно", "Использовали: модель рекомендаций", "Какие фильмы вы посмотрели")]
    [InlineData("en", "What is known about you", "Used by: the recommendation model", "which films you watched")]
    public async Task A_person_sees_each_datum_with_why_it_is_kept_and_what_used_it(string language, string title, string used, string category)
    {
        await using var visit = await browsing.OpenAsync(language, "subject", "viewer-0");
        await visit.Page.GotoAsync("/me/data");
        Assert.Equal(title, await visit.Page.Locator("h1").TextContentAsync());

        await Eventually.Is("what used it is told", async () =>
        {
            await visit.Page.ReloadAsync();
            await visit.Page.Locator("summary").First.ClickAsync();
            return await visit.Page.Locator("details[open]").First.TextContentAsync() ?? "";
        }, text => text.Contains(used, StringComparison.Ordinal), RunningServer.Soon);
        await Assertions.Expect(visit.Page.Locator("details[open]").First).ToContainTextAsync(category, new() { IgnoreCase = true });
        await visit.LookAsync("data");
    }

    [BrowserFact]
    public async Task Of_somebody_unknown_nothing_is_known()
    {
        await using var visit = await browsing.OpenAsync("en", "subject", "never-seen");
        await visit.Page.GotoAsync("/me/data");
        await visit.SeesAsync("Nothing is known about you");
        await visit.LookAsync("data-none");
        await visit.Page.GotoAsync("/me/history");
        await visit.SeesAsync("No decisions so far");
    }

    [BrowserTheory]
    [InlineData("ru", "Из-за", "Забыть это", "Это забыто и не вернётся")]
    [InlineData("en", "Because of", "Forget this", "That is forgotten")]
    public async Task A_person_sees_why_and_has_a_reason_forgotten(string language, string because, string forget, string forgotten)
    {
        await using var visit = await browsing.OpenAsync(language, "subject", language == "ru" ? "viewer-1" : "viewer-2");
        await Eventually.Is("there are personal recommendations", async () =>
        {
            await visit.Page.GotoAsync("/me/why");
            return await visit.Page.GetByText(because).CountAsync();
        }, count => count > 0, RunningServer.Soon);
        await visit.LookAsync("why");

        var reason = (await visit.Page.Locator(".reasons p").First.TextContentAsync())!;
        await visit.Page.Locator(".reasons button").Filter(new() { HasText = $"{forget}: {reason}" }).First.ClickAsync();
        await visit.SeesAsync(forgotten);
        Assert.Equal(0, await visit.Page.GetByText(reason, new() { Exact = true }).CountAsync());
    }

    [BrowserTheory]
    [InlineData("ru", "разрешено")]
    [InlineData("en", "allowed")]
    public async Task A_person_downloads_the_receipt_of_a_decision(string language, string granted)
    {
        await using var visit = await browsing.OpenAsync(language, "subject", "viewer-3");
        await visit.Page.GotoAsync("/me/history");
        await visit.SeesAsync(granted);
        await visit.LookAsync("history");

        var receipt = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.Locator("a[href^='/me/receipts/']").First.ClickAsync());
        Assert.StartsWith("%PDF-", await File.ReadAllTextAsync(await receipt.PathAsync()), StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "Уничтожить все мои данные", "Данные уничтожены", "Скачать PDF")]
    [InlineData("en", "Erase all my data", "The data are erased", "Download PDF")]
    public async Task A_person_is_forgotten_and_sees_it_to_the_certificate(string language, string erase, string erased, string download)
    {
        var customer = $"forgotten-{language}";
        await browsing.Server.GrantAsync(customer, "recommendations");
        await browsing.Server.PublishAsync(customer, "1");
        await using var visit = await browsing.OpenAsync(language, "subject", customer);
        await visit.Page.GotoAsync("/me/forget");
        await visit.LookAsync("forget");

        await visit.Page.GetByRole(AriaRole.Checkbox).CheckAsync();
        await visit.Button(erase).ClickAsync();
        await visit.Page.WaitForURLAsync("**/me/erasures/*");
        await visit.SeesAsync(erased);
        await visit.LookAsync("erased");

        var certificate = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = download }).ClickAsync());
        Assert.StartsWith("%PDF-", await File.ReadAllTextAsync(await certificate.PathAsync()), StringComparison.Ordinal);
        await visit.Page.GotoAsync("/me/data");
        Assert.Equal(0, await visit.Page.Locator("summary").CountAsync());
    }

    [BrowserFact]
    public async Task A_person_changes_their_mind_while_there_is_time_and_everything_is_as_it_was()
    {
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?> { ["Retention:CoolingOffHours"] = "24" });
        await server.DeclareAsync();
        foreach (var (language, erase, until, keep, cancelled) in new[]
        {
            ("ru", "Уничтожить все мои данные", "Можно передумать до", "Не уничтожать", "Уничтожение отменено"),
            ("en", "Erase all my data", "You can change your mind until", "Don’t erase", "The erasure is cancelled"),
        })
        {
            var customer = $"wavering-{language}";
            await server.GrantAsync(customer, "recommendations");
            var before = await server.GrantedAsync(customer, "recommendations");
            await using var visit = await browsing.OpenAsync(language, "subject", customer, server);
            await visit.Page.GotoAsync("/me/forget");
            await visit.Page.GetByRole(AriaRole.Checkbox).CheckAsync();
            await visit.Button(erase).ClickAsync();
            await visit.SeesAsync(until);
            await visit.LookAsync("cooling-off");
            var meanwhile = await RestrictionsAsync(customer);
            await visit.Button(keep).ClickAsync();
            await visit.SeesAsync(cancelled);
            await visit.LookAsync("erasure-cancelled");
            await Eventually.Is("use is no longer restricted", () => RestrictionsAsync(customer), standing => standing == "", RunningServer.Soon);

            Assert.Equal("erasurePending", meanwhile);
            Assert.NotEmpty(before);
            Assert.Equal(before, await server.GrantedAsync(customer, "recommendations"));
        }

        async Task<string> RestrictionsAsync(string customer) =>
            string.Join(",", (await server.GetAsync($"/consents/{customer}", "product"))["restrictions"]!.AsArray().Select(restriction => (string)restriction!["reason"]!));
    }

    [BrowserTheory]
    [InlineData("ru", "Подготовить архив", "Пароль от архива", "Я записал(а), дальше", "Скачать архив", "Ваши архивы", "Архив скачан")]
    [InlineData("en", "Prepare the archive", "The archive’s password", "I have it, go on", "Download the archive", "Your archives", "The archive was downloaded")]
    public async Task A_person_downloads_what_is_held_of_them(string language, string prepare, string password, string go, string download, string own, string fetched)
    {
        await using var visit = await browsing.OpenAsync(language, "subject", language == "ru" ? "viewer-4" : "viewer-5");
        await visit.Page.GotoAsync("/me/export");
        await visit.LookAsync("export");
        await visit.Button(prepare).ClickAsync();
        await visit.SeesAsync(password);
        await visit.LookAsync("export-password");
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = go }).ClickAsync();
        await visit.SeesAsync(download);
        await visit.LookAsync("export-ready");

        var archive = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Page.GetByRole(AriaRole.Link, new() { Name = download }).ClickAsync());
        Assert.Equal("PK"u8.ToArray(), (await File.ReadAllBytesAsync(await archive.PathAsync()))[..2]);

        await visit.Page.GotoAsync("/me/export");
        await visit.Page.GetByRole(AriaRole.Region, new() { Name = own }).GetByRole(AriaRole.Link).ClickAsync();
        await visit.SeesAsync(fetched);
    }

    [BrowserTheory]
    [InlineData("ru", "Реклама", "Отправить возражение", "не больше 4000", "Реклама с использованием ваших данных прекращена", "Ваши возражения")]
    [InlineData("en", "Advertising", "Send the objection", "at most 4,000", "Advertising from your data has stopped", "Your objections")]
    public async Task A_person_objects_to_advertising_and_it_stops(string language, string advertising, string send, string refused, string stopped, string own)
    {
        var customer = $"objecting-{language}";
        await browsing.Server.GrantAsync(customer, "marketing-groups");
        await using var visit = await browsing.OpenAsync(language, "subject", customer);
        await visit.Page.GotoAsync("/me/object");
        await visit.LookAsync("object");
        await visit.Page.GetByText(advertising, new() { Exact = true }).ClickAsync();
        await visit.RefusesToLoseAsync("#statement", send, refused);
        await visit.Page.Locator("#statement").FillAsync("");
        await visit.Button(send).ClickAsync();
        await visit.SeesAsync(stopped);
        await visit.LookAsync("objection");
        await visit.Page.Locator("main a[href='/me/object']").ClickAsync();
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Region, new() { Name = own }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await visit.LookAsync("object-own");
        Assert.Equal("", await browsing.Server.GrantedAsync(customer, "marketing-groups"));
    }

    [BrowserFact]
    public async Task Somebody_elses_erasure_is_one_that_does_not_exist()
    {
        const string Customer = "somebody-else";
        await browsing.Server.GrantAsync(Customer, "recommendations");
        using var own = browsing.Server.As("subject", Customer);
        using var revoked = await own.DeleteAsync(new Uri($"/consents/{Customer}", UriKind.Relative));
        var caseId = (string)System.Text.Json.Nodes.JsonNode.Parse(await revoked.Content.ReadAsStringAsync())!["caseId"]!;
        await Eventually.Is("the case is there", async () => (await own.GetAsync(new Uri($"/erasures/{caseId}", UriKind.Relative))).IsSuccessStatusCode, RunningServer.Soon);

        await using var visit = await browsing.OpenAsync("en", "subject", "curious");
        await visit.Page.GotoAsync($"/me/erasures/{caseId}");
        await visit.SeesAsync("The case is being opened.");
    }
}
