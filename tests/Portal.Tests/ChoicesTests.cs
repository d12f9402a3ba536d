using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class ChoicesTests(Browsing browsing)
{
    private const string Purpose = "recommendations";

    [BrowserTheory]
    [InlineData("ru", "Рекомендации для вас", "Разрешить", "Действует в 2 из 2 сервисов с", "Как вы оценили фильмы", "Отозвано")]
    [InlineData("en", "Recommendations for you", "Allow", "In force in 2 of 2 services since", "How you rated films", "Withdrawn on")]
    public async Task A_person_decides_and_sees_since_when_it_is_in_force(string language, string title, string allow, string inForce, string opinion, string withdrawn)
    {
        var customer = $"deciding-{language}";
        await using var visit = await browsing.OpenAsync(language, "subject", customer);
        var card = visit.Page.Locator($"#{Purpose}");
        await visit.LookAsync("choices-undecided");

        await card.GetByRole(AriaRole.Button, new() { Name = allow, Exact = true }).ClickAsync();
        await card.GetByText(inForce).WaitForAsync();
        Assert.Equal("viewing,opinion", await browsing.Server.GrantedAsync(customer, Purpose));
        await visit.LookAsync("choices");

        // One category alone, by the switch beside it.
        var name = opinion.ToLowerInvariant();
        await visit.Switch($"{title}: {name}").ClickAsync();
        await Assertions.Expect(visit.Switch($"{title}: {name}")).ToHaveAttributeAsync("aria-checked", "false");
        await card.GetByText(inForce).WaitForAsync();
        Assert.Equal("viewing", await browsing.Server.GrantedAsync(customer, Purpose));

        // The whole purpose, by one press; the focus stays where it was.
        await visit.Switch($"{allow}: {title}").ClickAsync();
        await card.GetByText(withdrawn).WaitForAsync();
        await card.GetByText(inForce).WaitForAsync();
        Assert.Equal("", await browsing.Server.GrantedAsync(customer, Purpose));
        Assert.Equal($"{Purpose}-all", await visit.Page.EvaluateAsync<string>("() => document.activeElement.id"));
        await visit.LookAsync("choices-withdrawn");
    }

    [BrowserFact]
    public async Task What_a_person_was_shown_is_told_once_and_is_in_the_proof_of_what_they_decide()
    {
        const string Customer = "shown";
        await using var visit = await browsing.OpenAsync("en", "subject", Customer);
        var served = await ServedAsync(visit);
        await visit.Page.ReloadAsync();
        Assert.Equal(served, await ServedAsync(visit));

        await visit.Page.Locator($"#{Purpose}-grant").ClickAsync();
        await visit.Page.Locator($"#{Purpose}-all").WaitForAsync();
        using var own = browsing.Server.As("subject", Customer);
        var decided = await own.GetFromJsonAsync<JsonNode>(new Uri($"/consents/{Customer}/history", UriKind.Relative));
        Assert.Contains($"{Purpose}.1.en={(string)decided!["items"]![0]!["servedNoticeId"]!}", served, StringComparison.Ordinal);

        // Another language is another text; and whoever signs in next was shown nothing.
        await visit.Button("RU Русский").ClickAsync();
        await visit.SeesAsync("Мои решения");
        Assert.NotEqual(served, await ServedAsync(visit));
        await visit.Page.GotoAsync($"/sign-in?token={browsing.Server.Token("officer")}");
        Assert.DoesNotContain(await visit.Page.Context.CookiesAsync(), cookie => cookie.Name == "personalization-served");
    }

    [BrowserFact]
    public async Task A_decision_stands_though_the_record_of_its_notice_is_gone()
    {
        const string Customer = "shown-long-ago";
        await using var visit = await browsing.OpenAsync("en", "subject", Customer);
        await visit.Page.Context.AddCookiesAsync([new() { Name = "personalization-served", Value = Uri.EscapeDataString($"{Purpose}.1.en=sn_AAAAAAAAAAAAAAAAAAAAAA"), Domain = "127.0.0.1", Path = "/me" }]);
        await visit.Page.Locator($"#{Purpose}-grant").ClickAsync();
        await visit.Page.Locator($"#{Purpose}-all").WaitForAsync();
        Assert.Equal("viewing,opinion", await browsing.Server.GrantedAsync(Customer, Purpose));
    }

    [BrowserTheory]
    [InlineData("ru", "Не использовать мои данные", "Данные нужны для спора или иска", "пока не используется", "Использовать снова")]
    [InlineData("en", "Don’t use my data", "The data are needed for a claim", "not used for now", "Use again")]
    public async Task A_person_has_their_data_kept_and_not_used_and_used_again(string language, string restrict, string reason, string unused, string lift)
    {
        var customer = $"restricting-{language}";
        await using var visit = await browsing.OpenAsync(language, "subject", customer);
        await visit.Page.Locator($"#{Purpose}-grant").ClickAsync();
        await visit.Page.Locator($"#{Purpose}-all").WaitForAsync();

        await visit.Page.GetByLabel(reason).CheckAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = restrict }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = lift }).WaitForAsync();
        await Assertions.Expect(visit.Page.Locator($"#{Purpose}").GetByText(unused)).ToHaveCountAsync(2);
        await visit.LookAsync("choices-restricted");

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = lift }).ClickAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = restrict }).WaitForAsync();
        await Assertions.Expect(visit.Page.Locator($"#{Purpose}").GetByText(unused)).ToHaveCountAsync(0);
    }

    [BrowserFact]
    public async Task Everything_can_be_decided_without_scripts()
    {
        const string Customer = "without-scripts";
        await using var visit = await browsing.OpenAsync("en", "subject", Customer, scripts: false);
        await visit.Page.Locator($"#{Purpose}-grant").ClickAsync();
        await visit.Page.WaitForURLAsync("**/me#recommendations");
        Assert.Equal("viewing,opinion", await browsing.Server.GrantedAsync(Customer, Purpose));

        await visit.Page.Locator($"#{Purpose}-viewing").ClickAsync();
        await Assertions.Expect(visit.Page.Locator($"#{Purpose}-viewing")).ToHaveAttributeAsync("aria-checked", "false");
        Assert.Equal("opinion", await browsing.Server.GrantedAsync(Customer, Purpose));

        await visit.Page.Locator($"#{Purpose}-all").ClickAsync();
        await visit.SeesAsync("Withdrawn on");
        Assert.Equal("", await browsing.Server.GrantedAsync(Customer, Purpose));
    }

    [BrowserFact]
    public async Task A_choice_made_on_what_is_no_longer_so_is_not_taken()
    {
        const string Customer = "two-windows";
        await using var visit = await browsing.OpenAsync("en", "subject", Customer);
        await visit.Page.Locator($"#{Purpose}-grant").ClickAsync();
        await visit.SeesAsync("In force in 2 of 2 services since");

        // The button is gone; who uses the keyboard goes on from the page, not from the top of the window.
        Assert.Equal("content", await visit.Page.EvaluateAsync<string>("() => document.activeElement.id"));

        // In another window everything is withdrawn; the switch in this one would grant again.
        using var elsewhere = browsing.Server.As("subject", Customer);
        (await elsewhere.DeleteAsync(new Uri($"/consents/{Customer}", UriKind.Relative))).EnsureSuccessStatusCode();
        await visit.Page.Locator($"#{Purpose}").EvaluateAsync("card => { const button = card.querySelector('[role=switch]'); button.value = 'grant'; }");
        await visit.Page.Locator($"#{Purpose}-all").ClickAsync();

        await visit.SeesAsync("You have narrowed your consent in another window since.");
        Assert.Equal("", await browsing.Server.GrantedAsync(Customer, Purpose));
    }

    [BrowserFact]
    public async Task A_decision_that_is_on_its_way_is_shown_so_until_it_has_arrived()
    {
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?> { ["Deployment:ServingServices:2"] = "absent", ["Consent:WaitForMilliseconds"] = "200" });
        await server.DeclareAsync();
        await using var visit = await browsing.OpenAsync("en", "subject", "waiting", server);
        var asked = 0;
        await visit.Page.Locator($"#{Purpose}-grant").ClickAsync();
        await visit.SeesAsync("In force in 2 of 3 services.");
        visit.Page.Request += (_, request) => asked += request.Url.EndsWith("/me", StringComparison.Ordinal) ? 1 : 0;

        await Eventually.Is("the page asks again by itself", () => Task.FromResult(asked), count => count > 1, RunningServer.Soon);
        await visit.LookAsync("choices-pending");
    }

    private static async Task<string> ServedAsync(Visit visit) =>
        Uri.UnescapeDataString((await visit.Page.Context.CookiesAsync()).Single(cookie => cookie.Name == "personalization-served").Value);
}
