using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace Personalization.Portal.Tests;

[Collection(Browsing.Collection)]
public sealed class OidcTests(Browsing browsing, OidcTests.Signing signing) : IClassFixture<OidcTests.Signing>
{
    [BrowserTheory]
    [InlineData("ru", "для вас", "Мои решения")]
    [InlineData("en", "for you", "My choices")]
    public async Task A_person_signs_in_at_the_issuer_and_decides_and_nothing_of_the_token_is_logged(string language, string signIn, string choices)
    {
        var customer = $"member-{language}";
        signing.Issuer.Member = customer;
        await using var visit = await browsing.OpenAsync(language, signing.Server);
        visit.Allow(new Uri(signing.Issuer.Address));
        await visit.Page.GotoAsync("/");
        await visit.LookAsync("first-issuer");
        await visit.Page.Locator("a[href='/sign-in/oidc']").Filter(new() { HasText = signIn }).ClickAsync();
        await visit.Page.WaitForURLAsync("**/me");
        Assert.Equal(choices, await visit.Page.Locator("h1").TextContentAsync());

        // By the claim that is configured, whatever else the token calls a customer id.
        await visit.Page.Locator("#recommendations-grant").ClickAsync();
        await visit.Page.Locator("#recommendations-all").WaitForAsync();
        Assert.Equal("viewing,opinion", await signing.Server.GrantedAsync(customer, "recommendations"));
        Assert.Equal(["personalization-served", "personalization-session"], (await visit.Page.Context.CookiesAsync()).Select(cookie => cookie.Name).Where(name => name.StartsWith("personalization-s", StringComparison.Ordinal)).Order());

        Assert.Equal(3, signing.Issuer.Secrets.TakeLast(3).Distinct().Count());
        Assert.NotEmpty(signing.Logs.Lines);
        foreach (var secret in signing.Issuer.Secrets) Assert.DoesNotContain(signing.Logs.Lines, line => line.Contains(secret, StringComparison.Ordinal));
    }

    [BrowserFact]
    public async Task Whoever_changes_their_mind_there_is_told_so_in_plain_words()
    {
        signing.Issuer.Member = null;
        await using var visit = await browsing.OpenAsync("en", signing.Server);
        visit.Allow(new Uri(signing.Issuer.Address));
        await visit.Page.GotoAsync("/sign-in/oidc");
        await visit.SeesAsync("Signing in didn’t work");
        Assert.DoesNotContain(await visit.Page.Context.CookiesAsync(), cookie => cookie.Name == "personalization-session");
    }

    [BrowserFact]
    public async Task An_answer_to_somebody_elses_question_signs_nobody_in()
    {
        (signing.Issuer.Member, signing.Issuer.OtherNonce) = ("replayed", "638000000000000000.somebody-elses");
        try
        {
            await using var visit = await browsing.OpenAsync("en", signing.Server);
            visit.Allow(new Uri(signing.Issuer.Address));
            await visit.Page.GotoAsync("/sign-in/oidc");
            await visit.SeesAsync("Signing in didn’t work");
            Assert.DoesNotContain(await visit.Page.Context.CookiesAsync(), cookie => cookie.Name == "personalization-session");
        }
        finally
        {
            signing.Issuer.OtherNonce = null;
        }
    }

    [Theory]
    [InlineData("?code=made-up&state=made-up")]
    [InlineData("?code=made-up")]
    [InlineData("")]
    public async Task An_answer_that_nobody_asked_for_signs_nobody_in(string query)
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = signing.Server.Address };
        using var answer = await browser.GetAsync(new Uri($"/sign-in/oidc/callback{query}", UriKind.Relative));
        Assert.Equal((HttpStatusCode.SeeOther, "/?session=not-signed-in"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        Assert.False(answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.StartsWith("personalization-session", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_a_client_there_is_no_such_way_in()
    {
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = browsing.Server.Address };
        Assert.DoesNotContain("/sign-in/oidc", await browser.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        using var answer = await browser.GetAsync(new Uri("/sign-in/oidc", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Theory]
    [InlineData(null, 32, "Security:Authority")]
    [InlineData("https://issuer.example", 15, "Portal:Oidc:ClientSecret")]
    public async Task A_client_that_is_not_complete_does_not_start(string? authority, int length, string said)
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => RunningServer.StartAsync(settings: new Dictionary<string, string?>
        {
            ["Security:Authority"] = authority,
            ["Portal:Oidc:ClientId"] = Issuer.ClientId,
            ["Portal:Oidc:ClientSecret"] = new string('x', length),
        }));
        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A server whose people sign in at an issuer of the tests' own.</summary>
    public sealed class Signing : IAsyncLifetime
    {
        public Issuer Issuer { get; private set; } = null!;

        public RunningServer Server { get; private set; } = null!;

        public LogLines Logs { get; } = new();

        public async Task InitializeAsync()
        {
            Issuer = await Issuer.StartAsync();
            Server = await RunningServer.StartAsync(
                settings: new Dictionary<string, string?>
                {
                    ["Logging:LogLevel:Default"] = "Trace",
                    ["Security:Authority"] = Issuer.Address,
                    ["Security:CustomerIdClaim"] = "member",
                    ["Portal:Oidc:ClientId"] = Issuer.ClientId,
                    ["Portal:Oidc:ClientSecret"] = Issuer.ClientSecret,
                },
                logs: Logs);
            await Server.DeclareAsync();
        }

        public async Task DisposeAsync()
        {
            await Server.DisposeAsync();
            await Issuer.DisposeAsync();
            Logs.Dispose();
        }
    }

    /// <summary>What was logged, at every level.</summary>
    public sealed class LogLines : ILoggerProvider
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose()
        {
            // Nothing is held open.
        }

        private sealed class Logger(LogLines all, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                all.Lines.Enqueue($"{category}: {formatter(state, exception)} {exception}");
        }
    }
}
