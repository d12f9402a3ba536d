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
}
