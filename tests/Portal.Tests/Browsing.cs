using Microsoft.Playwright;
using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>The server and the browser that most tests share.</summary>
public sealed class Browsing : IAsyncLifetime
{
    /// <summary>The tests that share it.</summary>
    public const string Collection = "browsing";

    private IPlaywright? playwright;
    private IBrowser? browser;
    private bool isFilled;

    public RunningServer Server { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        await Server.DeclareAsync();
        if (Chromium.Path is null) return;
        playwright = await Playwright.CreateAsync();
        // The sandbox needs what containers don't grant; the pages are our own.
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"] });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null) await browser.DisposeAsync();
        playwright?.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>Some people who liked the same films, so that there is something to recommend: <c>viewer-0</c> and on. Once for all tests.</summary>
    public async Task FillAsync()
    {
        if (isFilled) return;
        isFilled = true;
        string[] films = ["1", "2", "3", "4", "5", "6", "7", "8"];
        for (var viewer = 0; viewer < 8; viewer++)
        {
            var customer = $"viewer-{viewer.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
            foreach (var purpose in new[] { "recommendations", "service-improvement" }) await Server.GrantAsync(customer, purpose);
            await Server.PublishAsync(customer, [.. films.Where((_, index) => (index + viewer) % 4 != 0)]);
        }
    }

    /// <summary>A browser that knows nothing yet.</summary>
    public async Task<Visit> OpenAsync(string language, RunningServer? server = null, bool scripts = true)
    {
        var context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = (server ?? Server).Address.ToString(),
            Locale = language == "ru" ? "ru-RU" : "en-GB",
            JavaScriptEnabled = scripts,
            ReducedMotion = ReducedMotion.Reduce,
        });

        // Apart from the context's: what a page shows is awaited for five seconds unless told otherwise.
        Assertions.SetDefaultExpectTimeout((float)RunningServer.Soon.TotalMilliseconds);
        context.SetDefaultTimeout((float)RunningServer.Soon.TotalMilliseconds);
        return await Visit.BeginAsync(context, (server ?? Server).Address, language);
    }

    /// <summary>One in which somebody has signed in by a link.</summary>
    public async Task<Visit> OpenAsync(string language, string role, string? customer = null, RunningServer? server = null, bool scripts = true)
    {
        var visit = await OpenAsync(language, server, scripts);
        await visit.Page.GotoAsync($"/sign-in?token={(server ?? Server).Token(role, customer)}");
        return visit;
    }
}

/// <summary>Names the collection.</summary>
[CollectionDefinition(Browsing.Collection)]
public sealed class BrowsingDefinition : ICollectionFixture<Browsing>;
