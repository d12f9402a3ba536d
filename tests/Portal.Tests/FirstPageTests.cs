using Microsoft.Playwright;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class FirstPageTests(Browsing browsing)
{
    [BrowserTheory]
    [InlineData("ru", "Для вас", "Для сотрудников", "Всё готово к работе")]
    [InlineData("en", "For you", "For staff", "Everything is ready")]
    public async Task Shows_both_worlds_and_whether_all_is_ready(string language, string person, string staff, string ready)
    {
        await using var visit = await browsing.OpenAsync(language);
        await visit.Page.GotoAsync("/");

        Assert.Equal([person, staff, ready], (await visit.Page.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllTextContentsAsync()).Take(3));
        await visit.LookAsync("first");
    }

    [BrowserFact]
    public async Task The_language_that_is_chosen_stays()
    {
        await using var visit = await browsing.OpenAsync("ru", "subject", "choosing-a-language");
        await visit.Button("EN English").ClickAsync();
        await visit.SeesAsync("My choices");
        await visit.Page.GotoAsync("/");
        await visit.SeesAsync("For you");
    }

    [BrowserFact]
    public async Task On_a_developers_machine_somebody_enters_as_a_customer()
    {
        await using var visit = await browsing.OpenAsync("en");
        await visit.Page.GotoAsync("/");
        await visit.Page.GetByLabel("A customer of the demo").FillAsync("just-looking");
        await visit.Button("Enter").ClickAsync();
        await visit.Page.WaitForURLAsync("**/me");
    }
}
