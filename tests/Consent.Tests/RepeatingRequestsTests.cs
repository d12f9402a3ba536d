using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class RepeatingRequestsTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task A_grant_that_is_sent_again_is_answered_with_the_same_receipt_and_changes_nothing()
    {
        await app.DeclareAsync("again", new { reward = new { id = "again-code", kind = "discountCode", titles = new { en = "A code" } } });

        var (status, first) = await GrantAsync("again-1", "again", "key-1");
        var (_, second) = await GrantAsync("again-1", "again", "key-1");
        await app.RevokeAsync("again-1", "again");
        var (_, afterRevocation) = await GrantAsync("again-1", "again", "\"key-1\"");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.NotNull(first["receiptId"]);
        Assert.NotNull(first["rewards"]![0]!["code"]);
        foreach (var answer in new[] { second, afterRevocation })
        {
            Assert.Equal(Without("inForce", first), Without("inForce", answer));
            Assert.Equal("yes", (string?)answer["inForce"]!["state"]);
        }

        Assert.Equal("revoked", (string?)(await app.PurposeAsync("again-1", "again"))["categories"]![0]!["decision"]);
        Assert.Equal(2, (await app.HistoryAsync("again-1")).Length);
    }

    [Fact]
    public async Task A_revocation_that_is_sent_again_names_the_same_receipt_and_case()
    {
        await app.DeclareAsync("taken-back");
        await app.GrantAsync("taken-back-1", "taken-back");
        await app.GrantAsync("taken-back-2", "taken-back");

        foreach (var (customer, path) in new[] { ("taken-back-1", "/consents/taken-back-1/taken-back"), ("taken-back-2", "/consents/taken-back-2") })
        {
            var (_, first) = await app.SendAsync(Roles.Product, HttpMethod.Delete, path, headers: (IdempotencyKeys.Header, "once"));
            await app.GrantAsync(customer, "taken-back");
            var (_, second) = await app.SendAsync(Roles.Product, HttpMethod.Delete, path, headers: (IdempotencyKeys.Header, "once"));

            Assert.NotNull(first["receiptId"]);
            Assert.NotNull(first["caseId"]);
            Assert.Equal(Without("inForce", first), Without("inForce", second));
            Assert.Equal("granted", (string?)(await app.PurposeAsync(customer, "taken-back"))["categories"]![0]!["decision"]);
        }
    }

    [Fact]
    public async Task What_is_in_force_is_told_as_it_is_now()
    {
        await using var own = await OwnApp.StartAsync(new() { ["Consent:WaitForMilliseconds"] = "2000" });
        await own.DeclareAsync("pending");
        own.Around.Silent["recommendation"] = true;
        var (before, first) = await GrantAsync("pending-1", "pending", "pending", of: own);
        await own.PublishAsync("recommendation", new ConsentApplied
        {
            SubjectRef = own.RefOf("pending-1"),
            Version = (long)first["version"]!,
            Service = "recommendation",
            AppliedAt = own.Clock.GetUtcNow(),
        });
        var (now, second) = await GrantAsync("pending-1", "pending", "pending", of: own);

        Assert.Equal((HttpStatusCode.Accepted, "pending"), (before, (string?)first["inForce"]!["state"]));
        Assert.Equal((HttpStatusCode.OK, "yes"), (now, (string?)second["inForce"]!["state"]));
        Assert.Equal((string?)first["receiptId"], (string?)second["receiptId"]);
    }

    [Fact]
    public async Task A_key_with_another_request_is_refused_and_changes_nothing()
    {
        await app.DeclareAsync("reused");
        await GrantAsync("reused-1", "reused", "reused", ["viewing"]);

        var (status, problem) = await GrantAsync("reused-1", "reused", "reused");
        var (elsewhere, _) = await GrantAsync("reused-2", "reused", "reused");

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (status, ConsentApp.Slug(problem)));
        Assert.Single(await app.HistoryAsync("reused-1"));
        Assert.Equal(HttpStatusCode.OK, elsewhere);
    }

    [Fact]
    public async Task A_refusal_is_not_remembered()
    {
        await app.DeclareAsync("refused");
        var (refused, _) = await app.GrantAsync("refused-1", "refused", noticeVersion: 7);

        var (stale, _) = await GrantAsync("refused-1", "refused", "refused", noticeVersion: 7);
        var (granted, answer) = await GrantAsync("refused-1", "refused", "refused");

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.OK), (refused, stale, granted));
        Assert.NotNull(answer["receiptId"]);
    }

    [Fact]
    public async Task Of_several_at_once_one_is_carried_out_and_all_get_its_answer()
    {
        await app.DeclareAsync("at-once");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => GrantAsync("at-once-1", "at-once", "at-once")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.NotNull(Assert.Single(answers.Select(answer => (string?)answer.Body["receiptId"]).Distinct()));
        Assert.Single(await app.HistoryAsync("at-once-1"));
    }

    [Fact]
    public async Task A_caller_does_not_see_what_another_one_asked_with_the_same_key()
    {
        await app.DeclareAsync("callers");
        await GrantAsync("callers-1", "callers", "callers");

        var (_, own) = await app.SendAsync(Roles.Subject, HttpMethod.Delete, "/consents/callers-1/callers", customerId: "callers-1", headers: (IdempotencyKeys.Header, "callers"));
        var (_, other) = await app.SendAsync(Roles.Product, HttpMethod.Delete, "/consents/callers-1/callers", headers: (IdempotencyKeys.Header, "callers"));

        Assert.NotNull(own["receiptId"]);
        Assert.Null(other["receiptId"]);
    }

    [Fact]
    public async Task Without_a_key_a_request_that_is_sent_again_is_decided_again()
    {
        await app.DeclareAsync("keyless");
        await app.GrantAsync("keyless-1", "keyless");

        var (status, second) = await app.GrantAsync("keyless-1", "keyless");

        Assert.Equal((HttpStatusCode.OK, null), (status, second["receiptId"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"\"")]
    [InlineData("two words")]
    [InlineData("\"open")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        await app.DeclareAsync("keys");

        var (status, problem) = await GrantAsync("keys-1", "keys", key);

        Assert.Equal((HttpStatusCode.BadRequest, "bad-idempotency-key"), (status, ConsentApp.Slug(problem)));
        Assert.Empty(await app.HistoryAsync("keys-1"));
    }

    [Fact]
    public async Task What_is_remembered_names_nobody_and_goes_after_three_days()
    {
        await app.DeclareAsync("remembered");
        await GrantAsync("remembered-1", "remembered", "remembered-key");
        var stored = await RememberedAsync();
        var text = string.Concat(stored.Select(document => document.Key.Id + Encoding.UTF8.GetString(document.Body.Span)));

        Assert.NotEmpty(stored);
        Assert.DoesNotContain(app.RefOf("remembered-1"), text, StringComparison.Ordinal);
        Assert.DoesNotContain("remembered-", text, StringComparison.Ordinal);

        app.Clock.Advance(TimeSpan.FromDays(4));
        await app.RestartAsync();
        await Eventually.Is("it went", async () => (await RememberedAsync()).Count == 0, ConsentApp.Soon);
        Assert.Single(await app.HistoryAsync("remembered-1"));
    }

    private Task<IReadOnlyList<StoredDocument>> RememberedAsync() =>
        app.Consent.Store.QueryAsync(new DocumentQuery(app.Consent.OpenSession().Key<IdempotentRequest>("").Collection, "answered"), CancellationToken.None);

    // The same bytes each time: what the person decided is not decided anew by sending it again.
    private Task<(HttpStatusCode Status, JsonObject Body)> GrantAsync(
        string customerId, string purpose, string key, string[]? categories = null, int noticeVersion = 1, ConsentApp? of = null) => (of ?? app).SendAsync(
        Roles.Product, HttpMethod.Put, $"/consents/{customerId}/{purpose}",
        new { decision = "granted", noticeVersion, language = "en", channel = "web", categories, decidedAt = "2026-03-02T12:00:00Z" }, headers: (IdempotencyKeys.Header, key));

    private static string Without(string member, JsonObject answer)
    {
        var copy = answer.DeepClone().AsObject();
        copy.Remove(member);
        return copy.ToJsonString();
    }
}
