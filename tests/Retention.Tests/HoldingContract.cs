using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class HoldingOnSqliteTests(PatientRetentionApp app) : HoldingContract<PatientRetentionApp>(app), IClassFixture<PatientRetentionApp>;

[RequiresMongo]
public sealed class HoldingOnMongoTests(PatientMongoRetentionApp app) : HoldingContract<PatientMongoRetentionApp>(app), IClassFixture<PatientMongoRetentionApp>;

/// <summary>Legal holds: who is told of them, and what becomes of the erasures that they keep open.</summary>
public abstract class HoldingContract<TApp>(TApp app)
    where TApp : RetentionApp
{
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    [ContractFact]
    public async Task A_case_waits_for_the_end_of_a_hold_goes_on_by_itself_and_has_a_certificate_of_each()
    {
        var hold = await PlaceAsync(new { customerId = "anna", categories = new[] { "viewing" }, reason = "Case 12-345/2026" });
        var caseId = await app.RevokeAsync("anna");
        await AnswerAllAsync(caseId, onHold: true);
        var retained = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "retained");
        var waiting = await GetAsync("/erasures?sort=due");
        var interim = await CertificateAsync(caseId);
        var printed = (English: await ActAsync(caseId, "en"), Russian: await ActAsync(caseId, "ru"));
        using var ended = await app.As(Roles.Officer).DeleteAsync(new Uri($"/legal-holds/{hold}", UriKind.Relative));
        await Eventually.Is("the case is sent again", () => Task.FromResult(Commands(caseId).Count), sent => sent > 1, RetentionApp.Soon);
        var stillOnHold = await app.CaseAsync(caseId);
        await AnswerAllAsync(caseId, onHold: false);
        var completed = await app.UntilAsync(caseId, view => view["state"]!.GetValue<string>() == "completed");
        var final = await CertificateAsync(caseId);

        Assert.Equal((HttpStatusCode.OK, "retained"), (ended.StatusCode, stillOnHold["state"]!.GetValue<string>()));
        Assert.Empty(retained["awaiting"]!.AsArray());
        Assert.DoesNotContain(caseId, waiting["items"]!.AsArray().Select(item => item!["caseId"]!.GetValue<string>()));
        Assert.Contains(interim.Receipts.SelectMany(receipt => receipt.Retained), kept => kept is { Category: "viewing", IsOnHold: true });
        Assert.DoesNotContain(final.Receipts.SelectMany(receipt => receipt.Retained), kept => kept.IsOnHold == true);
        Assert.All(new[] { interim, final }, certificate => Assert.Null(certificate.WhatIsWrong(new MessageVerifier(new TrustedKeys(Path.Combine(app.KeysDirectory, "shared", "trust.json")).Find))));
        Assert.Contains("Legal hold: frozen", printed.English, StringComparison.Ordinal);
        Assert.Contains("Запрет на уничтожение: заблокировано", printed.Russian, StringComparison.Ordinal);
        Assert.DoesNotContain("Legal hold", printed.Russian, StringComparison.Ordinal);
        Assert.NotNull(completed["completedAt"]);
        await Eventually.Is("the completion was told", () => Task.FromResult(app.Around.Completed.Count(told => told.CaseId == caseId)), told => told == 1, RetentionApp.Soon);
        Assert.Equal([hold, hold], ToldOf("anna").Select(told => told.ChangedHoldId));
        Assert.Equal(("viewing", hold, 0), (Commands(caseId)[0].Holds!.Holds[0].Category, Commands(caseId)[0].Holds!.Holds[0].HoldId, Commands(caseId)[^1].Holds!.Holds.Count));
    }

    [ContractFact]
    public async Task Every_change_is_told_with_all_that_stands_and_one_with_a_time_ends_by_itself()
    {
        var forGood = await PlaceAsync(new { customerId = "boris", categories = new[] { "viewing", "opinion" }, purposes = new[] { "recommendations" }, reason = "An inquiry" });
        var until = await PlaceAsync(new { customerId = "boris", categories = new[] { "contact" }, reason = "An audit", until = app.Time.GetUtcNow().AddDays(2) });
        app.Time.Advance(TimeSpan.FromDays(3));
        var last = await Eventually.Is("the end is told", () => Task.FromResult(ToldOf("boris")), told => told.Count == 3, RetentionApp.Soon);

        Assert.Equal(3, last.Select(told => told.Version).Distinct().Count());
        Assert.Equal([2, 3, 2], last.Select(told => told.Holds.Count));
        Assert.All(last[^1].Holds, held => Assert.Equal((forGood, "recommendations"), (held.HoldId, held.Purposes!.Single())));
        var listed = (await GetAsync("/legal-holds?limit=500"))["items"]!.AsArray();
        Assert.NotNull(Assert.Single(listed, item => item!["holdId"]!.GetValue<string>() == until)!["endedAt"]);
        Assert.DoesNotContain("boris", listed.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(app.RefOf("boris"), listed.ToJsonString(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Those_that_stand_and_those_that_ended_are_listed_apart_page_by_page()
    {
        string[] placed = [await PlaceAsync(Hold()), await PlaceAsync(Hold()), await PlaceAsync(Hold())];
        using var _ = await app.As(Roles.Officer).DeleteAsync(new Uri($"/legal-holds/{placed[1]}", UriKind.Relative));
        using var unknown = await app.As(Roles.Officer).GetAsync(new Uri("/legal-holds?state=forgotten", UriKind.Relative));

        Assert.Equal([placed[2], placed[0]], (await ListedAsync("standing")).Intersect(placed));
        Assert.Equal([placed[1]], (await ListedAsync("ended")).Intersect(placed));
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);

        static object Hold() => new { customerId = "galina", categories = new[] { "viewing" }, reason = "An inquiry" };

        async Task<IReadOnlyList<string>> ListedAsync(string state)
        {
            var listed = new List<string>();
            for (var after = ""; after is not null;)
            {
                var page = await GetAsync($"/legal-holds?state={state}&limit=1{(after.Length > 0 ? $"&after={Uri.EscapeDataString(after)}" : "")}");
                listed.AddRange(page["items"]!.AsArray().Select(hold => (string)hold!["holdId"]!));
                after = (string?)page["next"];
            }

            return listed;
        }
    }

    [ContractFact]
    public async Task A_participant_that_starts_is_told_the_newest_state_of_every_hold_ended_ones_too()
    {
        var hold = await PlaceAsync(new { customerId = "egor", categories = new[] { "viewing" }, reason = "An inquiry" });
        var ended = await PlaceAsync(new { customerId = "fedor", categories = new[] { "viewing" }, reason = "An inquiry" });
        using var _ = await app.As(Roles.Officer).DeleteAsync(new Uri($"/legal-holds/{ended}", UriKind.Relative));
        var page = (await app.As(Roles.Service).GetFromJsonAsync<ErasureSequencePage>(new Uri("/internal/erasures?holds=true", UriKind.Relative), Json.Options))!;
        var without = (await app.As(Roles.Service).GetFromJsonAsync<ErasureSequencePage>(new Uri("/internal/erasures", UriKind.Relative), Json.Options))!;

        var (standing, over) = (page.Holds!.Single(state => state.SubjectRef == app.RefOf("egor")), page.Holds!.Single(state => state.SubjectRef == app.RefOf("fedor")));
        new MessageVerifier(new TrustedKeys(Path.Combine(app.KeysDirectory, "shared", "trust.json")).Find).Verify(standing);
        Assert.Equal((hold, 0), (Assert.Single(standing.Holds).HoldId, over.Holds.Count));
        await Eventually.Is(
            "the newest of both was told", () => Task.FromResult((Told: ToldOf("egor"), Over: ToldOf("fedor"))),
            both => both is ({ Count: > 0 }, { Count: > 0 }) && (both.Told[^1].Version, both.Over[^1].Version) == (standing.Version, over.Version), RetentionApp.Soon);
        Assert.Null(without.Holds);
    }

    [ContractFact]
    public async Task Holds_that_name_nobody_or_nothing_are_refused_and_they_are_for_officers_only()
    {
        async Task<HttpStatusCode> TryAsync(object hold, string role = Roles.Officer)
        {
            using var response = await app.As(role).PostAsJsonAsync(new Uri("/legal-holds", UriKind.Relative), hold);
            return response.StatusCode;
        }

        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(new { customerId = "a@example.org", categories = new[] { "viewing" }, reason = "x" }));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(new { customerId = "dina", categories = Array.Empty<string>(), reason = "x" }));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(new { customerId = "dina", categories = new[] { "viewing" }, reason = " " }));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync(new { customerId = "dina", categories = new[] { "viewing" }, reason = "x", until = app.Time.GetUtcNow().AddDays(-1) }));
        Assert.All(await Task.WhenAll(new[] { Roles.Operator, Roles.Product, Roles.Auditor }.Select(role => TryAsync(new { customerId = "dina", categories = new[] { "viewing" }, reason = "x" }, role))),
            status => Assert.Equal(HttpStatusCode.Forbidden, status));
        Assert.Empty(ToldOf("dina"));
    }

    private IReadOnlyList<EraseSubject> Commands(string caseId) => [.. app.Around.Commands.Where(command => command.CaseId == caseId)];

    private IReadOnlyList<LegalHoldsChanged> ToldOf(string customer) =>
        [.. app.Around.Told.OfType<LegalHoldsChanged>().Where(told => told.SubjectRef == app.RefOf(customer)).DistinctBy(told => told.Version).OrderBy(told => told.Version)];

    private async Task AnswerAllAsync(string caseId, bool onHold)
    {
        foreach (var participant in Everyone)
        {
            await app.PublishAsync(participant, app.Module(participant).Signer.Sign(await app.ReceiptAsync(caseId, participant) with
            {
                Retained = onHold && participant == "profile" ? [new RetainedData { Store = "held_data", Category = "viewing", Count = 1, Reason = RetainedReasons.LegalHold.En, IsOnHold = true }] : [],
            }));
        }
    }

    private async Task<string> PlaceAsync(object hold)
    {
        using var response = await app.As(Roles.Officer).PostAsJsonAsync(new Uri("/legal-holds", UriKind.Relative), hold);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!["holdId"]!.GetValue<string>();
    }

    private async Task<ErasureCertificate> CertificateAsync(string caseId) =>
        ErasureCertificate.Read(await app.As(Roles.Officer).GetByteArrayAsync(new Uri($"/erasures/{caseId}/certificate", UriKind.Relative)));

    private async Task<string> ActAsync(string caseId, string language)
    {
        using var asked = new HttpRequestMessage(HttpMethod.Get, new Uri($"/erasures/{caseId}/certificate?language={language}", UriKind.Relative)) { Headers = { { "Accept", "text/html" } } };
        using var answer = await app.As(Roles.Officer).SendAsync(asked);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonObject> GetAsync(string path) => JsonNode.Parse(await app.As(Roles.Officer).GetStringAsync(new Uri(path, UriKind.Relative)))!.AsObject();
}
