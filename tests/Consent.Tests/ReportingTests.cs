using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Counts for who may see no person: exact, once, and silent where they would speak of somebody.</summary>
public sealed class ReportingTests(ConsentApp shared) : IClassFixture<ConsentApp>
{
    private static readonly Dictionary<string, string?> Everything = new() { ["Consent:SuppressBelow"] = "0" };
    private static readonly Dictionary<string, string?> FromThree = new() { ["Consent:SuppressBelow"] = "3" };

    [Fact]
    public async Task Each_kind_of_decision_is_counted_as_what_it_is()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("counted", new { validDays = 1 });
        await app.DeclareAsync("shared", new { type = "sharing" });
        await app.GrantAsync("agrees", "counted");
        await app.GrantAsync("agrees-to-some", "counted", ["viewing"]);
        await app.DenyAsync("refuses", "counted");
        await app.GrantAsync("narrows", "counted");
        await app.GrantAsync("narrows", "counted", ["viewing"]);
        await app.GrantAsync("revokes", "counted");
        await app.RevokeAsync("revokes", "counted");
        await app.GrantAsync("denies-later", "counted");
        await app.DenyAsync("denies-later", "counted");
        await app.SendAsync(Roles.Product, HttpMethod.Post, "/consents/signals/signals/gpc");

        await NextDayAsync(app);
        var row = Assert.Single(await RowsAsync(app, "counted"));
        var shared = Assert.Single(await RowsAsync(app, "shared"));
        await Eventually.Is("what expired is recorded", async () => (await app.HistoryAsync("agrees")).Length == 2, ConsentApp.Soon);
        await NextDayAsync(app);
        var later = (await RowsAsync(app, "counted"))[^1];

