using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Whatever shrinks what a person permits is a revocation: same event, same case, same answer.</summary>
public sealed class NarrowingConsentTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task A_denial_after_a_grant_cascades()
    {
        await app.DeclareAsync("denied");
        await app.GrantAsync("denier", "denied");

        var (status, answer) = await app.DenyAsync("denier", "denied");

        await AssertCascadesAsync("denier", status, answer, ["opinion", "viewing"], epochEnded: true);
    }

    [Fact]
    public async Task Fewer_categories_cascade_for_those_that_went()
    {
        await app.DeclareAsync("fewer");
        await app.GrantAsync("narrower", "fewer");

        var (status, answer) = await app.GrantAsync("narrower", "fewer", ["viewing"]);

        await AssertCascadesAsync("narrower", status, answer, ["opinion"], epochEnded: false);
    }

    [Fact]
    public async Task Agreeing_to_a_notice_that_names_fewer_categories_cascades_for_the_rest()
    {
        await app.DeclareAsync("shrunk");
        await app.GrantAsync("renewer", "shrunk");
        await app.DeclareAsync("shrunk", new { materialChange = true, categories = new[] { "viewing" } }, "We no longer use your opinion.");

        var (status, answer) = await app.GrantAsync("renewer", "shrunk", noticeVersion: 2);

        await AssertCascadesAsync("renewer", status, answer, ["opinion"], epochEnded: false);
    }

    [Fact]
    public async Task A_revocation_of_one_of_two_purposes_leaves_the_epoch_open()
    {
        await app.DeclareAsync("first");
        await app.DeclareAsync("second");
        await app.GrantAsync("both", "first");
        await app.GrantAsync("both", "second");

        var (status, answer) = await app.RevokeAsync("both", "first");

        await AssertCascadesAsync("both", status, answer, ["opinion", "viewing"], epochEnded: false);
        Assert.Equal("granted", (string?)(await app.PurposeAsync("both", "second"))["categories"]![0]!["decision"]);
    }

    [Fact]
    public async Task The_end_of_validity_cascades_without_anybody_asking()
    {
        await app.DeclareAsync("limited", new { validDays = 30 });
        await app.GrantAsync("forgetful", "limited");
        var granted = await app.PurposeAsync("forgetful", "limited");

        app.Clock.Advance(TimeSpan.FromDays(31));
        var expired = await Eventually.Is(
            "it expired", () => Task.FromResult(app.Around.Events.OfType<ConsentExpired>().FirstOrDefault(expired => expired.SubjectRef == app.RefOf("forgetful"))), found => found is not null, ConsentApp.Soon);

        Assert.NotNull(granted["categories"]![0]!["validUntil"]);
        Assert.True(expired!.EpochEnded);
        Assert.NotNull(expired.Signature);
        Assert.Equal(["opinion", "viewing"], expired.Narrowed.Select(narrowed => narrowed.Category).Order());
        Assert.Equal("expired", (string?)(await app.PurposeAsync("forgetful", "limited"))["categories"]![0]!["decision"]);
        Assert.Equal("expiry", (string?)(await app.HistoryAsync("forgetful"))[^1]["channel"]);
    }

    [Fact]
    public async Task The_answer_names_who_applied_it_and_the_status_says_since_when_per_purpose()
    {
        await app.DeclareAsync("status");
        await app.DeclareAsync("status-too");
        await app.GrantAsync("watcher", "status");
        var first = await Eventually.Is(
            "both services are named", () => app.PurposeAsync("watcher", "status"), purpose => purpose["inForce"]!.AsArray().Count == 2, ConsentApp.Soon);

        await app.GrantAsync("watcher", "status-too");
        await Eventually.Is(
            "both services hold the second purpose too", () => app.PurposeAsync("watcher", "status-too"), purpose => purpose["inForce"]!.AsArray().Count == 2, ConsentApp.Soon);
        var later = await app.PurposeAsync("watcher", "status");

        Assert.Equal(["profile", "recommendation"], first["inForce"]!.AsArray().Select(by => (string?)by!["service"]).Order());
        Assert.Equal(first["inForce"]!.ToJsonString(), later["inForce"]!.ToJsonString());
        Assert.Equal(first["since"]!.ToJsonString(), later["since"]!.ToJsonString());
        Assert.Null((await app.PurposeAsync("watcher-of-nothing", "status"))["since"]);
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_named_and_the_change_is_recorded_all_the_same()
    {
        // Time enough for the one that answers.
        await using var own = await OwnApp.StartAsync(new() { ["Consent:WaitForMilliseconds"] = "2000" });
        await own.DeclareAsync("silent");
        await own.GrantAsync("waiting", "silent");
        own.Around.Silent["profile"] = true;

        var (status, answer) = await own.RevokeAsync("waiting", "silent");
        var purpose = await Eventually.Is(
            "the other service is named", () => own.PurposeAsync("waiting", "silent"), purpose => purpose["inForce"]!.AsArray().Count == 1, ConsentApp.Soon);

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("pending", (string?)answer["inForce"]!["state"]);
        Assert.Equal(["profile"], answer["inForce"]!["waitingFor"]!.AsArray().Select(service => (string?)service));
        Assert.Equal("revoked", (string?)purpose["categories"]![0]!["decision"]);
        Assert.Equal(["recommendation"], purpose["inForce"]!.AsArray().Select(by => (string?)by!["service"]));
    }

    [Fact]
    public async Task A_revocation_of_nothing_is_answered_alike_for_the_known_and_the_unknown()
    {
        await app.DeclareAsync("nothing");

        var (status, answer) = await app.RevokeAsync("never-seen", "nothing");

        Assert.Equal((HttpStatusCode.OK, 0), (status, (long)answer["version"]!));
        Assert.Null(answer["caseId"]);
    }

    private async Task AssertCascadesAsync(string customerId, HttpStatusCode status, JsonObject answer, string[] categories, bool epochEnded)
    {
        var revoked = await Eventually.Is(
            "the revocation was published", () => Task.FromResult(app.Around.Events.OfType<ConsentRevoked>().LastOrDefault(revoked => revoked.SubjectRef == app.RefOf(customerId))),
            found => found is not null, ConsentApp.Soon);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(ErasureCaseId.Of(app.RefOf(customerId), (long)answer["version"]!), (string?)answer["caseId"]);
        Assert.Equal((long)answer["version"]!, revoked!.Version);
        Assert.Equal(categories, revoked.Narrowed.Select(narrowed => narrowed.Category).Order());
        Assert.Equal(epochEnded, revoked.EpochEnded);
        Assert.NotNull(revoked.LedgerHash);
    }
}
