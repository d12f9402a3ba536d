using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class PassingErasuresOnTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    private const string Orders = "external/orders";
    private static readonly string[] Others = ["audit", "consent", "recommendation"];

    [Fact]
    public async Task A_case_waits_for_those_whom_it_was_passed_on_to_and_names_them()
    {
        var caseId = await app.RevokeAsync("anna");
        foreach (var participant in Others) await app.AnswerAsync(caseId, participant);
        await app.AnswerAsync(caseId, "profile", passedOnTo: [Orders]);
        var waiting = await app.UntilAsync(caseId, view => view["receipts"]!.AsArray().Count == 4);
        await app.AnswerAsync(caseId, Orders, signedBy: "profile");
        var completed = await app.UntilAsync(caseId, view => (string?)view["state"] == "completed");

        Assert.Equal($"""["{Orders}"]""", waiting["awaiting"]!.ToJsonString());
        Assert.Equal("partial", (string?)waiting["state"]);
        Assert.Equal(5, completed["receipts"]!.AsArray().Count);
        var told = await Eventually.Is("the completion was told", () => Task.FromResult(app.Around.Completed.FirstOrDefault(told => told.CaseId == caseId)), told => told is not null, RetentionApp.Soon);
        Assert.Contains(Orders, told!.Participants);
    }

    [Fact]
    public async Task A_receipt_that_overtakes_the_news_of_it_counts_and_one_that_another_service_signed_does_not()
    {
        var caseId = await app.RevokeAsync("boris");
        foreach (var participant in Others) await app.AnswerAsync(caseId, participant);
        await app.AnswerAsync(caseId, "external/mailer", signedBy: "recommendation");
        await app.AnswerAsync(caseId, Orders, signedBy: "profile");
        await app.UntilAsync(caseId, view => view["receipts"]!.AsArray().Count == 4);
        await app.AnswerAsync(caseId, "profile", passedOnTo: [Orders, "external/mailer"]);
        var waiting = await app.UntilAsync(caseId, view => view["receipts"]!.AsArray().Count == 5);

        Assert.Equal("""["external/mailer"]""", waiting["awaiting"]!.ToJsonString());
    }
}
