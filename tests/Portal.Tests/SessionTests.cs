using System.Buffers.Text;
using System.Net;
using System.Text;
using Microsoft.Extensions.Hosting;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class SessionTests(Browsing browsing)
{
    private static readonly Uri Me = new("/me", UriKind.Relative);

    [BrowserFact]
    public async Task A_link_signs_in_and_does_not_stay_in_the_address()
    {
        await using var visit = await browsing.OpenAsync("en", Roles.Subject, "by-link");
        Assert.EndsWith("/me", visit.Page.Url, StringComparison.Ordinal);
        var cookie = Assert.Single(await visit.Page.Context.CookiesAsync(), cookie => cookie.Name == "personalization-session");
        Assert.True(cookie.HttpOnly);
        Assert.Equal(Microsoft.Playwright.SameSiteAttribute.Lax, cookie.SameSite);

        await visit.Button("Sign out").ClickAsync();
        await visit.Page.GotoAsync("/me");
        await visit.SeesAsync("Sign in to see that page");
        await visit.LookAsync("signed-out");
    }

    [BrowserTheory]
    [InlineData("ru")]
    [InlineData("en")]
    public async Task Somebody_of_the_staff_begins_elsewhere(string language)
    {
        await using var visit = await browsing.OpenAsync(language, Roles.Officer);
        Assert.EndsWith("/staff", visit.Page.Url, StringComparison.Ordinal);
        await visit.LookAsync("staff-home");

        await visit.Page.GotoAsync("/me");
        Assert.EndsWith("/staff", visit.Page.Url, StringComparison.Ordinal);
    }

    [BrowserFact]
    public async Task A_link_that_nobody_signed_leads_nowhere()
    {
        static string Part(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
        var unsigned = $"{Part("""{"alg":"none"}""")}.{Part("""{"role":"subject","customer_id":"somebody","exp":4102444800}""")}.";
        await using var visit = await browsing.OpenAsync("en");
        foreach (var token in new[] { "not-a-token", unsigned })
        {
            await visit.Page.GotoAsync($"/sign-in?token={token}");
            await visit.SeesAsync("This link isn’t valid");
        }
    }

    [Fact]
    public async Task A_session_signs_in_to_pages_and_to_nothing_else()
    {
        using var browser = Browser(browsing.Server);
        browser.DefaultRequestHeaders.Add("Cookie", $"personalization-session={browsing.Server.Token(Roles.Subject, "only-pages")}");

        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(Me)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync(new Uri("/consents/only-pages", UriKind.Relative))).StatusCode);
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-site", HttpStatusCode.Forbidden)]
    [InlineData("Origin", "https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("X-Nothing", "said", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "same-origin", HttpStatusCode.SeeOther)]
    public async Task A_form_is_taken_from_our_own_pages_only(string header, string value, HttpStatusCode expected)
    {
        using var browser = Browser(browsing.Server);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/me/choices") { Content = Form(("purpose", "recommendations"), ("noticeVersion", "1"), ("language", "en"), ("decide", "revoke")) };
        request.Headers.Add("Cookie", $"personalization-session={browsing.Server.Token(Roles.Subject, "forms")}");
        request.Headers.Add(header, value);
        Assert.Equal(expected, (await browser.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_page_is_kept_by_no_cache_and_loads_nothing_from_elsewhere()
    {
        using var browser = Browser(browsing.Server);
        using var answer = await browser.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outside_a_developers_machine_nobody_enters_as_they_like()
    {
        await using var server = await RunningServer.StartAsync(Environments.Production, Named);
        using var browser = Browser(server);
        Assert.DoesNotContain("/enter", await browser.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        // The answer to everybody without a token on a path that isn't there.
        using var answer = await EnterAsync(browser);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task A_name_that_leads_here_from_elsewhere_lets_nobody_in()
    {
        using var browser = Browser(browsing.Server);
        browser.DefaultRequestHeaders.Host = "rebound.example";
        Assert.Equal(HttpStatusCode.Forbidden, (await EnterAsync(browser)).StatusCode);
    }

    private static async Task<HttpResponseMessage> EnterAsync(HttpClient browser)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/enter") { Content = Form(("role", "officer")) };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return await browser.SendAsync(request);
    }

    private static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    private static HttpClient Browser(RunningServer server) => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Address };

    // Outside Development, Consent and Retention start only with somebody to name in receipts and certificates.
    private static readonly Dictionary<string, string?> Named = new()
    {
        ["Consent:Controller:Id"] = "operator",
        ["Consent:Controller:Name"] = "An operator",
        ["Consent:Controller:Address"] = "A street",
        ["Consent:Controller:Contact"] = "privacy@operator.example",
        ["Consent:PrivacyPage"] = "https://operator.example/privacy",
        ["Retention:Operator:Name"] = "An operator",
        ["Retention:Operator:Address"] = "A street",
    };
}
