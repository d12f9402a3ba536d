using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Audit.Tests;

public sealed class IncidentsOnSqlite(SqliteAuditApp app) : IncidentContract<SqliteAuditApp>(app), IClassFixture<SqliteAuditApp>;

[RequiresMongo]
public sealed class IncidentsOnMongo(MongoAuditApp app) : IncidentContract<MongoAuditApp>(app), IClassFixture<MongoAuditApp>;

/// <summary>The register of incidents: what the data map says is concerned, the clocks, and what the authority is told.</summary>
public abstract class IncidentContract<TApp>(TApp app)
    where TApp : AuditApp
{
    [ContractFact]
    public async Task What_is_concerned_and_of_how_many_people_at_most_the_data_map_says()
    {
        var incident = await RecordAsync();

        var affected = incident["affected"]!.AsArray();
        Assert.Contains(affected, collection => (string)collection!["collection"]! == "data/subject_reads" && (string)collection["encryption"]! == "sealed");
        Assert.All(affected, collection => Assert.Equal("audit", (string)collection!["service"]!));
        Assert.Equal(0, (long)incident["subjectsAtMost"]!);
        Assert.Equal(
            [("authority-first", 24), ("authority-result", 72), ("gdpr", 72)],
            incident["notices"]!.AsArray().Select(notice => ((string)notice!["notice"]!, (int)((DateTimeOffset)notice["dueAt"]! - (DateTimeOffset)incident["noticedAt"]!).TotalHours)));
        Assert.Contains((await app.GetAsync("/incidents", Roles.Auditor))["items"]!.AsArray(), item => (string)item!["id"]! == (string)incident["id"]!);
    }

    [ContractFact]
    public async Task What_the_data_map_doesnt_know_is_refused()
    {
        foreach (var (service, category) in new[] { ("audit", "no-such-category"), ("no-such-service", "access") })
            Assert.EndsWith("unknown-in-data-map", (string)(await SendAsync(HttpMethod.Post, "/incidents", Body(service, category))).Expect(HttpStatusCode.BadRequest)["type"]!, StringComparison.Ordinal);
        Assert.EndsWith("bad-incident", (string)(await SendAsync(HttpMethod.Post, "/incidents", Body("audit", "access", app.Now.AddMinutes(1)))).Expect(HttpStatusCode.BadRequest)["type"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/incidents", Roles.Product));
    }

    [ContractFact]
    public async Task Each_notice_is_told_of_before_it_is_due_and_once_when_it_is_overdue_unless_it_was_sent()
    {
        var incident = await RecordAsync();
        await app.AdvanceAsync(TimeSpan.FromHours(18) + TimeSpan.FromMinutes(1));
        await UntilToldAsync("authority-first", (true, false));

        (await SendAsync(HttpMethod.Put, $"/incidents/{incident["id"]}/notices/authority-first", new JsonObject { ["sentAt"] = app.Now, ["reference"] = "RKN-1" })).Expect(HttpStatusCode.OK);
        await app.AdvanceAsync(TimeSpan.FromHours(48));
        await UntilToldAsync("authority-result", (true, false));
        await app.AdvanceAsync(TimeSpan.FromHours(8));
        await UntilToldAsync("authority-result", (true, true));
        await UntilToldAsync("gdpr", (true, true));

        Assert.Equal((true, false), await ToldAsync(incident, "authority-first"));

        Task UntilToldAsync(string notice, (bool Warned, bool Overdue) expected) =>
            Eventually.Is($"{notice} was told of", () => ToldAsync(incident, notice), told => told == expected, ServiceApp.Soon);
    }

    [ContractFact]
    public async Task What_was_done_is_recorded_and_the_authority_reads_it_in_two_languages()
    {
        var incident = await RecordAsync();
        (await SendAsync(HttpMethod.Put, $"/incidents/{incident["id"]}/measures", new JsonObject { ["measures"] = new JsonArray("Keys were rotated."), ["inquiry"] = "A lost laptop." })).Expect(HttpStatusCode.OK);

        foreach (var (language, words) in new[] { ("ru", new[] { "Уведомление об инциденте", "Роскомнадзор, первичное (24 часа)", "зашифровано" }), ("en", ["Notification of a personal data breach", "Keys were rotated.", "A lost laptop.", "Presumed causes"]) })
        {
            var page = await TextAsync($"/incidents/{incident["id"]}?language={language}", "text/html");
            Assert.All(words, word => Assert.Contains(word, page, StringComparison.Ordinal));
        }

        Assert.StartsWith("%PDF", await TextAsync($"/incidents/{incident["id"]}?language=ru", "application/pdf"), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task What_turns_out_to_be_wrong_is_taken_back_and_what_isnt_spoken_of_stays()
    {
        var incident = await RecordAsync();
        await MeasureAsync(new JsonObject { ["measures"] = new JsonArray("Keys were rotated."), ["causes"] = "A lost laptop.", ["harm"] = "None so far.", ["inquiry"] = "It was found." });

        var corrected = await MeasureAsync(new JsonObject { ["measures"] = new JsonArray("Keys were rotated."), ["causes"] = "", ["inquiry"] = "" });
        var refused = (await SendAsync(HttpMethod.Put, $"/incidents/{incident["id"]}/measures", new JsonObject { ["measures"] = new JsonArray("Keys were rotated."), ["harm"] = " " })).Expect(HttpStatusCode.BadRequest);

        Assert.Equal((null, "None so far.", null), ((string?)corrected["causes"], (string?)corrected["harm"], (string?)corrected["inquiry"]));
        Assert.EndsWith("bad-incident", (string)refused["type"]!, StringComparison.Ordinal);

        async Task<JsonObject> MeasureAsync(JsonObject said) => (await SendAsync(HttpMethod.Put, $"/incidents/{incident["id"]}/measures", said)).Expect(HttpStatusCode.OK).AsObject();
    }

    [ContractFact]
    public async Task One_is_open_until_every_notice_was_sent_and_listed_so()
    {
        string[] recorded = [(string)(await RecordAsync())["id"]!, (string)(await RecordAsync())["id"]!];
        foreach (var notice in new[] { "authority-first", "authority-result", "gdpr" })
            (await SendAsync(HttpMethod.Put, $"/incidents/{recorded[0]}/notices/{notice}", new JsonObject { ["sentAt"] = app.Now })).Expect(HttpStatusCode.OK);

        Assert.Equal([recorded[1]], (await ListedAsync("open")).Intersect(recorded));
        Assert.Equal([recorded[0]], (await ListedAsync("closed")).Intersect(recorded));
        Assert.EndsWith("bad-state", (string)(await app.RefusedAsync("/incidents?state=lost"))["type"]!, StringComparison.Ordinal);

        async Task<IReadOnlyList<string>> ListedAsync(string state)
        {
            var listed = new List<string>();
            for (var after = ""; after is not null;)
            {
                var page = await app.GetAsync($"/incidents?state={state}&limit=1{(after.Length > 0 ? $"&after={Uri.EscapeDataString(after)}" : "")}", Roles.Officer);
                listed.AddRange(page["items"]!.AsArray().Select(incident => (string)incident!["id"]!));
                after = (string?)page["next"];
            }

            return listed;
        }
    }

    private JsonObject Body(string service = "audit", string category = "access", DateTimeOffset? noticedAt = null) => new()
    {
        ["what"] = "A copy of the database was found elsewhere.",
        ["noticedAt"] = noticedAt ?? app.Now,
        ["services"] = new JsonArray(service),
        ["categories"] = new JsonArray(category),
    };

    private async Task<JsonObject> RecordAsync()
    {
        await Eventually.Is(
            "Audit's own map is known", async () => (await app.GetAsync("/audit/data-map", Roles.Officer))["services"]!.AsArray(),
            services => services.Any(service => (string)service!["name"]! == "audit"), ServiceApp.Soon);
        return (await SendAsync(HttpMethod.Post, "/incidents", Body())).Expect(HttpStatusCode.Created).AsObject();
    }

    private Task<Answer> SendAsync(HttpMethod method, string path, JsonObject body) => app.SendAsync(method, path, ServiceApp.Content(body), Roles.Officer);

    private async Task EntriesAsync(string type, int atLeast) => await Eventually.Is(
        "it is in the log", async () => (await app.GetAsync("/audit/entries?limit=1000", Roles.Auditor))["items"]!.AsArray().Count(entry => (string)entry!["type"]! == type),
        count => count >= atLeast, ServiceApp.Soon);

    private async Task<(bool Warned, bool Overdue)> ToldAsync(JsonObject incident, string notice)
    {
        var stored = (await app.GetAsync($"/incidents/{incident["id"]}", Roles.Officer))["notices"]!.AsArray().Single(known => (string)known!["notice"]! == notice)!;
        return (stored["warnedAt"] is not null, stored["overdueAt"] is not null);
    }

    private async Task<string> TextAsync(string path, string type)
    {
        using var client = app.As(Roles.Officer);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        return await client.GetStringAsync(new Uri(path, UriKind.Relative));
    }
}
