using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ReplacingRulesTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    [Fact]
    public async Task Rules_are_replaced_told_once_a_change_and_told_again_at_start()
    {
        var (_, first) = await PutAsync(Rule("viewing", 365), Rule("opinion", 30));
        var (_, same) = await PutAsync(Rule("opinion", 30), Rule("viewing", 365));
        var (_, second) = await PutAsync(Rule("viewing", 10));
        await Eventually.Is("both changes were told", () => Task.FromResult(Told()), told => told.SequenceEqual([1, 2]), RetentionApp.Soon);
        await app.RestartAsync();
        await Eventually.Is("the rules in force were told again", () => Task.FromResult(Told()), told => told.SequenceEqual([1, 2, 2]), RetentionApp.Soon);

        Assert.Equal((1, 1, 2), (Version(first), Version(same), Version(second)));
        var read = await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri("/retention-rules", UriKind.Relative));
        Assert.Equal(second.ToJsonString(), read!.ToJsonString());
    }

    [Fact]
    public async Task Rules_that_cannot_be_used_are_refused_with_what_is_wrong()
    {
        var (status, problem) = await PutAsync(Rule("viewing", 0), Rule("viewing", 5));

        Assert.Equal((HttpStatusCode.BadRequest, "urn:personalization:problem:bad-retention-rules"), (status, problem["type"]!.GetValue<string>()));
        Assert.Equal(2, problem["errors"]!.AsArray().Count);
    }

    private static object Rule(string category, int keepDays) => new { purpose = "recommendations", category, keepDays };

    private static long Version(JsonObject answer) => answer["version"]!.GetValue<long>();

    private IEnumerable<long> Told() => app.Around.Rules.Select(rules => rules.Version).Order();

    private async Task<(HttpStatusCode Status, JsonObject Answer)> PutAsync(params object[] rules)
    {
        using var response = await app.As(Roles.Operator).PutAsJsonAsync(new Uri("/retention-rules", UriKind.Relative), new { rules });
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }
}
