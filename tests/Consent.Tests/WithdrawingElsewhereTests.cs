using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>A letter or a call withdraws as a click does.</summary>
public sealed class WithdrawingElsewhereTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Theory]
    [InlineData("paper")]
    [InlineData("telephone")]
    public async Task It_cascades_from_now_and_the_proof_says_when_it_came_and_where_it_is(string channel)
    {
        var writer = $"writer-by-{channel}";
        await app.DeclareAsync("written");
        await app.DeclareAsync("unwritten");
        await app.GrantAsync(writer, "written");
        await app.GrantAsync(writer, "unwritten");
        var received = app.Clock.GetUtcNow().AddDays(-3);

        var (status, answer) = await WithdrawAsync(writer, new { purpose = "written", channel, evidence = "in-2026/117#2", receivedAt = received });
        var last = (await app.HistoryAsync(writer))[^1];
        var revoked = await Eventually.Is(
            "the revocation was published", () => Task.FromResult(app.Around.Events.OfType<ConsentRevoked>().LastOrDefault(revoked => revoked.SubjectRef == app.RefOf(writer))),
            found => found is not null, ConsentApp.Soon);

        Assert.Equal((HttpStatusCode.OK, "yes"), (status, (string?)answer["inForce"]!["state"]));
        Assert.Equal(ErasureCaseId.Of(app.RefOf(writer), (long)answer["version"]!), (string?)answer["caseId"]);
        Assert.All(revoked!.Narrowed, narrowed => Assert.Equal("written", narrowed.Purpose));
        Assert.Equal(
            ((string?)answer["receiptId"], channel, "in-2026/117#2", Json.FormatTime(received)),
            ((string?)last["receiptId"], (string?)last["channel"], (string?)last["evidence"], (string?)last["decidedAt"]));
        Assert.True(revoked.DecidedAt > received.AddDays(2));
    }

    [Fact]
    public async Task A_grant_made_after_the_letter_came_and_before_it_was_recorded_is_withdrawn_and_needs_asking_again()
    {
        await app.DeclareAsync("overtaken");
        await app.GrantAsync("overtaken", "overtaken");
        var granted = app.Clock.GetUtcNow();

        await WithdrawAsync("overtaken", new { channel = "paper", evidence = "in-1", receivedAt = granted.AddDays(-1) });
        var (late, problem) = await app.GrantAsync("overtaken", "overtaken", more: new { decidedAt = granted });

        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale-decision"), (late, ConsentApp.Slug(problem)));
    }

    [Fact]
    public async Task Without_a_purpose_everything_is_withdrawn()
    {
        await app.DeclareAsync("one-of-all");
        await app.DeclareAsync("two-of-all");
        await app.GrantAsync("leaving", "one-of-all");
        await app.GrantAsync("leaving", "two-of-all");

        await WithdrawAsync("leaving", new { channel = "telephone", evidence = "call-77", receivedAt = app.Clock.GetUtcNow() });
        var revoked = await Eventually.Is(
            "the revocation was published", () => Task.FromResult(app.Around.Events.OfType<ConsentRevoked>().LastOrDefault(revoked => revoked.SubjectRef == app.RefOf("leaving"))),
            found => found is not null, ConsentApp.Soon);

        Assert.True(revoked!.EpochEnded);
        Assert.Equal(["one-of-all", "two-of-all"], revoked.Narrowed.Select(narrowed => narrowed.Purpose).Distinct().Order());
    }

    [Fact]
    public async Task Where_nothing_was_granted_nothing_is_recorded()
    {
        await app.DeclareAsync("never-asked");

        var (status, answer) = await WithdrawAsync("stranger", new { purpose = "never-asked", channel = "paper", evidence = "in-9", receivedAt = app.Clock.GetUtcNow() });

        Assert.Equal((HttpStatusCode.OK, 0, null), (status, (long)answer["version"]!, (string?)answer["receiptId"]));
    }

    [Theory]
    [InlineData("{\"evidence\":\"\"}", "bad-evidence")]
    [InlineData("{\"evidence\":\"anna@example.com\"}", "bad-evidence")]
    [InlineData("{\"evidence\":\"+79161234567\"}", "bad-evidence")]
    [InlineData("{\"evidence\":\"79161234567\"}", "bad-evidence")]
    [InlineData("{\"evidence\":\"tel:8-916-123-45-67\"}", "bad-evidence")]
    [InlineData("{\"evidence\":\"4510.123456\"}", "bad-evidence")]
    [InlineData("{\"evidence\":\"Anna Ivanova\"}", "bad-evidence")]
    [InlineData("{\"evidence\":null}", "malformed-request")]
    [InlineData("{\"receivedAt\":\"2999-01-01T00:00:00Z\"}", "future-time")]
    [InlineData("{\"receivedAt\":null}", "malformed-request")]
    [InlineData("{\"channel\":\"web\"}", "bad-channel")]
    [InlineData("{\"purpose\":\"no-such-purpose\"}", "unknown-purpose")]
    public async Task A_withdrawal_that_breaks_a_rule_is_refused_and_nothing_is_recorded(string more, string slug)
    {
        await app.DeclareAsync("held");
        await app.GrantAsync("holding", "held");
        var body = JsonNode.Parse("{\"channel\":\"paper\",\"evidence\":\"in-1\"}")!.AsObject();
        body["receivedAt"] = Json.FormatTime(app.Clock.GetUtcNow());
        foreach (var (name, value) in JsonNode.Parse(more)!.AsObject()) body[name] = value?.DeepClone();

        var (status, problem) = await WithdrawAsync("holding", body);

        Assert.Equal((slug == "unknown-purpose" ? HttpStatusCode.NotFound : HttpStatusCode.BadRequest, slug), (status, ConsentApp.Slug(problem)));
        Assert.Equal("granted", (string?)(await app.PurposeAsync("holding", "held"))["categories"]![0]!["decision"]);
    }

    [Fact]
    public async Task A_reference_is_as_long_as_it_may_be_and_no_longer()
    {
        var (taken, _) = await WithdrawAsync("long", new { channel = "paper", evidence = new string('a', 128), receivedAt = app.Clock.GetUtcNow() });
        var (refused, _) = await WithdrawAsync("long", new { channel = "paper", evidence = new string('a', 129), receivedAt = app.Clock.GetUtcNow() });

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (taken, refused));
    }

    [Theory]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Subject)]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Marketer)]
    public async Task Only_the_officer_records_what_came_by_letter(string role)
    {
        var (status, _) = await app.SendAsync(
            role, HttpMethod.Post, "/consents/holding/withdrawals", new { channel = "paper", evidence = "in-1", receivedAt = app.Clock.GetUtcNow() }, customerId: "holding");

        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> WithdrawAsync(string customerId, object body) =>
        app.SendAsync(Roles.Officer, HttpMethod.Post, $"/consents/{customerId}/withdrawals", body);
}
