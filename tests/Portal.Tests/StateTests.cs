using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>Pages in the states they are seldom in: empty, waiting, over.</summary>
[Collection(Browsing.Collection)]
public sealed class StateTests(Browsing browsing) : IAsyncLifetime
{
    public Task InitializeAsync() => browsing.FillAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [BrowserTheory]
    [InlineData("ru", "Решений пока нет", "Этот список одинаков для всех")]
    [InlineData("en", "No decisions so far", "This list is the same for everybody")]
    public async Task Who_never_decided_has_no_history_and_is_recommended_what_everybody_is(string language, string none, string same)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Subject, $"undecided-{language}");
        await visit.Page.GotoAsync("/me/history");
        await visit.SeesAsync(none);
        await visit.LookAsync("history-none");
        await visit.Page.GotoAsync("/me/why");
        await visit.SeesAsync(same);
        await Assertions.Expect(visit.Page.Locator("main form")).ToHaveCountAsync(0);
        await visit.LookAsync("why-not-personal");
    }

    [BrowserFact]
    public async Task Where_nothing_happened_yet_the_staff_are_told_so()
    {
        await using var server = await RunningServer.StartAsync();
        foreach (var (language, words) in new[]
        {
            ("ru", new[] { "Никто никого не ждёт", "Правил нет", "Запретов нет", "Инцидентов нет", "Возражений нет", "Целей ещё нет", "Сегментов нет" }),
            ("en", ["Nobody is waiting for anybody", "There are no rules", "No legal holds", "No incidents", "No objections", "No purposes yet", "No segments"]),
        })
        {
            await using var visit = await browsing.OpenAsync(language, Roles.Officer, server: server);
            foreach (var (page, said) in new[] { "cases", "rules", "holds", "incidents", "objections", "consents", "groups" }.Zip(words))
            {
                await visit.Page.GotoAsync($"/staff/{page}");
                await visit.SeesAsync(said);
                await visit.LookAsync($"staff-{page}-none");
            }
        }
    }

    [BrowserFact]
    public async Task An_export_waits_for_somebody_and_is_cancelled_by_the_next()
    {
        await using var server = await RunningServer.StartAsync(without: "Audit");
        await server.DeclareAsync();
        foreach (var (language, prepare, go, waiting, cancelled) in new[]
        {
            ("ru", "Подготовить архив", "Я записал(а), дальше", "Ждём: Журнал аудита.", "Этот архив отменён"),
            ("en", "Prepare the archive", "I have it, go on", "Waiting for: Audit log.", "This archive was cancelled"),
        })
        {
            await using var visit = await browsing.OpenAsync(language, Roles.Subject, $"waiting-{language}", server);
            await visit.Page.GotoAsync("/me/export");
            await visit.Button(prepare).ClickAsync();
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = go }).ClickAsync();
            await visit.SeesAsync(waiting);
            await visit.LookAsync("export-collecting");
            var first = visit.Page.Url;

            await visit.Page.GotoAsync("/me/export");
            await visit.Button(prepare).ClickAsync();
            await visit.Page.GetByRole(AriaRole.Link, new() { Name = go }).ClickAsync();
            await visit.Page.GotoAsync(first);
            await visit.SeesAsync(cancelled);
            await visit.LookAsync("export-cancelled");
        }
    }

    [BrowserTheory]
    [InlineData("ru", "Меньше такого", "похожего будет меньше", "viewer-6")]
    [InlineData("en", "Less like this", "there will be less like it", "viewer-7")]
    public async Task What_somebody_wants_less_of_is_noted_and_the_keyboard_goes_on_from_there(string language, string less, string noted, string customer)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Subject, customer);
        var buttons = visit.Page.GetByRole(AriaRole.Button, new() { Name = less });
        await Eventually.Is("there are personal recommendations", async () =>
        {
            await visit.Page.GotoAsync("/me/why");
            return await buttons.CountAsync();
        }, count => count > 0, RunningServer.Soon);
        var film = (await visit.Page.Locator(".recommended h2").First.TextContentAsync())!;

        // By keyboard: what was pressed may be gone, and the next key goes on from the page, not from the top of the window.
        await buttons.First.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync(noted);
        Assert.Equal("content", await visit.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        await Assertions.Expect(visit.Page.Locator("#announcer")).ToContainTextAsync(noted);
        Assert.DoesNotContain(film, await visit.Page.Locator(".recommended h2").AllTextContentsAsync());
        await visit.LookAsync("why-less");
    }

    [BrowserTheory]
    [InlineData("ru", "Как с вами связаться", "для: Предложения по интересам")]
    [InlineData("en", "How you are reached", "for: Offers by interest")]
    public async Task A_person_sees_how_they_are_reached_and_what_for(string language, string title, string purpose)
    {
        var customer = $"reachable-{language}";
        await browsing.Server.GrantAsync(customer, "marketing-groups");
        using var product = browsing.Server.As(Roles.Product);
        using var stored = await product.PutAsJsonAsync(new Uri($"/profiles/{customer}/contacts", UriKind.Relative), new { email = "somebody@example.org" });
        stored.EnsureSuccessStatusCode();

        await using var visit = await browsing.OpenAsync(language, Roles.Subject, customer);
        await visit.Page.GotoAsync("/me/data");
        var contacts = visit.Page.GetByRole(AriaRole.Region, new() { Name = title });
        await Assertions.Expect(contacts.GetByRole(AriaRole.Listitem)).ToContainTextAsync("somebody@example.org");
        await Assertions.Expect(contacts.GetByRole(AriaRole.Listitem)).ToContainTextAsync(purpose);
        await visit.LookAsync("data-contacts");
    }

    [BrowserFact]
    public async Task Who_agreed_to_an_older_text_agrees_to_the_new_one_by_one_press()
    {
        await using var server = await RunningServer.StartAsync();
        await server.DeclareAsync();
        foreach (var language in new[] { "ru", "en" }) await server.GrantAsync($"renewing-{language}", "recommendations");
        var purpose = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(RunningServer.Root(), "deploy", "samples", "cinema.json")))!["purposes"]![0]!;
        purpose["notices"]![0]!["text"] = "Мы подбираем фильмы и показываем, почему они подходят.";
        using var officer = server.As(Roles.Officer);
        using var declared = await officer.PutAsJsonAsync(new Uri("/purposes/recommendations", UriKind.Relative), purpose);
        Assert.True(declared.IsSuccessStatusCode, await declared.Content.ReadAsStringAsync());

        foreach (var (language, changed, agree) in new[]
        {
            ("ru", "Текст изменился с тех пор", "Согласиться с новым текстом"),
            ("en", "The text has changed since you agreed", "Agree to the new text"),
        })
        {
            await using var visit = await browsing.OpenAsync(language, Roles.Subject, $"renewing-{language}", server);
            await Eventually.Is("the older text is known to be older", async () =>
            {
                await visit.Page.ReloadAsync();
                return await visit.Page.GetByText(changed).CountAsync();
            }, count => count == 1, RunningServer.Soon);
            await visit.LookAsync("choices-new-text");
            await visit.Button(agree).ClickAsync();
            await Assertions.Expect(visit.Page.GetByText(changed)).ToHaveCountAsync(0);
            Assert.Equal("viewing,opinion", await server.GrantedAsync($"renewing-{language}", "recommendations"));
            var consents = await server.GetAsync($"/consents/renewing-{language}", Roles.Product);
            Assert.Equal(2, (int)consents["purposes"]!.AsArray().Single(entry => (string)entry!["purpose"]! == "recommendations")!["noticeVersion"]!);
        }
    }

    [BrowserFact]
    public async Task A_day_later_the_staff_see_how_people_decided()
    {
        var time = new ShiftedTime();
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?> { ["Consent:SuppressBelow"] = "0" }, time: time);
        await server.DeclareAsync();
        foreach (var customer in new[] { "agreeing-1", "agreeing-2", "agreeing-3", "agreeing-4" }) await server.GrantAsync(customer, "recommendations");
        foreach (var customer in new[] { "agreeing-1", "agreeing-2" })
        {
            using var own = server.As(Roles.Subject, customer);
            using var revoked = await own.DeleteAsync(new Uri($"/consents/{customer}/recommendations", UriKind.Relative));
            revoked.EnsureSuccessStatusCode();
        }

        time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(10));
        foreach (var (language, purpose, agreed, withdrew, granted) in new[]
        {
            ("ru", "Рекомендации для вас", "Согласились, по дням", "Отозвали, по дням", "Согласились"),
            ("en", "Recommendations for you", "Agreed, by day", "Withdrew, by day", "Agreed"),
        })
        {
            await using var visit = await browsing.OpenAsync(language, Roles.Marketer, server: server);
            var told = visit.Page.GetByRole(AriaRole.Region, new() { Name = purpose });
            await Eventually.Is("the day is counted", async () =>
            {
                await visit.Page.GotoAsync("/staff/consents");
                return await told.GetByRole(AriaRole.Img).CountAsync();
            }, charts => charts > 0, RunningServer.Soon);
            await Assertions.Expect(told.GetByRole(AriaRole.Listitem).Filter(new() { HasText = granted })).ToContainTextAsync("4");
            foreach (var chart in new[] { agreed, withdrew }) await Assertions.Expect(told.Locator("figure").Filter(new() { HasText = chart }).GetByRole(AriaRole.Img)).ToHaveCountAsync(1);
            await visit.LookAsync("staff-consents-plots");
        }
    }
}
