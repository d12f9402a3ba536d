using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Data are kept and not used: as fast as a revocation, and nothing is erased.</summary>
public sealed class RestrictingUseTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task A_person_restricts_use_and_lifts_that_and_everything_is_as_it_was()
    {
        await app.DeclareAsync("restricted");
        await app.GrantAsync("anna", "restricted");
        var granted = await LastAsync<ConsentGranted>("anna", 1);

        var (status, answer) = await RestrictAsync(new { customerId = "anna", reason = "accuracyContested" }, "anna");
        var id = (string)answer["restriction"]!["restrictionId"]!;
        var told = await LastAsync<ConsentRevoked>("anna", 2);
        var shown = await app.ConsentsAsync("anna");
        var (again, repeated) = await RestrictAsync(new { customerId = "anna", reason = "accuracyContested" }, "anna");
        var (lifted, _) = await LiftAsync(id, Roles.Subject, "anna");
        var after = await LastAsync<ConsentGranted>("anna", 3);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (status, again, lifted));
        Assert.Equal(["profile", "recommendation"], answer["inForce"]!["appliedBy"]!.AsArray().Select(by => (string?)by!["service"]).Order());
        Assert.Empty(told.Narrowed);
        Assert.False(told.EpochEnded);
        Assert.All(told.Consent.Decisions, decision => Assert.Equal((ConsentDecision.Granted, true), (decision.Decision, decision.IsRestricted)));
        Assert.Equal((id, "subject"), ((string?)shown["restrictions"]![0]!["restrictionId"], (string?)shown["restrictions"]![0]!["placedBy"]));
        Assert.All(Categories(shown), category => Assert.Equal(("granted", true), ((string?)category["decision"], (bool?)category["isRestricted"])));
        Assert.Equal((id, 2L), ((string?)repeated["restriction"]!["restrictionId"], (long)repeated["version"]!));
        Assert.Equal(granted.Consent.Decisions, after.Consent.Decisions);
        Assert.Equal(granted.Epoch, after.Epoch);
        Assert.Empty((await app.ConsentsAsync("anna"))["restrictions"]!.AsArray());
        Assert.Equal(["restriction", "restriction-lifted"], (await app.HistoryAsync("anna"))[1..].Select(entry => (string?)entry["channel"]));
        var placed = await Eventually.Is("the audit log is told", () => Task.FromResult(app.Around.Restricted.FirstOrDefault(restricted => restricted.RestrictionId == id)), found => found is not null, ConsentApp.Soon);
        await Eventually.Is("of its end too", () => Task.FromResult(app.Around.Lifted.FirstOrDefault(ended => ended.RestrictionId == id)?.LiftedBy), by => by == "subject", ConsentApp.Soon);
        Assert.Equal(("subject", "accuracyContested", 2L), (placed!.PlacedBy, placed.Reason, placed.Version));
    }

    [Fact]
    public async Task The_receipt_says_what_is_kept_from_use_and_nobody_is_counted_as_having_decided()
    {
        await app.DeclareAsync("proven");
        await app.GrantAsync("boris", "proven");
        var counted = await CountsAsync("boris");

        var (_, answer) = await RestrictAsync(new { customerId = "boris", categories = new[] { "opinion" }, reason = "legalClaims" }, "boris");
        var receipt = await app.SendAsync(Roles.Officer, HttpMethod.Get, $"/consents/boris/receipts/{answer["receiptId"]}");
        var processing = Assert.Single(receipt.Body["processing"]!.AsArray())!;

        Assert.Equal(HttpStatusCode.OK, receipt.Status);
        Assert.Equal(
            [("opinion", true), ("viewing", null)],
            processing["pii_information"]!.AsArray().Select(data => ((string?)data!["pii_type"], (bool?)data["is_restricted"])).Order());
        Assert.Equal(counted, await CountsAsync("boris"));
    }

    [Fact]
    public async Task Only_what_is_named_is_restricted_and_what_is_granted_later_too()
    {
        await app.DeclareAsync("scoped");
        await app.DeclareAsync("others");
        await app.GrantAsync("vera", "scoped", ["viewing"]);
        await app.GrantAsync("vera", "others");
        await RestrictAsync(new { customerId = "vera", purposes = new[] { "scoped" }, reason = "objectionPending" }, "vera");

        await app.GrantAsync("vera", "scoped");
        var (_, revoked) = await app.RevokeAsync("vera", "scoped");

        var later = (await LastAsync<ConsentGranted>("vera", 4)).Consent.Decisions;
        Assert.All(later, decision => Assert.Equal(decision.Purpose == "scoped", decision.IsRestricted == true));
        Assert.NotNull(revoked["caseId"]);
        Assert.Equal(2, (await LastAsync<ConsentRevoked>("vera", 5)).Narrowed.Count);
    }

    [Fact]
    public async Task It_ends_by_itself_when_its_time_is_over()
    {
        await app.DeclareAsync("timed");
        await app.GrantAsync("gleb", "timed");
        await RestrictAsync(new { customerId = "gleb", reason = "unlawfulUse", until = app.Clock.GetUtcNow().AddDays(3) }, "gleb");

        app.Clock.Advance(TimeSpan.FromDays(3));
        var ended = await Eventually.Is(
            "it is lifted", () => Task.FromResult(app.Around.Lifted.FirstOrDefault(lifted => lifted.SubjectRef == app.RefOf("gleb"))), found => found is not null, ConsentApp.Soon);

        Assert.Null(ended!.LiftedBy);
        Assert.All((await LastAsync<ConsentGranted>("gleb", 3)).Consent.Decisions, decision => Assert.Null(decision.IsRestricted));
        Assert.Empty((await app.ConsentsAsync("gleb"))["restrictions"]!.AsArray());
    }

    [Fact]
    public async Task An_officers_restriction_is_lifted_by_an_officer_and_somebody_elses_by_nobody()
    {
        await app.DeclareAsync("guarded");
        await app.GrantAsync("dina", "guarded");
        var (_, placed) = await app.SendAsync(Roles.Officer, HttpMethod.Post, "/restrictions", new { customerId = "dina", reason = "unlawfulUse" });
        var id = (string)placed["restriction"]!["restrictionId"]!;

        var listed = await app.SendAsync(Roles.Officer, HttpMethod.Get, "/restrictions?limit=500");
        var byPerson = await LiftAsync(id, Roles.Subject, "dina");
        var byProduct = await LiftAsync(id, Roles.Product);
        var byStranger = await LiftAsync(id, Roles.Subject, "somebody-else");
        var forAnother = await RestrictAsync(new { customerId = "dina", reason = "unlawfulUse" }, "somebody-else");
        var byOfficer = await LiftAsync(id, Roles.Officer);

        Assert.Contains(id, listed.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("dina", listed.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(app.RefOf("dina"), listed.Body.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal([(HttpStatusCode.Forbidden, "placed-by-officer"), (HttpStatusCode.Forbidden, "placed-by-officer")], [Told(byPerson), Told(byProduct)]);
        Assert.Equal((HttpStatusCode.NotFound, "not-found"), Told(byStranger));
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), Told(forAnother));
        Assert.Equal(HttpStatusCode.OK, byOfficer.Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(Roles.Operator, HttpMethod.Get, "/restrictions")).Status);
        var told = await Eventually.Is("the audit log is told", () => Task.FromResult(app.Around.Lifted.FirstOrDefault(lifted => lifted.RestrictionId == id)), found => found is not null, ConsentApp.Soon);
        Assert.NotNull(told!.Officer);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing()
    {
        await app.DeclareAsync("refused");
        await app.GrantAsync("egor", "refused");

        var empty = await RestrictAsync(new { customerId = "egor", purposes = Array.Empty<string>(), reason = "unlawfulUse" }, "egor");
        var over = await RestrictAsync(new { customerId = "egor", reason = "unlawfulUse", until = app.Clock.GetUtcNow() }, "egor");
        var unknown = await RestrictAsync(new { customerId = "egor", purposes = new[] { "never-declared" }, reason = "unlawfulUse" }, "egor");
        var nameless = await RestrictAsync(new { customerId = "e@example.org", reason = "unlawfulUse" }, "e@example.org");
        for (var i = 1; i <= 20; i++) await RestrictAsync(new { customerId = "egor", reason = "unlawfulUse", until = app.Clock.GetUtcNow().AddDays(i) }, "egor");
        var many = await RestrictAsync(new { customerId = "egor", reason = "legalClaims" }, "egor");

        Assert.Equal([(HttpStatusCode.BadRequest, "bad-restriction"), (HttpStatusCode.BadRequest, "bad-restriction")], [Told(empty), Told(over)]);
        Assert.Equal((HttpStatusCode.NotFound, "unknown-purpose"), Told(unknown));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-customer-id"), Told(nameless));
        Assert.Equal((HttpStatusCode.Conflict, "too-many-restrictions"), Told(many));
        Assert.Equal(21, (long)(await app.ConsentsAsync("egor"))["version"]!);
    }

    [Fact]
    public async Task What_a_demand_to_be_forgotten_restricts_only_retention_places_and_lifts()
    {
        await app.DeclareAsync("pending");
        await app.GrantAsync("fedor", "pending");
        for (var i = 1; i <= 20; i++) await RestrictAsync(new { customerId = "fedor", reason = "unlawfulUse", until = app.Clock.GetUtcNow().AddDays(i) }, "fedor");
        var body = new { customerId = "fedor", reason = "erasurePending" };

        var byPerson = await RestrictAsync(body, "fedor");
        var byOfficer = await app.SendAsync(Roles.Officer, HttpMethod.Post, "/restrictions", body);
        var otherReason = await app.SendAsync(Roles.Service, HttpMethod.Post, "/restrictions", new { customerId = "fedor", reason = "unlawfulUse" });
        var (status, placed) = await app.SendAsync(Roles.Service, HttpMethod.Post, "/restrictions", body);
        var (_, again) = await app.SendAsync(Roles.Service, HttpMethod.Post, "/restrictions", body);
        var id = (string)placed["restriction"]!["restrictionId"]!;
        var lifted = new[] { await LiftAsync(id, Roles.Subject, "fedor"), await LiftAsync(id, Roles.Product), await LiftAsync(id, Roles.Officer) };
        var byRetention = await LiftAsync(id, Roles.Service);

        Assert.All([byPerson, byOfficer, otherReason], refused => Assert.Equal((HttpStatusCode.BadRequest, "bad-restriction"), Told(refused)));
        Assert.Equal((HttpStatusCode.OK, id), (status, (string)again["restriction"]!["restrictionId"]!));
        Assert.All(lifted, refused => Assert.Equal((HttpStatusCode.Forbidden, "erasure-pending"), Told(refused)));
        Assert.Equal(HttpStatusCode.OK, byRetention.Status);
    }

    private static (HttpStatusCode, string) Told((HttpStatusCode Status, JsonObject Body) answer) => (answer.Status, ConsentApp.Slug(answer.Body));

    private static IEnumerable<JsonNode> Categories(JsonObject consents) =>
        consents["purposes"]!.AsArray().SelectMany(purpose => purpose!["categories"]!.AsArray()).OfType<JsonNode>().Where(category => category["decision"] is not null);

    private Task<(HttpStatusCode Status, JsonObject Body)> RestrictAsync(object body, string customerId) => app.SendAsync(Roles.Subject, HttpMethod.Post, "/restrictions", body, customerId);

    private Task<(HttpStatusCode Status, JsonObject Body)> LiftAsync(string id, string role, string? customerId = null) =>
        app.SendAsync(role, HttpMethod.Delete, $"/restrictions/{id}", customerId: customerId);

    private async Task<string> CountsAsync(string customerId) =>
        System.Text.Json.JsonSerializer.Serialize((await app.Consent.OpenSession().LoadAsync<Domain.ConsentRecord>(app.RefOf(customerId), CancellationToken.None))!.Changes.Values.SelectMany(change => change.Counted));

    private async Task<T> LastAsync<T>(string customerId, long version)
        where T : class, IConsentEvent =>
        (await Eventually.Is(
            $"version {version} is published", () => Task.FromResult(app.Around.Events.OfType<T>().FirstOrDefault(told => told.SubjectRef == app.RefOf(customerId) && told.Version == version)),
            found => found is not null, ConsentApp.Soon))!;
}