        Assert.Equal("5 granted, 1 denied, 3 revoked, 0 expired, rate 0.8333", Summary(row));
        Assert.Equal("0 granted, 1 denied, 0 revoked, 0 expired, rate 0", Summary(shared));
        Assert.Equal("0 granted, 0 denied, 0 revoked, 3 expired, rate -", Summary(later));
    }

    [Fact]
    public async Task A_person_counts_once_a_day_however_often_they_change_their_mind()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("wavering");
        for (var time = 0; time < 3; time++)
        {
            await app.GrantAsync("waverer", "wavering");
            await app.RevokeAsync("waverer", "wavering");
        }

        await NextDayAsync(app);
        var first = Assert.Single(await RowsAsync(app, "wavering"));
        await app.GrantAsync("waverer", "wavering");
        await NextDayAsync(app);
        var second = (await RowsAsync(app, "wavering"))[^1];

        Assert.Equal("1 granted, 0 denied, 1 revoked, 0 expired, rate 1", Summary(first));
        Assert.Equal("1 granted, 0 denied, 0 revoked, 0 expired, rate 1", Summary(second));
    }

    [Fact]
    public async Task Notices_served_and_the_time_people_took_are_told_in_fixed_buckets()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("timed");
        for (var person = 0; person < 3; person++)
        {
            var (_, served) = await app.SendAsync(Roles.Product, HttpMethod.Post, "/purposes/timed/served", new { noticeVersion = 1, language = "en", channel = "web" });
            var decidedAt = DateTimeOffset.Parse((string)served["servedAt"]!, null).AddSeconds(12 + person);
            await app.ImportAsync(new
            {
                customerId = $"timed-{person}",
                purpose = "timed",
                decision = person == 0 ? "denied" : "granted",
                noticeVersion = 1,
                language = "en",
                channel = "web",
                decidedAt,
                servedNoticeId = (string?)served["servedNoticeId"],
            });
        }

        await app.SendAsync(Roles.Product, HttpMethod.Post, "/purposes/timed/served", new { noticeVersion = 1, language = "en", channel = "web" });
        await app.GrantAsync("untimed", "timed");
        await NextDayAsync(app);
        var row = Assert.Single(await RowsAsync(app, "timed"));

        Assert.Equal(4, (int)row["served"]!["count"]!);
        Assert.Equal((10, 20, false), ((int)row["timeToDecision"]!["fromSeconds"]!, (int)row["timeToDecision"]!["toSeconds"]!, (bool)row["timeToDecision"]!["suppressed"]!));
    }

    [Fact]
    public async Task A_small_count_is_suppressed_with_what_it_could_be_computed_from()
    {
        await using var app = await StartAsync(FromThree);
        await app.DeclareAsync("small", new { validDays = 30 });
        await app.DeclareAsync("large");
        for (var person = 0; person < 3; person++)
        {
            await app.GrantAsync($"agrees-{person}", "small");
            await app.GrantAsync($"agrees-{person}", "large");
            await app.DenyAsync($"refuses-{person}", "large");
        }

        await app.DenyAsync("refuses-0", "small");
        await app.DenyAsync("refuses-1", "small");
        await NextDayAsync(app);
        var small = Assert.Single(await RowsAsync(app, "small"));
        var large = Assert.Single(await RowsAsync(app, "large"));

        // Two refused, nobody revoked, none expired: all of these are few.
        Assert.Equal("3 granted, - denied, - revoked, - expired, rate -", Summary(small));
        foreach (var cell in new[] { "denied", "revoked", "expired", "optInRate", "timeToDecision", "served" }) Assert.True((bool)small[cell]!["suppressed"]!, cell);
        Assert.True(small["denied"]!.AsObject().ContainsKey("count"));

        // What can't expire didn't: that zero says nothing of anybody.
        Assert.Equal("3 granted, 3 denied, - revoked, 0 expired, rate 0.5", Summary(large));
        Assert.True((bool)large["timeToDecision"]!["suppressed"]!);
    }

    [Fact]
    public async Task A_zero_is_structural_only_while_nothing_that_was_granted_can_end_by_itself()
    {
        await using var app = await StartAsync(FromThree);
        await app.DeclareAsync("once-limited", new { validDays = 30 });
        await app.DeclareAsync("once-limited");
        await app.DeclareAsync("lapsing", new { onMaterialChange = "lapse" });
        await app.DeclareAsync("unlimited");
        await NextDayAsync(app);

        Assert.True((bool)Assert.Single(await RowsAsync(app, "once-limited"))["expired"]!["suppressed"]!);
        Assert.True((bool)Assert.Single(await RowsAsync(app, "lapsing"))["expired"]!["suppressed"]!);
        Assert.Equal(0, (int)Assert.Single(await RowsAsync(app, "unlimited"))["expired"]!["count"]!);
    }

    [Fact]
    public async Task A_sum_is_told_only_if_every_day_in_it_is()
    {
        await using var app = await StartAsync(FromThree);
        await app.DeclareAsync("summed");
        foreach (var people in new[] { 3, 4, 2 })
        {
            for (var person = 0; person < people; person++) await app.GrantAsync($"day-of-{people}-{person}", "summed");
            await NextDayAsync(app);
        }

        var days = (await ReportAsync(app, "")).Items.Select(row => (string)row["day"]!).ToArray();
        var (_, all) = await ReportAsync(app, $"?from={days[0]}&to={days[2]}");
        var (_, two) = await ReportAsync(app, $"?from={days[0]}&to={days[1]}");

        Assert.Equal(3, days.Length);
        Assert.Equal((7, false), ((int)two["totals"]![0]!["granted"]!["count"]!, (bool)two["totals"]![0]!["granted"]!["suppressed"]!));
        Assert.Equal((null, true), ((int?)all["totals"]![0]!["granted"]!["count"], (bool)all["totals"]![0]!["granted"]!["suppressed"]!));
        Assert.True((bool)two["totals"]![0]!["optInRate"]!["suppressed"]!);
    }

    [Fact]
    public async Task Twenty_is_the_threshold_unless_told_otherwise()
    {
        await using var app = await StartAsync(null);
        await app.DeclareAsync("nineteen");
        await app.DeclareAsync("twenty");
        await app.ImportAsync(Enumerable.Range(0, 20).SelectMany(person => new[] { Line(app, person, "twenty"), Line(app, person, person == 0 ? "twenty" : "nineteen") }));
        await NextDayAsync(app);

        Assert.True((bool)Assert.Single(await RowsAsync(app, "nineteen"))["granted"]!["suppressed"]!);
        Assert.Equal(20, (int)Assert.Single(await RowsAsync(app, "twenty"))["granted"]!["count"]!);
    }

    [Fact]
    public async Task Nothing_is_told_of_a_day_before_it_is_over_nor_changes_after()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("today");
        await app.GrantAsync("now", "today");

        var (during, _) = await ReportAsync(app, $"?to={app.Clock.GetUtcNow():yyyy-MM-dd}");
        await NextDayAsync(app);
        var (after, answer) = await ReportAsync(app, "");

        // Decided yesterday, recorded today: it counts today.
        await app.ImportAsync(Line(app, 1, "today", app.Clock.GetUtcNow().AddDays(-1)));
        await NextDayAsync(app);
        var (later, _) = await ReportAsync(app, $"?to={(string?)answer["to"]}");

        Assert.Empty(during);
        Assert.Equal("1 granted, 0 denied, 0 revoked, 0 expired, rate 1", Summary(Assert.Single(after)));
        Assert.Equal(after[0].ToJsonString(), Assert.Single(later).ToJsonString());
        Assert.Equal("1 granted, 0 denied, 0 revoked, 0 expired, rate 1", Summary((await RowsAsync(app, "today"))[1]));
    }

    [Fact]
    public async Task A_day_with_a_change_that_is_not_counted_yet_is_not_told_of()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("unfinished");
        await app.GrantAsync("done", "unfinished");

        // Nobody can read it, so whoever counts stops before it.
        var stuck = new DocumentKey("pending_changes", "stuck");
        var created = Json.FormatTime(app.Clock.GetUtcNow());
        await app.Consent.Store.WriteAsync([DocumentWrite.Put(stuck, 0, "null"u8.ToArray(), false, new Dictionary<string, string> { ["created"] = created })], CancellationToken.None);
        app.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(6));
        var (unfinished, _) = await ReportAsync(app, "");
        await app.Consent.Store.WriteAsync([DocumentWrite.Delete(stuck, 1)], CancellationToken.None);
        var (finished, _) = await ReportAsync(app, "");

        Assert.Empty(unfinished);
        Assert.Single(finished);
    }

    [Fact]
    public async Task Every_decision_is_counted_once_whatever_stops_in_between()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("exact");

        var imports = Enumerable.Range(0, 4).Select(part => app.ImportAsync(Enumerable.Range(part * 25, 25).Select(person => Line(app, person, "exact")))).ToArray();
        await Task.WhenAll(Enumerable.Range(1000, 20).Select(person => app.DenyAsync($"person-{person}", "exact")).Cast<Task>().Concat(imports));
        await app.RestartAsync();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(person => app.RevokeAsync($"person-{person}", "exact")));
        await NextDayAsync(app);

        Assert.Equal("100 granted, 20 denied, 10 revoked, 0 expired, rate 0.8333", Summary(Assert.Single(await RowsAsync(app, "exact"))));
    }

    [Fact]
    public async Task What_is_kept_of_a_count_names_nobody()
    {
        await using var app = await StartAsync(Everything);
        await app.DeclareAsync("nameless");
        await app.GrantAsync("named", "nameless");

        var tally = await Eventually.Is(
            "it is counted", async () => (await app.Consent.OpenSession().QueryAsync<DecisionTally>("place")).SingleOrDefault(), found => found is not null, ConsentApp.Soon);

        Assert.Equal(
            ["day", "denied", "expired", "granted", "purpose", "revoked", "timeToDecision"],
            JsonSerializer.SerializeToNode(tally, Json.Options)!.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_days_are_told_as_CSV_too()
    {
        await using var app = await StartAsync(FromThree);
        await app.DeclareAsync("as-csv");
        for (var person = 0; person < 3; person++) await app.GrantAsync($"csv-{person}", "as-csv");
        await NextDayAsync(app);
        var row = Assert.Single(await RowsAsync(app, "as-csv"));

        using var client = app.As(Roles.Marketer);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept", "text/csv");
        using var response = await client.GetAsync(new Uri("/reports/consents?purpose=as-csv", UriKind.Relative));
        var lines = (await response.Content.ReadAsStringAsync()).Split("\r\n");

        Assert.Equal("text/csv", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            [
                "purpose,day,served,granted,denied,revoked,expired,optInRate,medianFromSeconds,medianToSeconds,suppressed",
                $"as-csv,{(string?)row["day"]},,3,,,0,,,,served denied revoked optInRate timeToDecision",
                "",
            ],
            lines);
    }

    [Theory]
    [InlineData("?from=2026-13-01", HttpStatusCode.BadRequest, "bad-range")]
    [InlineData("?from=01/02/2026", HttpStatusCode.BadRequest, "bad-range")]
    [InlineData("?from=2026-02-02&to=2026-02-01", HttpStatusCode.BadRequest, "bad-range")]
    [InlineData("?from=2025-01-01&to=2026-01-02", HttpStatusCode.BadRequest, "bad-range")]
    [InlineData("?purpose=no-such-purpose", HttpStatusCode.NotFound, "unknown-purpose")]
    public async Task A_report_of_no_days_or_purpose_is_refused(string query, HttpStatusCode status, string slug)
    {
        var (answered, problem) = await shared.SendAsync(Roles.Marketer, HttpMethod.Get, $"/reports/consents{query}");

        Assert.Equal((status, slug), (answered, ConsentApp.Slug(problem)));
    }

    [Fact]
    public async Task Who_works_with_counts_reads_them_and_nobody_else()
    {
        foreach (var role in new[] { Roles.Operator, Roles.Officer, Roles.Marketer })
            Assert.Equal(HttpStatusCode.OK, (await shared.SendAsync(role, HttpMethod.Get, "/reports/consents")).Status);
        foreach (var role in new[] { Roles.Product, Roles.Subject, Roles.Auditor })
            Assert.Equal(HttpStatusCode.Forbidden, (await shared.SendAsync(role, HttpMethod.Get, "/reports/consents", customerId: "anna")).Status);
    }

    /// <summary>In the morning of its own day, so that no test runs over midnight.</summary>
    private static async Task<OwnApp> StartAsync(Dictionary<string, string?>? settings)
    {
        var app = new OwnApp(settings);
        var now = app.Clock.GetUtcNow();
        app.Clock.Advance(now.UtcDateTime.Date.AddDays(1).AddHours(6) - now.UtcDateTime);
        await app.InitializeAsync();
        return app;
    }

    private static object Line(ConsentApp app, int person, string purpose, DateTimeOffset? decidedAt = null) => new
    {
        customerId = $"person-{person}",
        purpose,
        decision = "granted",
        noticeVersion = 1,
        language = "en",
        channel = "web",
        decidedAt = decidedAt ?? app.Clock.GetUtcNow(),
    };

    /// <summary>Lets everything be counted, and the day be over.</summary>
    private static async Task NextDayAsync(ConsentApp app)
    {
        await Eventually.Is(
            "everything is counted",
            async () => await app.Consent.OpenSession().CountAsync<PendingChange>("created") == 0 && await app.Consent.OpenSession().CountAsync<ServedNotice>("uncounted") == 0,
            ConsentApp.Soon);
        app.Clock.Advance(TimeSpan.FromDays(1));
    }

    private static async Task<JsonObject[]> RowsAsync(ConsentApp app, string purpose) => (await ReportAsync(app, $"?purpose={purpose}")).Items;

    private static async Task<(JsonObject[] Items, JsonObject Answer)> ReportAsync(ConsentApp app, string query)
    {
        var (_, answer) = await app.SendAsync(Roles.Marketer, HttpMethod.Get, $"/reports/consents{query}");
        return ([.. answer["items"]!.AsArray().Select(item => item!.AsObject())], answer);
    }

    private static string Summary(JsonObject row)
    {
        return $"{Of("granted")} granted, {Of("denied")} denied, {Of("revoked")} revoked, {Of("expired")} expired, rate {row["optInRate"]!["value"]?.ToJsonString() ?? "-"}";

        string Of(string name) => row[name]!["count"]?.ToJsonString() ?? "-";
    }
}
