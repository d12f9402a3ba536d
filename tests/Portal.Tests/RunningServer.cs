using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Audit;
using Personalization.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Profile;
using Personalization.Profile.Features;
using Personalization.Recommendation;
using Personalization.Retention;
using Personalization.Testing;
using Xunit;

namespace Personalization.Portal.Tests;

/// <summary>All services in one process, as <c>./dev run</c> starts them, with the demo's declarations.</summary>
public sealed partial class RunningServer : IAsyncDisposable
{
    /// <summary>How long anything may take that takes moments on an idle machine.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    private readonly string directory = Directory.CreateTempSubdirectory("personalization-portal-").FullName;
    private readonly IReadOnlyDictionary<string, string?> settings;
    private readonly string environment;
    private WebApplication? app;

    private readonly ILoggerProvider? logs;
    private readonly TimeProvider time;
    private readonly string? without;

    private RunningServer(string environment, IReadOnlyDictionary<string, string?> settings, ILoggerProvider? logs, TimeProvider time, string? without) =>
        (this.environment, this.settings, this.logs, this.time, this.without) = (environment, settings, logs, time, without);

    public Uri Address => new(app!.Urls.First());

    public static async Task<RunningServer> StartAsync(
        string? environment = null, IReadOnlyDictionary<string, string?>? settings = null, ILoggerProvider? logs = null, TimeProvider? time = null, string? without = null)
    {
        var server = new RunningServer(environment ?? Environments.Development, settings ?? new Dictionary<string, string?>(), logs, time ?? TimeProvider.System, without);
        await server.DetachedAsync();
        using var http = new HttpClient { BaseAddress = server.Address };
        await Eventually.Is("the server is ready", async () => (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, Soon);
        return server;
    }

    /// <summary>Applies the demo's declarations, and waits until events can be stored by them.</summary>
    public async Task DeclareAsync()
    {
        var applied = await CommandLine.RunAsync(
            2 * Soon, AppContext.BaseDirectory, new Dictionary<string, string?>(),
            "dotnet", "personalization.dll", "apply", Path.Combine(Root(), "deploy", "samples", "cinema.json"), "--url", Address.ToString(), "--keys", Path.Combine(directory, "keys"));
        Assert.True(applied.ExitCode == 0, applied.LastLines);
    }

    /// <summary>The repository: the sources are beside the tests, wherever those run from.</summary>
    public static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Personalization.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    public string Token(string role, string? customer = null)
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(directory, "keys", "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru", ["sub"] = customer ?? role };
        if (customer is not null) claims["customer_id"] = customer;
        return issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromHours(1), claims);
    }

    public HttpClient As(string role, string? customer = null) =>
        new() { BaseAddress = Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Token(role, customer)) } };

    public async Task<JsonNode> GetAsync(string path, string role = Roles.Officer)
    {
        using var http = As(role);
        return (await http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!;
    }

    /// <summary>What an English page says to somebody, in one line.</summary>
    public async Task<string> PageAsync(string path, string role, string? customer = null) =>
        Space().Replace(WebUtility.HtmlDecode(Tag().Replace(await MarkupAsync(path, role, customer), " ")), " ");

    /// <summary>The same page as it is sent.</summary>
    public async Task<string> MarkupAsync(string path, string role, string? customer = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", $"personalization-session={Token(role, customer)}");
        request.Headers.AcceptLanguage.ParseAdd("en");
        using var answer = await http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Somebody sends a form of ours; a redirection isn't followed.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string path, string role, params (string Name, string Value)[] fields)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };
        request.Headers.Add("Cookie", $"personalization-session={Token(role)}");
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return await http.SendAsync(request);
    }

    /// <summary>The categories of a purpose that a customer permits, by the API's word.</summary>
    public async Task<string> GrantedAsync(string customer, string purpose)
    {
        var consents = await GetAsync($"/consents/{customer}", Roles.Product);
        var categories = consents["purposes"]!.AsArray().Single(entry => (string)entry!["purpose"]! == purpose)!["categories"]!.AsArray();
        return string.Join(",", categories.Where(category => (string?)category!["decision"] == "granted").Select(category => (string)category!["category"]!));
    }

    /// <summary>A product service passes a grant on; returns when it is in force.</summary>
    public async Task GrantAsync(string customer, string purpose)
    {
        using var product = As(Roles.Product);
        using var current = await product.GetAsync(new Uri($"/consents/{customer}", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/consents/{customer}/{purpose}") { Content = JsonContent.Create(new { decision = "granted", noticeVersion = 1, language = "en", channel = "web" }) };
        request.Headers.IfMatch.Add(current.Headers.ETag!);
        (await product.SendAsync(request)).EnsureSuccessStatusCode();
        await Eventually.Is("the grant is in force", async () => (string)(await GetAsync($"/consents/{customer}", Roles.Product))["inForce"]!["state"]! == "yes", Soon);
    }

    /// <summary>A customer rated films.</summary>
    public async Task PublishAsync(string customer, params string[] films)
    {
        using var product = As(Roles.Product);
        using var content = JsonContent.Create(films.Select(film => new
        {
            specversion = "1.0",
            id = $"{customer}-{film}",
            source = "/cinema",
            type = "film.rated",
            subject = customer,
            time = TimeProvider.System.GetUtcNow(),
            data = new { filmId = film, rating = 4.5 },
        }), new MediaTypeHeaderValue("application/cloudevents-batch+json"));
        using var answer = await product.PostAsync(new Uri("/events", UriKind.Relative), content);
        var told = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode && JsonNode.Parse(told)!["refused"]!.AsArray().Count == 0, told);
    }

    /// <summary>Something comes by the bus that is no event.</summary>
    public Task QuarantineAsync(string body) =>
        app!.Services.GetRequiredService<QuarantineMessages>().TakeAsync(System.Text.Encoding.UTF8.GetBytes(body), "not-an-object", CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (app is not null) await app.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    // Apart from the test's async flow: MassTransit keeps its log context in it.
    private Task DetachedAsync()
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(StartAsync);
    }

    private async Task StartAsync()
    {
        IModule[] modules = [new AuditModule(), new ConsentModule(), new PortalModule(), new ProfileModule(), new RecommendationModule(), new RetentionModule()];
        app = ServiceHost.Create(
            [], [.. modules.Where(module => module.Name != without)], builder =>
            {
                builder.Environment.EnvironmentName = environment;
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["Data:Directory"] = directory,
                    ["Recommendation:MinSupport"] = "2",
                    ["Logging:LogLevel:Default"] = "None",
                });
                builder.Configuration.AddInMemoryCollection(settings);
                builder.Services.AddSingleton(time);
                if (logs is not null) builder.Logging.AddProvider(logs);
            });
        await app.StartAsync();
    }
}
