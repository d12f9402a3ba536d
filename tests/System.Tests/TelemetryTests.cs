using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>
/// What ops look at is there: every query of every board and alert is asked of a real Prometheus that the running system feeds. The files themselves are
/// read, so a new panel or alert is covered once it is written.
/// </summary>
[RequiresBroker]
[RequiresMongo]
[RequiresPrometheus]
public sealed partial class TelemetryTests(SystemFixture<DistributedSystem> fixture) : IClassFixture<SystemFixture<DistributedSystem>>, IAsyncLifetime
{
    private const string FailingQueue = "close-profile-gate-on-consent-revoked";
    private static readonly string Root = RootOf(AppContext.BaseDirectory);
    private static readonly string Alerts = Path.Combine(Root, "deploy", "grafana", "alerts.yaml");

    // Prometheus has to have seen a count before it rises, so some of what happens has to happen again.
    private static readonly TimeSpan Seen = TimeSpan.FromSeconds(90);
    private static readonly HttpClient Http = new();
    private static Task<Uri>? prometheus;

    private DistributedSystem System => fixture.System;

    public async Task InitializeAsync()
    {
        System.Metrics.Open();
        await fixture.OpenAsync();
        await (prometheus ??= PrometheusServer.StartAsync(System.Metrics.Address!, Alerts));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task Every_query_of_every_board_and_alert_returns_data_and_every_alert_is_evaluated()
    {
        var panels = Directory.GetFiles(Path.Combine(Root, "deploy", "grafana", "dashboards"), "*.json").Order(StringComparer.Ordinal)
            .SelectMany(file => JsonNode.Parse(File.ReadAllText(file))!["panels"]!.AsArray().Select(panel => (Board: Path.GetFileName(file), Panel: panel!))).ToArray();
        var rules = await RulesAsync();
        var queries = panels
            .SelectMany(of => of.Panel["targets"]!.AsArray().Select(target => (Of: $"{of.Board}, {of.Panel["title"]}", Query: (string)target!["expr"]!)))
            .Concat(rules.Select(rule => (Of: $"alert {rule["name"]}", Query: BeforeThreshold((string)rule["query"]!))))
            .ToDictionary(pair => $"{pair.Of}: {pair.Query}", pair => pair.Query);
        Assert.NotEmpty(panels);
        Assert.All(panels, of => Assert.True(((string?)of.Panel["description"])?.Length > 40, $"{of.Board}, {of.Panel["title"]} doesn't say what to do."));

        var silent = new HashSet<string>(queries.Keys);
        await Eventually.Is("every query returns data", async () =>
        {
            await LiveAsync();
            foreach (var asked in silent.ToArray())
            {
                if (await ReturnsDataAsync(queries[asked])) silent.Remove(asked);
            }

            return string.Join('\n', silent.Order(StringComparer.Ordinal));
        }, none => none.Length == 0, Seen);

        // With the threshold too, and the one for which there was a reason went off.
        var evaluated = await Eventually.Is(
            "every alert is evaluated, and the failed message alarms", RulesAsync,
            all => all.All(rule => (string)rule["health"]! == "ok") && all.Any(rule => (string)rule["name"]! == "MessageFailed" && (string)rule["state"]! == "firing"), Seen);
        Assert.Equal("inactive", (string)evaluated.Single(rule => (string)rule["name"]! == "ErasureOverdue")["state"]!);
    }

    [ContractFact]
    public async Task Every_alert_says_what_is_wrong_and_leads_to_what_to_do()
    {
        var anchors = Heading().Matches(await File.ReadAllTextAsync(Path.Combine(Root, "docs", "operations.md")))
            .Select(heading => "docs/operations.md#" + NotInAnchor().Replace(heading.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-')).ToHashSet();
        var rules = await RulesAsync();

        Assert.All(rules, rule =>
        {
            var annotations = rule["annotations"]!;
            Assert.False(string.IsNullOrEmpty((string?)annotations["summary"]) || string.IsNullOrEmpty((string?)annotations["description"]), $"{rule["name"]} says too little.");
            Assert.Contains((string)annotations["runbook_url"]!, anchors);
        });
        Assert.Equal(["P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8"], rules.Select(rule => (string?)rule["labels"]!["promise"]).OfType<string>().Distinct().Order(StringComparer.Ordinal));
    }

    [ContractFact]
    public async Task A_query_for_what_nobody_measures_would_be_noticed() => Assert.False(await ReturnsDataAsync("sum(personalization_gate_duration)"));

    /// <summary>Something of everything that is measured.</summary>
    private async Task LiveAsync()
    {
        var cinema = fixture.Cinema;
        var customer = string.Create(CultureInfo.InvariantCulture, $"seen-{Guid.NewGuid():N}");
        await cinema.GrantAsync(customer, "recommendations");
        await cinema.PublishAsync(customer, "f1", rating: 5);
        await cinema.PublishAsync("nobody-who-consented", "f1");
        await PublishAsync(customer, "f2", new { filmId = "f2", rating = 5, unheardOf = true });
        await PublishAsync($"{customer}@example.org", "f2", new { filmId = "f2" });
        await cinema.UntilPersonalizedAsync("viewer-1");
        await SendUnsignedAsync();
        var (_, revoked) = await cinema.RevokeAsync(customer);
        await cinema.UntilCompletedAsync(revoked["caseId"]!.GetValue<string>());
        await cinema.RecommendAsync(customer);
    }

    private async Task PublishAsync(string subject, string film, object data)
    {
        using var content = Cinema.Json(new { specversion = "1.0", id = $"{subject}-{film}", source = "/cinema", type = "film.rated", subject, time = TimeProvider.System.GetUtcNow(), data });
        content.Headers.ContentType = new("application/cloudevents+json");
        using var response = await System.As(Roles.Product).PostAsync(new Uri("/events", UriKind.Relative), content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    /// <summary>What nobody signed ends in an error queue.</summary>
    private async Task SendUnsignedAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = System.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var body = """{"messageType":["urn:message:Personalization.Contracts.Consent:ConsentRevoked"],"message":{"nothing":"of it"}}""";
        await channel.BasicPublishAsync("", FailingQueue, mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" }, Encoding.UTF8.GetBytes(body));
    }

    private async Task<IReadOnlyList<JsonNode>> RulesAsync()
    {
        var answer = JsonNode.Parse(await Http.GetStringAsync(new Uri(await prometheus!, "/api/v1/rules")))!;
        JsonNode[] rules = [.. answer["data"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).OfType<JsonNode>()];
        Assert.NotEmpty(rules);
        return rules;
    }

    private async Task<bool> ReturnsDataAsync(string query)
    {
        // As Grafana fills them in, only shorter.
        var filled = query.Replace("$__rate_interval", "30s", StringComparison.Ordinal).Replace("$__range", "1m", StringComparison.Ordinal);
        using var response = await Http.GetAsync(new Uri(await prometheus!, $"/api/v1/query?query={Uri.EscapeDataString(filled)}"));
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True((string)answer["status"]! == "success", $"{query}: {answer["error"]}");
        return answer["data"]!["result"]!.AsArray().Any(series => (string)series!["value"]![1]! != "NaN");
    }

    private static string BeforeThreshold(string query)
    {
        var threshold = Threshold().Match(query);
        Assert.True(threshold.Success, $"This alert doesn't end with a comparison to a number: {query}");
        return query[..threshold.Index];
    }

    private static string RootOf(string folder) => File.Exists(Path.Combine(folder, "Personalization.sln")) ? folder : RootOf(Path.GetDirectoryName(folder)!);

    [GeneratedRegex(@"\s(>|<|>=|<=|==|!=)\s[0-9.]+$")]
    private static partial Regex Threshold();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^a-z0-9 \-_]")]
    private static partial Regex NotInAnchor();
}
