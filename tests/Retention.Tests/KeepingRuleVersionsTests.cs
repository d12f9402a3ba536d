using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class KeepingRuleVersionsTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    [Fact]
    public async Task Every_version_stays_readable_with_who_made_it_when_and_why()
    {
        var before = TimeProvider.System.GetUtcNow();
        var (_, first) = await app.ReplaceRulesAsync("The first rules.", RetentionApp.Rule("viewing", 100), RetentionApp.Rule("opinion", 100, "152-FZ art. 21"));
        var (_, second) = await app.ReplaceRulesAsync("The officer asked for less.", RetentionApp.Rule("viewing", 50), RetentionApp.Rule("opinion", 100, "152-FZ art. 21"));
        var listed = await GetAsync("/retention-rules/versions?limit=1");
        var next = await GetAsync($"/retention-rules/versions?limit=1&after={listed["next"]}");

        Assert.Equal("152-FZ art. 21", (string?)first["rules"]![0]!["legalBasis"]);
        Assert.Equal(("operator", "The first rules."), ((string?)first["change"]!["role"], (string?)first["change"]!["reason"]));
        Assert.InRange(first["change"]!["at"]!.GetValue<DateTimeOffset>(), before, TimeProvider.System.GetUtcNow());
        Assert.NotEqual("operator", (string?)first["change"]!["by"]);
        Assert.Equal(first.ToJsonString(), (await GetAsync($"/retention-rules?version={first["version"]}")).ToJsonString());
        Assert.Equal(second.ToJsonString(), Assert.Single(listed["items"]!.AsArray())!.ToJsonString());
        Assert.Equal(first.ToJsonString(), Assert.Single(next["items"]!.AsArray())!.ToJsonString());
        using var unknown = await app.As(Roles.Officer).GetAsync(new Uri("/retention-rules?version=9999", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private async Task<JsonObject> GetAsync(string path) => (await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri(path, UriKind.Relative)))!;
}
