using System.Net;
using Personalization.Contracts.Recommendation;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class TellingOfAnswersTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task Once_a_minute_the_audit_log_is_told_what_was_decided_and_why()
    {
        await app.SettleAsync("paula");
        await app.GrantAsync("idle", "recommendations", "viewing");
        await PlaceAsync("front", new { limit = 3 });
        var before = app.Now;
        for (var i = 0; i < 5; i++) await AskAsync("paula", "front");
        await AskAsync("idle", "front");
        await AskAsync("nobody-ever", "front");
        await AskAsync("nobody-ever", "front");
        var model = (await app.GetAsync("/recommendations/model"))["version"]!.GetValue<string>();

        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        var told = await ToldAsync("front", 8);
        Assert.All(told, answers => Assert.Equal(model, answers.ModelVersion));
        var personal = Assert.Single(told, answers => answers.Outcome == AnswerOutcome.Personalized);
        Assert.Equal((5, 1L, 1L), (personal.Count, personal.ConsentVersionFrom, personal.ConsentVersionTo));
        Assert.Equal([(ReasonCode.OwnSignal, 30L)], personal.Reasons.Select(reasons => (reasons.Code, reasons.Count)));
        var unknown = Assert.Single(told, answers => answers.Outcome == AnswerOutcome.NoConsent);
        Assert.Equal((2, null), (unknown.Count, unknown.ConsentVersionFrom));
        Assert.Equal([(ReasonCode.LikedByMany, 6L)], unknown.Reasons.Select(reasons => (reasons.Code, reasons.Count)));
        Assert.Equal(1, Assert.Single(told, answers => answers.Outcome == AnswerOutcome.NothingUsable).Count);
        var minute = app.Around.Heard<RecommendationsAnswered>().Single(minute => minute.Answers.Any(answers => answers.Placement == "front"));
        Assert.True(minute.From <= before && before <= minute.Until);
    }

    [Fact]
    public async Task Consent_versions_that_could_be_one_persons_are_not_told()
    {
        await app.SettleAsync("quentin");
        await PlaceAsync("aside", new { limit = 1 });
        for (var i = 0; i < 4; i++) await AskAsync("quentin", "aside");

        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        var told = Assert.Single(await ToldAsync("aside", 4));
        Assert.Equal((AnswerOutcome.Personalized, null, null), (told.Outcome, told.ConsentVersionFrom, told.ConsentVersionTo));
    }

    [Fact]
    public async Task Without_certainty_of_consent_that_is_the_reason()
    {
        await app.SettleAsync("rosa");
        await PlaceAsync("uncertain", new { limit = 1 });
        await app.CutOffAsync();
        await AskAsync("rosa", "uncertain");
        await app.MendAsync();

        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(AnswerOutcome.ConsentUncertain, Assert.Single(await ToldAsync("uncertain", 1)).Outcome);
    }

    [Fact]
    public async Task An_instance_that_stops_tells_of_its_last_answers()
    {
        await PlaceAsync("last", new { limit = 1 });
        var (other, client) = await app.StartAnotherAsync(Roles.Product);
        await using var _ = other;
        using var __ = client;
        await client.GetStringAsync(new Uri("/recommendations/nobody-ever?placement=last", UriKind.Relative));

        await other.StopAsync();

        Assert.Equal(1, (await ToldAsync("last", 1)).Sum(answers => answers.Count));
    }

    private async Task AskAsync(string customer, string placement) =>
        (await app.SendAsync(HttpMethod.Get, $"/recommendations/{customer}?placement={placement}", null, Roles.Product)).Expect(HttpStatusCode.OK);

    private async Task PlaceAsync(string id, object content) =>
        (await app.SendAsync(HttpMethod.Put, $"/placements/{id}", ServiceApp.Content(content), Roles.Operator)).Expect(HttpStatusCode.OK);

    /// <summary>What was told of a placement, once all of it is there. What a stopped instance left is sent by another one, seconds later.</summary>
    private Task<AnswersCounted[]> ToldAsync(string placement, int answers) => Eventually.Is(
        "the answers are told of",
        async () =>
        {
            await app.AdvanceAsync(TimeSpan.FromSeconds(1));
            return app.Around.Heard<RecommendationsAnswered>().SelectMany(minute => minute.Answers).Where(answers => answers.Placement == placement).ToArray();
        },
        told => told.Sum(answers => answers.Count) >= answers,
        ServiceApp.Soon);
}
