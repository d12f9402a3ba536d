using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Playwright;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class ProblemTests(Browsing browsing)
{
    [BrowserTheory]
    [InlineData("ru", "Такой страницы нет")]
    [InlineData("en", "There is no such page")]
    public async Task A_mistyped_address_is_told_of_in_words_and_programs_get_a_problem(string language, string missing)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Subject, "mistyping");
        foreach (var (path, status) in new[] { ("/me/chioces", "404"), ("/me/choices", "405") })
        {
            visit.Expects(status);
            var answer = await visit.Page.GotoAsync(path);
            Assert.Equal(status, answer!.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
            await visit.SeesAsync(missing);
        }

        await visit.LookAsync("not-found");
        using var program = browsing.Server.As(Roles.Officer);
        using var problem = await program.GetAsync(new Uri("/me/chioces", UriKind.Relative));
        Assert.Equal("application/problem+json", problem.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task After_a_refused_form_trying_again_and_the_other_language_lead_to_a_page()
    {
        using var refused = await browsing.Server.SubmitAsync("/staff/cases/er_unknown/retry", Roles.Officer);
        var page = await refused.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Contains("href=\"/staff/cases/er_unknown\"", page, StringComparison.Ordinal);
        Assert.Contains("name=\"back\" value=\"/staff/cases/er_unknown\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/retry\"", page, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task Another_language_shows_the_same_page_with_what_was_asked_for()
    {
        await using var visit = await browsing.OpenAsync("ru", Roles.Officer);
        await visit.Page.GotoAsync("/staff/cases?show=all");
        await visit.Button("EN English").ClickAsync();
        await visit.SeesAsync("Erasure cases");
        Assert.EndsWith("/staff/cases?show=all", visit.Page.Url, StringComparison.Ordinal);
    }

    [BrowserTheory]
    [InlineData("ru", "Не получилось", "Ничего не изменилось")]
    [InlineData("en", "That didn’t work", "Nothing was changed")]
    public async Task What_goes_wrong_inside_is_told_in_words_and_without_what_it_was(string language, string title, string lead)
    {
        // A service that answers with nothing at all, which none of ours does.
        await using var nonsense = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]).Build();
        nonsense.MapGet("/{**path}", () => Results.Text("null", "application/json"));
        await nonsense.StartAsync();
        await using var server = await RunningServer.StartAsync(settings: new Dictionary<string, string?> { ["Portal:Services:consent"] = nonsense.Urls.First() });

        await using var visit = await browsing.OpenAsync(language, server);
        await visit.Page.Context.AddCookiesAsync([new() { Name = "personalization-session", Value = server.Token(Roles.Subject, "unlucky"), Domain = "127.0.0.1", Path = "/" }]);
        visit.Expects("500");
        var answer = await visit.Page.GotoAsync("/me");
        Assert.Equal(500, answer!.Status);
        await visit.SeesAsync(title);
        await visit.SeesAsync(lead);
        Assert.DoesNotContain("Exception", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        await visit.LookAsync("unexpected");
    }

    [Fact]
    public async Task A_link_that_signs_nobody_in_is_not_repeated_by_the_page()
    {
        var page = await browsing.Server.MarkupAsync("/sign-in?token=not-a-token", Roles.Officer);
        Assert.DoesNotContain("not-a-token", page, StringComparison.Ordinal);
    }
}
