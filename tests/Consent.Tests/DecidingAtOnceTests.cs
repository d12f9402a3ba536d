using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>What must hold on every store when a person's decisions meet.</summary>
public abstract class DecidingAtOnceContract(ConsentApp app)
{
    [ContractFact]
    public async Task Decisions_that_meet_are_put_in_one_order_and_no_grant_comes_after_a_revocation_it_did_not_see()
    {
        await app.DeclareAsync("met");
        for (var round = 0; round < 10; round++)
        {
            var customer = $"met-{round}";
            await app.GrantAsync(customer, "met", ["viewing"]);
            var seen = await ETagAsync(customer);

            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => i % 2 == 0
                ? app.RevokeAsync(customer, "met")
                : GrantAsync(customer, "met", seen, i == 3 ? ["opinion"] : ["viewing", "opinion"])));
            var history = await app.HistoryAsync(customer);
            var state = await app.PurposeAsync(customer, "met");

            Assert.Equal(Enumerable.Range(1, history.Length).Select(version => (long)version), history.Select(entry => (long)entry["version"]!));
            Assert.All(answers, answer => Assert.Contains(answer.Status, new[] { HttpStatusCode.OK, HttpStatusCode.Accepted, HttpStatusCode.PreconditionFailed }));
            string[] receipts = [.. answers.Select(answer => (string?)answer.Body["receiptId"]).OfType<string>()];
            Assert.Equal(receipts.Order(StringComparer.Ordinal), history.Skip(1).Select(entry => (string)entry["receiptId"]!).Order(StringComparer.Ordinal));

            // Who narrowed first is last: no grant had seen it. A grant of fewer categories narrows too.
            Assert.Equal("revoked", (string?)history[^1]["decisions"]![0]!["decision"]);
            Assert.All(state["categories"]!.AsArray(), category => Assert.NotEqual("granted", (string?)category!["decision"]));
        }
    }

    [ContractFact]
    public async Task A_grant_that_timed_out_and_is_delivered_after_a_revocation_changes_nothing()
    {
        await app.DeclareAsync("late");
        var decidedAt = app.Clock.GetUtcNow();
        await app.GrantAsync("late-1", "late");
        var seen = await ETagAsync("late-1");
        var (revoked, _) = await app.RevokeAsync("late-1", "late");

        var (byTag, tagProblem) = await GrantAsync("late-1", "late", seen, ["viewing"]);
        var (byTime, _) = await app.GrantAsync("late-1", "late", more: new { decidedAt });
        var (byKey, _) = await app.SendAsync(
            Roles.Product, HttpMethod.Put, "/consents/late-1/late", Body(["viewing"]), headers: [("If-Match", seen), (IdempotencyKeys.Header, "late")]);

        Assert.Equal(HttpStatusCode.OK, revoked);
        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale-decision"), (byTag, ConsentApp.Slug(tagProblem)));
        Assert.Equal((HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed), (byTime, byKey));
        Assert.Equal(2, (await app.HistoryAsync("late-1")).Length);
        Assert.Equal("revoked", (string?)(await app.PurposeAsync("late-1", "late"))["categories"]![0]!["decision"]);
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> GrantAsync(string customer, string purpose, string seen, string[] categories) =>
        app.SendAsync(Roles.Product, HttpMethod.Put, $"/consents/{customer}/{purpose}", Body(categories), headers: ("If-Match", seen));

    private static object Body(string[] categories) => new { decision = "granted", noticeVersion = 1, language = "en", channel = "web", categories };

    private async Task<string> ETagAsync(string customer)
    {
        using var client = app.As(Roles.Product);
        using var response = await client.GetAsync(new Uri($"/consents/{customer}", UriKind.Relative));
        return response.Headers.ETag!.ToString();
    }
}

public sealed class DecidingAtOnceOnSqliteTests(ConsentApp app) : DecidingAtOnceContract(app), IClassFixture<ConsentApp>;

[RequiresMongo]
public sealed class DecidingAtOnceOnMongoTests(MongoConsentApp app) : DecidingAtOnceContract(app), IClassFixture<MongoConsentApp>;

/// <summary>Consent on MongoDB where there is one; where there is none its tests are skipped.</summary>
public sealed class MongoConsentApp : ConsentApp
{
    protected override async Task<Dictionary<string, string?>> SettingsAsync() => MongoServer.Unavailable is not null
        ? []
        : new() { ["Consent:Store"] = await MongoServer.NewDatabaseAsync(), ["Consent:KeyStore"] = await MongoServer.NewDatabaseAsync() };
}
