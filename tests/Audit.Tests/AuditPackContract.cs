using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Audit.Tests;

public sealed class AuditPackOnSqlite(SqliteAuditApp app) : AuditPackContract<SqliteAuditApp>(app), IClassFixture<SqliteAuditApp>;

[RequiresMongo]
public sealed class AuditPackOnMongo(MongoAuditApp app) : AuditPackContract<MongoAuditApp>(app), IClassFixture<MongoAuditApp>;

/// <summary>What the log says of a period.</summary>
public abstract class AuditPackContract<TApp>(TApp app)
    where TApp : AuditApp
{
    private static readonly Uri Incidents = new("/incidents", UriKind.Relative);

    [ContractFact]
    public async Task It_tells_cascades_against_deadlines_holds_reads_minimization_and_what_is_overdue_of_its_days_only()
    {
        var day = app.Now.Date;
        await TellAsync(Opened("late", app.Now.AddDays(-40), app.Now.AddDays(-10)), Opened("open", app.Now.AddDays(-1), app.Now.AddDays(29)));
        await TellAsync(Completed("kept", app.Now.AddHours(-3), app.Now.AddDays(30), app.Now), Completed("late-done", app.Now.AddDays(-31), app.Now.AddDays(-1), app.Now));
        await TellAsync(Held("hold-1", stands: true), Held("hold-2", stands: true), Held("hold-2", stands: false));
        await TellAsync(
            Read(Roles.Officer, "offers", ReadCompliance.Compliant), Read(Roles.Officer, "offers", ReadCompliance.Violation), Read(Roles.Officer, null, ReadCompliance.Gap),
            Read(Roles.Marketer, "marketing", ReadCompliance.Compliant, "counted"));
        await TellAsync(new PersonalDataRead
        {
            SubjectRef = "r1",
            Epoch = 1,
            Data = "profile",
            Role = Roles.Officer,
            Purpose = "offers",
            Outcome = "shown",
            Compliance = ReadCompliance.Compliant,
            Categories = ["viewing"],
            ReadAt = app.Now,
        });
        await TellAsync(Minimized(day, 3, 1), Minimized(day, 5, 2), Minimized(day.AddDays(-1), 2, 0));
        await TellAsync(
            new ObjectionReceived { ObjectionId = "obj-1", SubjectRef = "r1", To = "decision", ReceivedAt = app.Now.AddDays(-31), DueAt = app.Now.AddDays(-1) },
            new ObjectionReceived { ObjectionId = "obj-2", SubjectRef = "r1", To = "decision", ReceivedAt = app.Now, DueAt = app.Now.AddDays(30) });
        await TellAsync(new ExportCompleted { ExportId = "exp-1", SubjectRef = "r1", Missing = [], DueAt = app.Now.AddDays(-2), CompletedAt = app.Now });

        // Audit signs for both erasures, and records that too.
        await Eventually.Is(
            "it has signed", () => Task.FromResult(app.Around.Heard<SubjectDataErased>().Count(receipt => receipt.CaseId is "late" or "open")), count => count >= 2, ServiceApp.Soon);
        await app.UntilHandledAsync("audit");
        var pack = await PackAsync(day.AddDays(-1), day);
        var before = await PackAsync(day.AddDays(-9), day.AddDays(-1));

        Assert.Equal(["late", "late-done", "open", "kept"], pack["cases"]!.AsArray().Select(erasure => (string)erasure!["caseId"]!));
        Assert.Equal([true, true, false, false], pack["cases"]!.AsArray().Select(erasure => (bool)erasure!["isLate"]!));
        Assert.Equal((app.Now.AddHours(-3), app.Now.AddDays(30), app.Now, "revoked"), (
            (DateTimeOffset)pack["cases"]![3]!["openedAt"]!, (DateTimeOffset)pack["cases"]![3]!["dueAt"]!, (DateTimeOffset)pack["cases"]![3]!["completedAt"]!, (string)pack["cases"]![3]!["reason"]!));
        Assert.Equal(
            [("hold-1", true, "viewing"), ("hold-2", false, "viewing")],
            pack["holds"]!.AsArray().Select(hold => ((string)hold!["holdId"]!, hold["endedAt"] is null, (string)hold["categories"]![0]!)));
        Assert.Equal(
            [(Roles.Marketer, "marketing", 1, 0, 0), (Roles.Officer, null, 0, 0, 1), (Roles.Officer, "offers", 2, 1, 0)],
            pack["reads"]!.AsArray().Where(reads => (string?)reads!["purpose"] is not ("data-protection" or "audit")).Select(reads => ((string)reads!["role"]!, (string?)reads["purpose"], (int)reads["compliant"]!, (int)reads["violations"]!, (int)reads["gaps"]!)));
        Assert.Equal(
            [("film.rated", "email", "not-declared", 7L)],
            pack["dropped"]!.AsArray().Select(dropped => ((string)dropped!["eventType"]!, (string)dropped["field"]!, (string)dropped["reason"]!, (long)dropped["count"]!)));
        Assert.Equal(["unused-1", "unused-2"], pack["unused"]!.AsArray().Select(unused => (string)unused!["field"]!));
        Assert.Equal(
            [("erasure", "late", false), ("export", "exp-1", true), ("erasure", "late-done", true), ("objection", "obj-1", false)],
            pack["overdue"]!.AsArray().Where(overdue => (string)overdue!["what"]! is "erasure" or "export" or "objection").Select(overdue => ((string)overdue!["what"]!, (string)overdue["id"]!, overdue["doneAt"] is not null)));
        Assert.Equal(await app.SizeAsync(), (long)pack["size"]!);

        // All of it was recorded today.
        Assert.All(["cases", "holds", "reads"], list => Assert.Empty(before[list]!.AsArray()));
    }

    [ContractFact]
    public async Task It_tells_incidents_whose_notices_are_late_and_is_printed_in_two_languages_and_two_forms()
    {
        using var officer = app.As(Roles.Officer);
        await Eventually.Is(
            "Audit's own map is known", async () => (await app.GetAsync("/audit/data-map", Roles.Officer))["services"]!.AsArray().Count, services => services > 0, ServiceApp.Soon);
        using var recorded = await officer.PostAsync(Incidents, ServiceApp.Content(new
        {
            what = "A backup was left in a taxi.",
            noticedAt = app.Now.AddHours(-30),
            services = new[] { "audit" },
            categories = new[] { "access" },
        }));
        Assert.Equal(HttpStatusCode.Created, recorded.StatusCode);
        var day = app.Now.Date;

        var pack = await PackAsync(day.AddDays(-2), day);

        Assert.Equal("A backup was left in a taxi.", (string)Assert.Single(pack["incidents"]!.AsArray())!["what"]!);
        Assert.Contains(pack["overdue"]!.AsArray(), overdue => (string)overdue!["what"]! == "authority-first");
        Assert.Empty((await PackAsync(day.AddDays(-9), day.AddDays(-5)))["incidents"]!.AsArray());
        var path = $"/audit/pack?from={day.AddDays(-2):yyyy-MM-dd}&to={day:yyyy-MM-dd}";
        foreach (var (language, words) in new[]
        {
            ("ru", new[] { "Аудиторский отчёт", "Чтения сотрудниками", "Отброшено при минимизации", "Роскомнадзор, первичное", "Запреты на уничтожение" }),
            ("en", ["Audit pack", "Reads by staff", "Dropped by minimization", "Roskomnadzor, first", "Legal holds"]),
        })
        {
            var page = await TextAsync($"{path}&language={language}", "text/html");
            Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
            Assert.All([.. words, "A backup was left in a taxi."], word => Assert.Contains(word, page, StringComparison.Ordinal));
            Assert.StartsWith("%PDF", await TextAsync($"{path}&language={language}", "application/pdf"), StringComparison.Ordinal);
        }
    }

    [ContractFact]
    public async Task Only_officers_and_auditors_get_it_and_of_a_period_that_there_is()
    {
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/audit/pack?from=2026-01-01&to=2026-01-31", Roles.Operator));
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/audit/pack?from=2026-01-01&to=2026-12-31", Roles.Officer));
        foreach (var period in new[] { "from=2026-02-01&to=2026-01-31", "from=2025-01-01&to=2026-01-31", "from=2026-01-01&to=9999-12-31" })
            Assert.EndsWith("bad-period", (string)(await app.RefusedAsync($"/audit/pack?{period}"))["type"]!, StringComparison.Ordinal);
        Assert.EndsWith("unknown-document-language", (string)(await app.RefusedAsync("/audit/pack?from=2026-01-01&to=2026-01-01&language=xx"))["type"]!, StringComparison.Ordinal);
        Assert.EndsWith("malformed-request", (string)(await app.RefusedAsync("/audit/pack?from=yesterday&to=2026-01-01"))["type"]!, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Staff_read_the_log_as_the_read_rules_say()
    {
        await app.PublishAsync("retention", new ReadRulesChanged
        {
            Version = 1,
            Rules = [.. ReadRules.Standard.Rules.Select(rule => rule.Role == Roles.Officer ? rule with { Access = ReadAccess.Deny } : rule)],
            ChangedAt = app.Now,
        });
        await Eventually.Is("the rules are adopted", async () => (await ReadRules.OfAsync(app.Module("audit").OpenSession(), CancellationToken.None)).Version, version => version == 1, ServiceApp.Soon);

        var denied = await app.SendAsync(HttpMethod.Get, "/audit/entries?limit=1000", null, Roles.Officer);
        var entries = await Eventually.Is(
            "the refusal is in the log", async () => (await app.GetAsync("/audit/entries?limit=1000", Roles.Auditor))["items"]!.AsArray(),
            items => items.Any(IsRefusal), ServiceApp.Soon);

        Assert.Equal((HttpStatusCode.Forbidden, "read-denied"), (denied.Status, denied.Problem));
        var read = entries.Single(IsRefusal)!["read"]!;
        Assert.Equal((Roles.Officer, "refused", "violation", 1L), ((string)read["role"]!, (string)read["outcome"]!, (string)read["compliance"]!, (long)read["rulesVersion"]!));

        static bool IsRefusal(JsonNode? entry) => entry!["read"] is { } read && ((string)read["data"]!, (string)read["outcome"]!) == ("audit-log", "refused");
    }

    private async Task TellAsync<T>(params T[] messages)
        where T : class
    {
        var size = await app.SizeAsync();
        await app.PublishAsync("retention", messages);
        await Eventually.Is("each has its entry", app.SizeAsync, now => now >= size + messages.Length, ServiceApp.Soon);
    }

    private EraseSubject Opened(string caseId, DateTimeOffset openedAt, DateTimeOffset dueAt) => app.Module("retention").Signer.Sign(new EraseSubject
    {
        CaseId = caseId,
        SubjectRef = "r1",
        Epoch = 0,
        Version = 1,
        WholeEpoch = false,
        Narrowed = [],
        Reason = "revoked",
        OpenedAt = openedAt,
        DueAt = dueAt,
    });

    private static ErasureCompleted Completed(string caseId, DateTimeOffset openedAt, DateTimeOffset dueAt, DateTimeOffset completedAt) => new()
    {
        CaseId = caseId,
        SubjectRef = "r1",
        Epoch = 0,
        Participants = ["audit"],
        CompletedAt = completedAt,
        OpenedAt = openedAt,
        DueAt = dueAt,
        Reason = "revoked",
    };

    private LegalHoldsChanged Held(string holdId, bool stands) => app.Module("retention").Signer.Sign(new LegalHoldsChanged
    {
        SubjectRef = "r1",
        Epoch = 0,
        Version = 1,
        Holds = stands ? [new HeldCategory { HoldId = holdId, Category = "viewing" }] : [],
        ChangedHoldId = holdId,
    });

    private StaffReadDecided Read(string role, string? purpose, ReadCompliance compliance, string outcome = "shown") => new()
    {
        Data = "erasure-cases",
        Role = role,
        Purpose = purpose,
        Outcome = compliance == ReadCompliance.Compliant ? outcome : "refused",
        Compliance = compliance,
        RulesVersion = 0,
        Categories = ["pseudonym"],
        DecidedAt = app.Now,
    };

    private FieldsMinimized Minimized(DateTime day, long count, int unused) => new()
    {
        Day = DateOnly.FromDateTime(day),
        CountedAt = app.Now.AddMinutes(count),
        Dropped = [new FieldDropped { EventType = "film.rated", Field = "email", Reason = "not-declared", Count = count }],
        Unused = [.. Enumerable.Range(1, unused).Select(i => new FieldUnused { EventType = "film.rated", Field = $"unused-{i}" })],
    };

    private Task<JsonObject> PackAsync(DateTime from, DateTime to) => app.GetAsync($"/audit/pack?from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}", Roles.Auditor);

    private async Task<string> TextAsync(string path, string type)
    {
        using var client = app.As(Roles.Auditor);
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        return await client.GetStringAsync(new Uri(path, UriKind.Relative));
    }
}
