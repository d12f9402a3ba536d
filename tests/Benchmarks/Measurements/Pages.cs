using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Platform.Http;

namespace Personalization.Benchmarks.Measurements;

/// <summary>How soon the portal's pages begin to arrive, in turn with an empty endpoint of the same host, and how much a browser loads with them.</summary>
internal sealed partial class Pages : IMeasurement
{
    private const string Person = "reader";
    private const int Requests = 100;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private static readonly (string Path, string? Role)[] Measured =
    [
        ("/", null),
        .. new[] { "/me", "/me/data", "/me/why", "/me/history", "/me/export", "/me/object", "/me/forget" }.Select(path => (path, (string?)Roles.Subject)),
        .. new[] { "/staff", "/staff/cases", "/staff/objections", "/staff/holds", "/staff/incidents", "/staff/consents", "/staff/groups", "/staff/audiences" }.Select(path => (path, (string?)Roles.Officer)),
        .. new[] { "/staff/events", "/staff/rules", "/staff/balance", "/staff/data-map", "/staff/audit" }.Select(path => (path, (string?)Roles.Officer)),
        .. new[] { "/staff/cases/order", "/staff/holds/new", "/staff/incidents/new", "/staff/rules/edit" }.Select(path => (path, (string?)Roles.Officer)),
        .. new[] { "/staff/health", "/staff/quarantine" }.Select(path => (path, (string?)Roles.Operator)),
    ];

    public string Name => "portal";

    public string What => "time to the first byte of each page, and of an empty endpoint; size of style and script";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using var system = await Deployment.InOneProcessAsync(new BareEndpoints(() => null));
        var customers = system.Customers;
        await customers.GrantAsync([Person], cancellationToken);
        await customers.PublishAsync(Enumerable.Range(1, 40).Select(film => Customers.Event(Person, $"p-{film}", film, 4)), cancellationToken);
        await system.SettleAsync(cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = system.Address };
        await ShowAssetsAsync(http, cancellationToken);

        var empty = new Side("empty endpoint", BareEndpoints.Empty, null);
        var pages = Measured.Select(page => new Side(
            page.Path, page.Path, page.Role is { } role ? $"personalization-session={(role == Roles.Subject ? customers.TokenOf(Person) : customers.Token(role))}" : null)).ToArray();
        Side[] sides = [empty, .. pages];
        await Bench.WarmUpAsync(WarmUp, [.. sides.Select(side => (Func<Task>)(() => side.AskAsync(http, 10, cancellationToken)))]);
        await bench.AlternateAsync([.. sides.Select(side => (Func<Task>)(() => side.RunAsync(http, cancellationToken)))]);
        Bench.Show(empty.FirstByte);
        foreach (var page in pages) Bench.Show(page.FirstByte, over: empty.FirstByte);
    }

    private static async Task ShowAssetsAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var first = await http.GetStringAsync(new Uri("/", UriKind.Relative), cancellationToken);
        foreach (Match asset in Asset().Matches(first))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, asset.Value);
            request.Headers.AcceptEncoding.ParseAdd("br");
            using var answer = await http.SendAsync(request, cancellationToken);
            var content = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            Bench.Show($"{asset.Value.Split('/')[^1]}: {content.Length:N0} bytes compressed");
        }
    }

    [GeneratedRegex("/assets/[^\"]+")]
    private static partial Regex Asset();

    private sealed class Side(string name, string path, string? cookie)
    {
        public Figure FirstByte { get; } = new($"first byte, p50: {name}", "ms");

        public async Task RunAsync(HttpClient http, CancellationToken cancellationToken) =>
            FirstByte.Add(Figure.Percentile(await AskAsync(http, Requests, cancellationToken), 50));

        public async Task<IReadOnlyCollection<double>> AskAsync(HttpClient http, int times, CancellationToken cancellationToken)
        {
            var taken = new List<double>();
            for (var i = 0; i < times; i++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                if (cookie is not null) request.Headers.Add("Cookie", cookie);
                var asked = Stopwatch.GetTimestamp();
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                taken.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                if (answer.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{path} answered {(int)answer.StatusCode}.");
                await answer.Content.CopyToAsync(Stream.Null, cancellationToken);
            }

            return taken;
        }
    }
}
