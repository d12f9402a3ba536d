using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Every decision that isn't recorded, by its problem's stable type.</summary>
public sealed class RefusingDecisionsTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Theory]
    [InlineData("no-such-purpose", "{}", 404, "unknown-purpose")]
    [InlineData("decided", "{\"noticeVersion\":2}", 409, "stale-notice")]
    [InlineData("decided", "{\"noticeVersion\":0}", 409, "stale-notice")]
    [InlineData("decided", "{\"decidedAt\":\"2999-01-01T00:00:00Z\"}", 400, "future-time")]
    [InlineData("decided", "{\"purposes\":[\"decided\",\"other\"]}", 400, "bundled-consent")]
    [InlineData("decided", "{\"language\":\"fr\"}", 400, "unknown-language")]
    [InlineData("decided", "{\"channel\":\"my phone, number 5\"}", 400, "bad-channel")]
    [InlineData("decided", "{\"categories\":[]}", 400, "no-categories")]
    [InlineData("decided", "{\"categories\":[\"location\"]}", 400, "unknown-category")]
    [InlineData("decided", "{\"decision\":\"denied\",\"categories\":[\"viewing\"]}", 400, "unexpected-categories")]
    [InlineData("decided", "{\"decision\":\"revoked\"}", 400, "bad-decision")]
    [InlineData("decided", "{\"decision\":\"expired\"}", 400, "bad-decision")]
    [InlineData("decided", "{\"decision\":\"perhaps\"}", 400, "malformed-request")]
    [InlineData("decided", "{\"decidedAt\":null}", 428, "decision-basis-required")]
    [InlineData("needed", "{}", 409, "not-consent-based")]
    public async Task A_decision_that_breaks_a_rule_is_refused_and_nothing_is_recorded(string purpose, string more, int status, string slug)
    {
        await app.DeclareAsync("decided");
        await app.DeclareAsync("needed", new { lawfulBasis = "contract", isConditionOfService = true, type = "service" });

        var (answered, problem) = await app.GrantAsync("refused", purpose, more: JsonNode.Parse(more));

        Assert.Equal((status, slug), ((int)answered, ConsentApp.Slug(problem)));
        Assert.Equal(0, (long)(await app.ConsentsAsync("refused"))["version"]!);
    }

    [Fact]
    public async Task Several_purposes_at_once_are_refused_at_the_door_where_one_would_look_for_it()
    {
        var (status, problem) = await app.SendAsync(Roles.Product, HttpMethod.Put, "/consents/bundler", new { purposes = new[] { "a", "b" }, decision = "granted" });

        Assert.Equal((HttpStatusCode.BadRequest, "bundled-consent"), (status, ConsentApp.Slug(problem)));
    }

    [Fact]
    public async Task A_customer_id_that_looks_like_an_address_is_refused_and_not_repeated()
    {
        await app.DeclareAsync("decided");

        var (status, problem) = await app.GrantAsync("anna%40example.com", "decided");

        Assert.Equal((HttpStatusCode.BadRequest, "bad-customer-id"), (status, ConsentApp.Slug(problem)));
        Assert.DoesNotContain("anna", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_decides_only_for_themselves()
    {
        await app.DeclareAsync("decided");
        var body = new { decision = "granted", noticeVersion = 1, language = "en", channel = "web", decidedAt = app.Clock.GetUtcNow() };

        var (others, problem) = await app.SendAsync(Roles.Subject, HttpMethod.Put, "/consents/somebody-else/decided", body, customerId: "myself");
        var (revoked, _) = await app.SendAsync(Roles.Subject, HttpMethod.Delete, "/consents/somebody-else/decided", customerId: "myself");
        var (read, _) = await app.SendAsync(Roles.Subject, HttpMethod.Get, "/consents/somebody-else", customerId: "myself");
        var (own, _) = await app.SendAsync(Roles.Subject, HttpMethod.Put, "/consents/myself/decided", body, customerId: "myself");

        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (others, ConsentApp.Slug(problem)));
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK), (revoked, read, own));
    }

    [Theory]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Auditor)]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Officer)]
    [InlineData(Roles.Service)]
    public async Task Staff_decides_for_nobody(string role)
    {
        var (status, _) = await app.SendAsync(role, HttpMethod.Put, "/consents/anna/decided", new { decision = "granted", noticeVersion = 1, language = "en", channel = "web" });

        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    [Theory]
    [InlineData("eu")]
    [InlineData(null)]
    public async Task A_caller_of_another_region_or_of_none_is_refused(string? region)
    {
        using var elsewhere = app.As(Roles.Product, region: region);

        using var answer = await elsewhere.GetAsync(new Uri("/consents/anna", UriKind.Relative));

        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        Assert.Contains("wrong-region", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_made_before_a_revocation_and_delivered_after_it_changes_nothing()
    {
        await app.DeclareAsync("late");
        using var client = app.As(Roles.Product);
        using var seen = await client.GetAsync(new Uri("/consents/slow", UriKind.Relative));
        var tag = seen.Headers.ETag!.ToString();
        var before = app.Clock.GetUtcNow();
        await app.GrantAsync("slow", "late");
        await app.RevokeAsync("slow", "late");
        var history = (await app.HistoryAsync("slow")).Length;

        var (byTag, problem) = await app.SendAsync(
            Roles.Product, HttpMethod.Put, "/consents/slow/late", new { decision = "granted", noticeVersion = 1, language = "en", channel = "web" }, headers: ("If-Match", tag));
        var (byTime, _) = await app.GrantAsync("slow", "late", more: new { decidedAt = before });

        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale-decision"), (byTag, ConsentApp.Slug(problem)));
        Assert.Equal(HttpStatusCode.PreconditionFailed, byTime);
        Assert.Equal("revoked", (string?)(await app.PurposeAsync("slow", "late"))["categories"]![0]!["decision"]);
        Assert.Equal(history, (await app.HistoryAsync("slow")).Length);
    }

    [Theory]
    [InlineData("\"*\"")]
    [InlineData("*")]
    [InlineData("\"djk5OQ\"")]
    [InlineData("W/\"djA\"")]
    public async Task A_tag_that_was_never_given_out_is_no_basis(string tag)
    {
        await app.DeclareAsync("tagged");

        var (status, _) = await app.SendAsync(
            Roles.Product, HttpMethod.Put, "/consents/tagger/tagged", new { decision = "granted", noticeVersion = 1, language = "en", channel = "web" }, headers: ("If-Match", tag));

        Assert.Equal(HttpStatusCode.PreconditionFailed, status);
    }

    [Fact]
    public async Task Nothing_about_device_or_network_is_taken()
    {
        await app.DeclareAsync("decided");

        await app.GrantAsync("device", "decided", more: new { userAgent = "Mozilla/5.0", ip = "192.0.2.7" });
        var history = await app.HistoryAsync("device");

        Assert.DoesNotContain("192.0.2.7", string.Concat(history.Select(entry => entry.ToJsonString())), StringComparison.Ordinal);
        Assert.DoesNotContain("Mozilla", string.Concat(history.Select(entry => entry.ToJsonString())), StringComparison.Ordinal);
    }
}
