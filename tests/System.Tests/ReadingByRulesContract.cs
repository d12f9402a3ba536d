using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

public sealed class ReadingByRulesInOneProcess(SystemFixture<OneProcessSystem> fixture) : ReadingByRulesContract<OneProcessSystem>(fixture);

[RequiresBroker]
[RequiresMongo]
public sealed class ReadingByRulesOnTheBus(SystemFixture<DistributedSystem> fixture) : ReadingByRulesContract<DistributedSystem>(fixture);

/// <summary>One policy, declared in one place, decides in every service what staff are shown; what it decided is in the audit log.</summary>
public abstract class ReadingByRulesContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task What_an_officer_declares_holds_in_every_service_and_its_three_outcomes_are_in_the_log()
    {
        foreach (var path in new[] { "/erasures", "/consents:export", "/recommendations/read-1", "/segments" }) Assert.Equal(HttpStatusCode.OK, (await GetAsync(Roles.Operator, path)).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Roles.Officer, "/consents/read-1")).Status);

        // Operators are shown nothing of people; of consents no rule speaks for officers any more.
        await DeclareAsync(
            [
                .. ReadRules.Standard.Rules.Select(rule => rule.Role switch
                {
                    Roles.Operator => rule with { Access = ReadAccess.Deny },
                    Roles.Officer => rule with { Categories = [.. rule.Categories.Where(category => category != "consent")] },
                    _ => rule,
                }),
            ]);

        foreach (var path in new[] { "/erasures", "/consents:export", "/recommendations/read-1", "/segments" })
            await Eventually.Is($"{path} is denied", async () => (await GetAsync(Roles.Operator, path)).Problem, problem => problem == "read-denied", Within);
        await Eventually.Is("consents are no officer's", async () => (await GetAsync(Roles.Officer, "/consents/read-1")).Problem, problem => problem == "purpose-not-allowed", Within);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Roles.Product, "/consents/read-1")).Status);

        var reads = await Eventually.Is(
            "all three are in the log", ReadsAsync,
            found => new[] { ("erasure-cases", "violation"), ("all-consents", "violation"), ("recommendations", "violation"), ("segments", "violation"), ("consents", "gap"), ("consents", "compliant") }.All(found.Contains),
            Within);
        Assert.Contains(("all-consents", "compliant"), reads);

        await DeclareAsync([.. ReadRules.Standard.Rules]);
        await Eventually.Is("operators read again", async () => (await GetAsync(Roles.Operator, "/erasures")).Status, status => status == HttpStatusCode.OK, Within);
    }

    private async Task DeclareAsync(IReadOnlyList<ReadRule> rules)
    {
        using var answer = await fixture.System.As(Roles.Officer).PutAsJsonAsync(To("/read-rules"), new { rules }, Json.Options);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task<(HttpStatusCode Status, string? Problem)> GetAsync(string role, string path)
    {
        using var answer = await fixture.System.As(role).GetAsync(To(path));
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : ((string?)JsonNode.Parse(text)?["type"])?[Problems.TypePrefix.Length..]);
    }

    private async Task<IReadOnlyList<(string Data, string Compliance)>> ReadsAsync()
    {
        var found = new List<(string, string)>();
        for (long? after = 0; after is not null;)
        {
            var page = (await fixture.System.As(Roles.Auditor).GetFromJsonAsync<JsonNode>(To($"/audit/entries?limit=1000&after={after}")))!;
            found.AddRange(page["items"]!.AsArray().Select(entry => entry!["read"]).OfType<JsonNode>().Select(read => ((string)read["data"]!, (string)read["compliance"]!)));
            after = (long?)page["next"];
        }

        return found;
    }

    private static Uri To(string path) => new(path, UriKind.Relative);
}
