using System.Text.RegularExpressions;
using Personalization.Contracts;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>Behind the gateway, where each service is a host of its own, pages ask those they need, and the one of health every one of them.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed partial class PagesBehindTheGatewayTests(SystemFixture<DistributedSystem> fixture) : IClassFixture<SystemFixture<DistributedSystem>>, IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task An_operator_sees_every_service_and_how_deep_its_queues_are()
    {
        var page = await Eventually.Is("the broker was asked for every queue", AskAsync, text => text.Contains($" of {Topology.Subscriptions.Select(known => known.Queue).Distinct().Count()}", StringComparison.Ordinal), Soon);
        foreach (var service in new[] { "Audit log", "Consents", "Profiles", "Recommendations", "Retention and erasure" }) Assert.Contains($"{service} ready", page, StringComparison.Ordinal);
        Assert.Equal(5, Regex.Count(page, "Answered by the instance"));
        Assert.Contains("Consent stream applied up to", page, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Every_page_answers()
    {
        (string Role, string? Customer, string[] Paths)[] pages =
        [
            (Roles.Subject, "somebody", ["/me", "/me/data", "/me/why", "/me/history", "/me/export", "/me/object", "/me/forget"]),
            (Roles.Officer, null,
            [
                "/staff", "/staff/cases", "/staff/balance", "/staff/consents", "/staff/groups", "/staff/audiences", "/staff/events", "/staff/health", "/staff/quarantine", "/staff/objections",
                "/staff/holds", "/staff/holds/new", "/staff/rules", "/staff/rules/edit", "/staff/data-map", "/staff/incidents", "/staff/incidents/new", "/staff/audit",
            ]),
        ];

        foreach (var (role, customer, path) in from page in pages from path in page.Paths select (page.Role, page.Customer, path))
        {
            using var answer = await GetAsync(path, role, customer);
            Assert.True(answer.IsSuccessStatusCode, $"{path} answers {(int)answer.StatusCode}.");
            Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
            Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
    }

    private async Task<string> AskAsync()
    {
        using var answer = await GetAsync("/staff/health", Roles.Operator);
        return Space().Replace(Tag().Replace(await answer.Content.ReadAsStringAsync(), " "), " ");
    }

    private async Task<HttpResponseMessage> GetAsync(string path, string role, string? customer = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", $"personalization-session={fixture.System.TokenFor("ru", role, customer)}");
        request.Headers.AcceptLanguage.ParseAdd("en");
        return await fixture.System.As(role, customer).SendAsync(request);
    }

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
