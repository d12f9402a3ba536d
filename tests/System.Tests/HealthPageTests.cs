using System.Text.RegularExpressions;
using Personalization.Contracts;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>Behind the gateway, where each service is a host of its own, the page asks every one of them.</summary>
[RequiresBroker]
[RequiresMongo]
public sealed partial class HealthPageTests(SystemFixture<DistributedSystem> fixture) : IClassFixture<SystemFixture<DistributedSystem>>, IAsyncLifetime
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

    private async Task<string> AskAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/staff/health");
        request.Headers.Add("Cookie", $"personalization-session={fixture.System.TokenFor("ru", Roles.Operator)}");
        request.Headers.AcceptLanguage.ParseAdd("en");
        using var answer = await fixture.System.As(Roles.Operator).SendAsync(request);
        return Space().Replace(Tag().Replace(await answer.Content.ReadAsStringAsync(), " "), " ");
    }

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
