using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ReplacingRulesTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    [Fact]
    public async Task Rules_are_replaced_told_once_a_change_and_told_again_at_start()
    {
        var (_, first) = await PutAsync(RetentionApp.Rule("viewing", 365), RetentionApp.Rule("opinion", 30));
        var (_, same) = await PutAsync(RetentionApp.Rule("opinion", 30), RetentionApp.Rule("viewing", 365));
        var (_, second) = await PutAsync(RetentionApp.Rule("viewing", 10), RetentionApp.Rule("opinion", 30));
        await Eventually.Is("both changes were told", () => Task.FromResult(Told()), told => told == "1 2", RetentionApp.Soon);

        // What was sent but is still in the outbox would be sent again.
        await Eventually.Is("nothing waits to be sent", () => app.Module("retention").OpenSession().CountAsync<OutboxEntry>("created"), waiting => waiting == 0, RetentionApp.Soon);
        await app.RestartAsync();
        await Eventually.Is("the rules in force were told again", () => Task.FromResult(Told()), told => told == "1 2 2", RetentionApp.Soon);

        Assert.Equal((1, 1, 2), (Version(first), Version(same), Version(second)));
        var read = await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri("/retention-rules", UriKind.Relative));
        Assert.Equal(second.ToJsonString(), read!.ToJsonString());
    }

    [Fact]
    public async Task A_person_reads_how_long_data_is_kept_and_not_who_of_the_staff_decided_so()
    {
        var (_, replaced) = await PutAsync(RetentionApp.Rule("viewing", 365), RetentionApp.Rule("opinion", 30));

        var read = await app.As(Roles.Subject, "somebody").GetFromJsonAsync<JsonObject>(new Uri("/retention-rules", UriKind.Relative));

        Assert.NotNull(replaced["change"]);
        Assert.Equal((replaced["rules"]!.ToJsonString(), false), (read!["rules"]!.ToJsonString(), read.ContainsKey("change")));
    }

    [Fact]
    public async Task Rules_without_a_reason_or_apart_from_what_people_are_asked_for_are_refused()
    {
        var (unreasoned, _) = await app.ReplaceRulesAsync(" ", RetentionApp.Rule("viewing", 5), RetentionApp.Rule("opinion", 5));
        var (incomplete, problem) = await PutAsync(RetentionApp.Rule("viewing", 5), RetentionApp.Rule("shoes", 5));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (unreasoned, incomplete));
        Assert.Equal(
            ["rules[1]: no purpose asks for that category.", "There is no rule for purpose 'recommendations' and category 'opinion'."],
            problem["errors"]!.AsArray().Select(error => (string?)error));
    }

    [Fact]
    public async Task A_preview_asks_the_participants_and_changes_nothing()
    {
        var before = await app.As(Roles.Officer).GetStringAsync(new Uri("/retention-rules", UriKind.Relative));
        using var response = await app.As(Roles.Operator).PostAsJsonAsync(new Uri("/retention-rules/preview", UriKind.Relative), new { rules = new[] { RetentionApp.Rule("opinion", 5), RetentionApp.Rule("viewing", 5) } });
        using var refused = await app.As(Roles.Operator).PostAsJsonAsync(new Uri("/retention-rules/preview", UriKind.Relative), new { rules = new[] { RetentionApp.Rule("opinion", 5) } });

        Assert.Equal("""{"services":{"profile":{"counts":[{"category":"opinion","people":40}],"lookedAt":7}}}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(before, await app.As(Roles.Officer).GetStringAsync(new Uri("/retention-rules", UriKind.Relative)));
    }

    [Fact]
    public async Task Rules_that_cannot_be_used_are_refused_with_what_is_wrong()
    {
        var (status, problem) = await PutAsync(RetentionApp.Rule("viewing", 0), RetentionApp.Rule("viewing", 5));

        Assert.Equal((HttpStatusCode.BadRequest, "urn:personalization:problem:bad-retention-rules"), (status, problem["type"]!.GetValue<string>()));
        Assert.Equal(2, problem["errors"]!.AsArray().Count);
    }

    private static long Version(JsonObject answer) => answer["version"]!.GetValue<long>();

    private string Told() => string.Join(' ', app.Around.Rules.Select(rules => rules.Version).Order());

    private Task<(HttpStatusCode Status, JsonObject Answer)> PutAsync(params object[] rules) => app.ReplaceRulesAsync("A test.", rules);
}
