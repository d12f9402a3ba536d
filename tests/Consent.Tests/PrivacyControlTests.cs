using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Global Privacy Control: it concerns passing data on, and nothing else.</summary>
public sealed class PrivacyControlTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    private static readonly object Sharing = new { type = "sharing", recipients = new[] { "a partner" } };

    [Fact]
    public async Task Support_is_stated_where_browsers_look_for_it()
    {
        using var nobody = app.AsNobody();

        using var response = await nobody.GetAsync(new Uri("/.well-known/gpc.json", UriKind.Relative));
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["gpc", "lastUpdate"], body.Select(member => member.Key));
        Assert.True((bool)body["gpc"]!);
        Assert.Matches(@"^\d{4}-\d{2}-\d{2}$", (string)body["lastUpdate"]!);
    }

    [Fact]
    public async Task A_grant_to_pass_data_on_is_refused_while_the_browser_says_no()
    {
        await app.DeclareAsync("partners", Sharing);

        var (refused, problem) = await GrantWithAsync("private", "partners", "1");
        var before = (long)(await app.ConsentsAsync("private"))["version"]!;

        Assert.Equal((HttpStatusCode.Conflict, "gpc-opt-out", 0), (refused, ConsentApp.Slug(problem), before));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("1, 1")]
    [InlineData("10")]
    public async Task Another_value_is_no_signal(string value)
    {
        await app.DeclareAsync("open-partners", Sharing);

        var (status, _) = await GrantWithAsync($"open-{value.Length}-{value[0]}", "open-partners", value);

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task The_signal_says_nothing_about_purposes_that_pass_nothing_on_and_does_not_hinder_a_refusal()
    {
        await app.DeclareAsync("own-use");
        await app.DeclareAsync("refused-partners", Sharing);

        var (own, _) = await GrantWithAsync("half-private", "own-use", "1");
        var (denied, _) = await app.SendAsync(
            Roles.Product, HttpMethod.Put, "/consents/half-private/refused-partners", new { decision = "denied", noticeVersion = 1, language = "en", channel = "web" }, headers: ("Sec-GPC", "1"));
        var (revoked, _) = await app.SendAsync(Roles.Product, HttpMethod.Delete, "/consents/half-private/own-use", headers: ("Sec-GPC", "1"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK), (own, denied, revoked));
    }

    [Theory]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Subject)]
    public async Task A_page_that_sees_the_signal_has_it_recorded_for_every_sharing_purpose_and_no_other(string role)
    {
        var person = $"signalling-{role}";
        await using var own = await OwnApp.StartAsync();
        await own.DeclareAsync("first-party");
        await own.DeclareAsync("undecided-first-party");
        await own.DeclareAsync("granted-partners", Sharing);
        await own.DeclareAsync("undecided-partners", Sharing);
        await own.DeclareAsync("revoked-partners", Sharing);
        await own.DeclareAsync("partners-by-contract", new { type = "sharing", lawfulBasis = "contract" });
        await own.GrantAsync(person, "first-party");
        await own.GrantAsync(person, "granted-partners", ["viewing"]);
        await own.GrantAsync(person, "revoked-partners");
        await own.RevokeAsync(person, "revoked-partners");

        var (status, answer) = await own.SendAsync(role, HttpMethod.Post, $"/consents/{person}/signals/gpc", customerId: person);
        var last = (await own.HistoryAsync(person))[^1];
        var revoked = await Eventually.Is(
            "the revocation was published", () => Task.FromResult(own.Around.Events.OfType<ConsentRevoked>().FirstOrDefault(revoked => revoked.Version == (long)answer["version"]!)),
            found => found is not null, ConsentApp.Soon);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(ErasureCaseId.Of(own.RefOf(person), (long)answer["version"]!), (string?)answer["caseId"]);
        Assert.Equal(["granted-partners viewing"], revoked!.Narrowed.Select(narrowed => $"{narrowed.Purpose} {narrowed.Category}"));
        Assert.Equal(((string?)answer["receiptId"], "gpc"), ((string?)last["receiptId"], (string?)last["channel"]));
        Assert.Equal("granted granted", await StatesAsync("first-party"));
        Assert.Equal("- -", await StatesAsync("undecided-first-party"));
        Assert.Equal("revoked denied", await StatesAsync("granted-partners"));
        Assert.Equal("denied denied", await StatesAsync("undecided-partners"));
        Assert.Equal("revoked revoked", await StatesAsync("revoked-partners"));
        Assert.DoesNotContain(revoked.Consent.Decisions, decision => decision.Purpose == "partners-by-contract");

        async Task<string> StatesAsync(string purpose) =>
            string.Join(' ', (await own.PurposeAsync(person, purpose))["categories"]!.AsArray().Select(category => (string?)category!["decision"] ?? "-"));
    }

    [Fact]
    public async Task Repeated_it_changes_nothing_and_a_later_choice_counts()
    {
        await app.DeclareAsync("partners-again", Sharing);
        await SignalAsync("repeating");

        var (_, second) = await SignalAsync("repeating");
        var (granted, _) = await app.GrantAsync("repeating", "partners-again");

        Assert.Equal((1, null), ((long)second["version"]!, (string?)second["receiptId"]));
        Assert.Equal(HttpStatusCode.OK, granted);
    }

    [Fact]
    public async Task A_person_signals_only_for_themselves()
    {
        var (others, _) = await app.SendAsync(Roles.Subject, HttpMethod.Post, "/consents/somebody-else/signals/gpc", customerId: "myself");
        var (staff, _) = await app.SendAsync(Roles.Officer, HttpMethod.Post, "/consents/somebody-else/signals/gpc");

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (others, staff));
    }

    private Task<(HttpStatusCode Status, JsonObject Body)> SignalAsync(string customerId) => app.SendAsync(Roles.Product, HttpMethod.Post, $"/consents/{customerId}/signals/gpc");

    private Task<(HttpStatusCode Status, JsonObject Body)> GrantWithAsync(string customerId, string purpose, string signal) => app.SendAsync(
        Roles.Product, HttpMethod.Put, $"/consents/{customerId}/{purpose}",
        new { decision = "granted", noticeVersion = 1, language = "en", channel = "web", decidedAt = app.Clock.GetUtcNow() }, headers: ("Sec-GPC", signal));
}
