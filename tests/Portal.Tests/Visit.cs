using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>Somebody's browser. What goes wrong in it on the way is noticed: an error on the console, a violated policy, a request to somebody else.</summary>
public sealed class Visit : IAsyncDisposable
{
    private static readonly (string Name, int Width, int Height)[] Devices = [("phone", 360, 780), ("desktop", 1280, 860)];
    private static readonly string Screenshots = Path.Combine(RunningServer.Root(), "artifacts", "screenshots");

    private readonly IBrowserContext context;
    private readonly string language;
    private readonly ConcurrentQueue<string> wrongs = [];
    private readonly HashSet<string> allowed = [];
    private string? expected;

    private Visit(IBrowserContext context, IPage page, string language) => (this.context, Page, this.language) = (context, page, language);

    public IPage Page { get; }

    public static async Task<Visit> BeginAsync(IBrowserContext context, Uri address, string language)
    {
        var page = await context.NewPageAsync();
        var visit = new Visit(context, page, language);
        // A refused policy is said on the console too.
        page.Console += (_, message) =>
        {
            if (message.Type is not ("error" or "warning")) return;
            if (visit.expected is { } status && message.Text.Contains(status, StringComparison.Ordinal)) visit.expected = null;
            else visit.wrongs.Enqueue($"console: {message.Text}");
        };
        page.PageError += (_, error) => visit.wrongs.Enqueue($"script: {error}");
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: not "data" } asked && asked.Authority != address.Authority && !visit.allowed.Contains(asked.Authority)) visit.wrongs.Enqueue($"request to {asked.Authority}");
        };
        return visit;
    }

    /// <summary>Looks at the page as it is on phone and desktop, in light and in dark: axe finds nothing, nothing is cut off, and a picture is kept.</summary>
    public async Task LookAsync(string name)
    {
        Directory.CreateDirectory(Screenshots);
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            foreach (var device in Devices)
            {
                await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
                await Page.SetViewportSizeAsync(device.Width, device.Height);
                await Page.EvaluateAsync("() => scrollTo(0, 0)");
                var picture = $"{name}-{language}-{device.Name}-{scheme.ToString().ToLowerInvariant()}";
                await Page.ScreenshotAsync(new PageScreenshotOptions { FullPage = true, Path = Path.Combine(Screenshots, $"{picture}.png") });
                var found = await Page.RunAxe();
                Assert.True(found.Violations.Length == 0, $"{picture}: {string.Join("\n", found.Violations.Select(violation => $"{violation.Id}: {violation.Help} {string.Join(" | ", violation.Nodes.Select(node => node.Html))}"))}");
                var width = await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
                Assert.True(width <= device.Width, $"{picture}: {width} pixels wide");
            }

        Assert.Equal(language, await Page.Locator("html").GetAttributeAsync("lang"));
        Assert.Empty(wrongs);
    }

    /// <summary>Asks for a page that is refused: the browser says so on its console, and only that is expected.</summary>
    public async Task<IResponse> RefusedAsync(string path)
    {
        var answer = await Page.GotoAsync(path);
        Assert.True(wrongs.TryDequeue(out var said) && said.Contains("403", StringComparison.Ordinal), said);
        return answer!;
    }

    /// <summary>The way leads there too.</summary>
    public void Allow(Uri address) => allowed.Add(address.Authority);

    /// <summary>The next answer is refused with this status: the browser says so on its console, once.</summary>
    public void Expects(string status) => expected = status;

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Switch(string name) => Page.GetByRole(AriaRole.Switch, new() { Name = name, Exact = true });

    /// <summary>Sends a form with a text that is too long, past the browser's own check: it is refused in these words, and the text is still there.</summary>
    public async Task RefusesToLoseAsync(string field, string send, string refused)
    {
        var written = new string('x', 4001);
        await Page.Locator(field).EvaluateAsync("field => field.removeAttribute('maxlength')");
        await Page.Locator(field).FillAsync(written);
        Expects("400");
        await Button(send).ClickAsync();
        await SeesAsync(refused);
        Assert.Equal(written, await Page.Locator(field).InputValueAsync());
    }

    /// <summary>Waits until a text is to be seen.</summary>
    public Task SeesAsync(string text) => Page.GetByText(text).First.WaitForAsync();

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        Assert.Empty(wrongs);
    }
}
