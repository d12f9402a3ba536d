using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>A page that asks records that it showed the notice, and the decision names the record.</summary>
public sealed class ServingNoticesTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Theory]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Subject)]
    public async Task A_page_records_that_it_showed_a_notice_and_the_proof_of_the_decision_holds_it(string role)
    {
        await app.DeclareAsync("shown");

        var (status, served) = await ServeAsync("shown", role: role);
        await app.GrantAsync($"shown-to-{role}", "shown", more: new { servedNoticeId = (string?)served["servedNoticeId"] });
        var entry = Assert.Single(await app.HistoryAsync($"shown-to-{role}"));

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.StartsWith("sn_", (string?)served["servedNoticeId"], StringComparison.Ordinal);
        Assert.Equal((string?)served["servedNoticeId"], (string?)entry["servedNoticeId"]);
        Assert.Equal((string?)served["servedAt"], (string?)entry["servedAt"]);
    }

    [Theory]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Service)]
    public async Task Who_shows_no_pages_records_nothing(string role) => Assert.Equal(HttpStatusCode.Forbidden, (await ServeAsync("shown", role: role)).Status);

    [Fact]
    public async Task Nothing_about_the_person_the_device_or_the_network_is_stored()
    {
        await app.DeclareAsync("bare");

        var (_, served) = await app.SendAsync(
            Roles.Subject, HttpMethod.Post, "/purposes/bare/served",
            new { noticeVersion = 1, language = "en", channel = "web", customerId = "watched", userAgent = "Mozilla/5.0", ip = "192.0.2.7" }, customerId: "watched",
            ("User-Agent", "Mozilla/5.0"), ("X-Forwarded-For", "192.0.2.7"), ("Cookie", "session=1"));
        var stored = await app.Consent.OpenSession().LoadAsync<ServedNotice>((string)served["servedNoticeId"]!, CancellationToken.None);

        Assert.Equal(
            ["channel", "id", "isCounted", "language", "noticeVersion", "purpose", "servedAt"],
            JsonSerializer.SerializeToNode(stored, Json.Options)!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("no-such-purpose", 1, "en", "web", 404, "unknown-purpose")]
    [InlineData("needed-anyway", 1, "en", "web", 409, "not-consent-based")]
    [InlineData("asking", 2, "en", "web", 409, "stale-notice")]
    [InlineData("asking", 1, "fr", "web", 400, "unknown-language")]
    [InlineData("asking", 1, "en", "anna@example.com", 400, "bad-channel")]
    public async Task A_notice_that_there_is_not_was_not_served(string purpose, int version, string language, string channel, int status, string slug)
    {
        await app.DeclareAsync("asking");
        await app.DeclareAsync("needed-anyway", new { lawfulBasis = "contract", isConditionOfService = true, type = "service" });

        var (answered, problem) = await ServeAsync(purpose, version, language, channel);

        Assert.Equal((status, slug), ((int)answered, ConsentApp.Slug(problem)));
    }

    [Fact]
    public async Task A_decision_on_another_notice_than_the_one_served_is_refused_and_nothing_is_recorded()
    {
        await app.DeclareAsync("told");
        await app.DeclareAsync("told-of-something-else");
        var russian = (string?)(await ServeAsync("told", language: "ru")).Body["servedNoticeId"];
        var other = (string?)(await ServeAsync("told-of-something-else")).Body["servedNoticeId"];
        var old = (string?)(await ServeAsync("told")).Body["servedNoticeId"];
        await app.DeclareAsync("told", text: "We use what you watch, and when.");
        var late = (string?)(await ServeAsync("told", version: 2)).Body["servedNoticeId"];

        Assert.Equal("unknown-served-notice", await RefusedAsync("sn_AAAAAAAAAAAAAAAAAAAAAA", version: 2));
        Assert.Equal("other-served-notice", await RefusedAsync(russian, version: 2));
        Assert.Equal("other-served-notice", await RefusedAsync(other, version: 2));
        Assert.Equal("other-served-notice", await RefusedAsync(old, version: 2));
        Assert.Equal("other-served-notice", await RefusedAsync(late, version: 2, decidedAt: app.Clock.GetUtcNow().AddHours(-1)));
        Assert.Equal(0, (long)(await app.ConsentsAsync("misled"))["version"]!);

        async Task<string> RefusedAsync(string? servedNoticeId, int version, DateTimeOffset? decidedAt = null)
        {
            var (status, problem) = await app.GrantAsync("misled", "told", noticeVersion: version, more: new { servedNoticeId, decidedAt = decidedAt ?? app.Clock.GetUtcNow() });
            Assert.True((int)status is 400 or 409, status.ToString());
            return ConsentApp.Slug(problem);
        }
    }

    [Fact]
    public async Task A_notice_in_another_language_than_the_one_served_is_refused()
    {
        await app.DeclareAsync("bilingual");
        var russian = (string?)(await ServeAsync("bilingual", language: "ru")).Body["servedNoticeId"];

        var (english, problem) = await app.GrantAsync("reader", "bilingual", more: new { servedNoticeId = russian });
        var (same, _) = await app.GrantAsync("reader", "bilingual", more: new { servedNoticeId = russian, language = "ru" });

        Assert.Equal((HttpStatusCode.Conflict, "other-served-notice", HttpStatusCode.OK), (english, ConsentApp.Slug(problem), same));
    }

    [Fact]
    public async Task A_line_of_an_import_names_it_by_the_same_rules()
    {
        await app.DeclareAsync("imported-notice");
        var served = (await ServeAsync("imported-notice")).Body;

        var answer = await app.ImportAsync(
            Line("imported-1", (string?)served["servedNoticeId"], "en"), Line("imported-2", (string?)served["servedNoticeId"], "ru"), Line("imported-3", "sn_unknown", "en"), Line("imported-4", null, "en"));

        Assert.Equal(2, (int)answer["imported"]!);
        Assert.Equal(["1 other-served-notice", "2 unknown-served-notice"], answer["refused"]!.AsArray().Select(line => $"{line!["index"]} {line["reason"]}"));
        Assert.Equal((string?)served["servedAt"], (string?)Assert.Single(await app.HistoryAsync("imported-1"))["servedAt"]);
        Assert.Null(Assert.Single(await app.HistoryAsync("imported-4"))["servedAt"]);

        object Line(string customerId, string? servedNoticeId, string language) => new
        {
            customerId,
            purpose = "imported-notice",
            decision = "granted",
            noticeVersion = 1,
            language,
            channel = "web",
            decidedAt = app.Clock.GetUtcNow(),
            servedNoticeId,
        };
    }

    [Fact]
    public async Task The_record_goes_by_age_and_what_the_proof_took_of_it_stays()
    {
        await using var later = await OwnApp.StartAsync();
        await later.DeclareAsync("aged");
        var (_, served) = await later.SendAsync(Roles.Product, HttpMethod.Post, "/purposes/aged/served", new { noticeVersion = 1, language = "en", channel = "web" });
        await later.GrantAsync("long-ago", "aged", more: new { servedNoticeId = (string?)served["servedNoticeId"] });

        await Eventually.Is("it is counted", async () => await later.Consent.OpenSession().CountAsync<ServedNotice>("uncounted") == 0, ConsentApp.Soon);
        later.Clock.Advance(TimeSpan.FromDays(31));
        await later.RestartAsync();
        await Eventually.Is("the record is gone", async () => await later.Consent.OpenSession().CountAsync<ServedNotice>("served") == 0, ConsentApp.Soon);

        Assert.Equal((string?)served["servedAt"], (string?)Assert.Single(await later.HistoryAsync("long-ago"))["servedAt"]);
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> ServeAsync(string purpose, int version = 1, string language = "en", string channel = "web", string role = Roles.Product) =>
        app.SendAsync(role, HttpMethod.Post, $"/purposes/{purpose}/served", new { noticeVersion = version, language, channel }, customerId: role == Roles.Subject ? "somebody" : null);
}
