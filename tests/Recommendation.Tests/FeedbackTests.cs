using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class FeedbackTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task A_signal_that_is_not_to_be_used_is_no_reason_in_the_next_answer_of_any_instance_nor_when_a_newer_one_comes()
    {
        await SettleAsync("anna");
        var (other, client) = await app.StartAnotherAsync(Roles.Product);
        await using var _ = other;
        using var __ = client;

        await SayAsync("anna", new { feedback = "dontUse", signal = "anna-1" });

        foreach (var answer in new[] { await app.RecommendTextAsync("anna"), await client.GetStringAsync(new Uri("/recommendations/anna?limit=5", UriKind.Relative)) })
        {
            Assert.DoesNotContain("anna-1", answer, StringComparison.Ordinal);
            Assert.Contains("anna-2", answer, StringComparison.Ordinal);
        }

        await app.AdvanceAsync(TimeSpan.FromSeconds(2));
        await app.LearnAsync(app.Signal("anna", "f1", id: "anna-1-newer"));
        Assert.DoesNotContain("anna-1", await app.RecommendTextAsync("anna"), StringComparison.Ordinal);
        await app.FollowUntilAsync("models are without it", () => Task.FromResult(app.LikingsOf("anna").SequenceEqual(["f2"])));
    }

    [Fact]
    public async Task Less_like_this_counts_against_what_is_like_it_and_is_not_recommended()
    {
        await SettleAsync("boris");
        var before = ScoresOf(await app.RecommendAsync("boris"));
        Assert.True(before.ContainsKey("f3"));

        await SayAsync("boris", new { feedback = "lessLike", itemId = "f3" });

        var after = ScoresOf(await app.RecommendAsync("boris"));
        Assert.False(after.ContainsKey("f3"));
        Assert.All(after, item => Assert.True(item.Value < before[item.Key]));
        Assert.DoesNotContain("feedback-f3", await app.RecommendTextAsync("boris"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_forgotten_is_erased_and_does_not_come_back()
    {
        await SettleAsync("vera");
        var told = app.Signal("vera", "f1", id: "vera-1");
        var earlier = app.Signal("vera", "f1", id: "vera-0", time: app.Now.AddSeconds(-1));

        await SayAsync("vera", new { feedback = "forget", itemId = "f1" });
        using var counts = new Counts(app.Module("recommendation").Meter);
        await app.LearnAsync(told, earlier);

        Assert.Equal(["forgotten", "forgotten"], counts.Of("personalization.signals").Select(tags => (string)tags["reason"]!));
        Assert.DoesNotContain("vera-1", (await app.HistoryAsync("vera"))!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain((await app.HistoryAsync("vera"))!.Entries, entry => entry.SignalId == "vera-1" || entry.Value is not null && entry.ItemId == "f1");
        Assert.DoesNotContain("vera-1", await app.RecommendTextAsync("vera"), StringComparison.Ordinal);

        // Liked anew, it is a new signal.
        await app.AdvanceAsync(TimeSpan.FromSeconds(2));
        await app.LearnAsync(app.Signal("vera", "f1", id: "vera-3"));
        Assert.Contains("vera-3", await app.RecommendTextAsync("vera"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_said_is_erased_with_the_person()
    {
        await SettleAsync("galina");
        await SayAsync("galina", new { feedback = "lessLike", itemId = "f3" });
        await SayAsync("galina", new { feedback = "forget", signal = "galina-1" });

        var receipt = await app.EraseAsync(await app.RevokeAsync("galina"));

        Assert.Null(await app.RowAsync("galina"));
        Assert.Equal(3, receipt.Erased.Sum(erased => erased.Count));
    }

    [Fact]
    public async Task Who_permits_nothing_or_names_nothing_of_their_own_stores_nothing()
    {
        await SettleAsync("dina");

        foreach (var (customer, said) in new (string, object)[]
        {
            ("nobody-ever", new { feedback = "lessLike", itemId = "f3" }),
            ("nobody-ever", new { feedback = "forget", signal = "dina-1" }),
            ("dina", new { feedback = "dontUse", signal = "anna-1" }),
            ("dina", new { feedback = "forget", itemId = "f5" }),
        })
        {
            var answer = await AnswerAsync(customer, said);
            Assert.Equal((HttpStatusCode.NotFound, "not-found"), (answer.Status, answer.Problem));
        }

        Assert.Null(await app.RowAsync("nobody-ever"));
        Assert.Equal(["dina-1", "dina-2"], (await app.HistoryAsync("dina"))!.Entries.Select(entry => entry.SignalId).Order());
        Assert.Equal("bad-feedback", (await AnswerAsync("dina", new { feedback = "forget" })).Problem);
        Assert.Equal("bad-feedback", (await AnswerAsync("dina", new { feedback = "forget", signal = "dina-1", itemId = "f1" })).Problem);
        Assert.Equal("malformed-request", (await AnswerAsync("dina", new { feedback = "love", itemId = "f1" })).Problem);
    }

    [Theory]
    [InlineData(Roles.Product, null, HttpStatusCode.NotFound)]
    [InlineData(Roles.Subject, "emma", HttpStatusCode.NotFound)]
    [InlineData(Roles.Subject, "emma-2", HttpStatusCode.Forbidden)]
    [InlineData(Roles.Operator, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Marketer, null, HttpStatusCode.Forbidden)]
    public async Task Feedback_is_the_persons_or_a_products_on_their_behalf(string role, string? customer, HttpStatusCode expected)
    {
        using var client = app.As(role, customer);

        using var answer = await client.PostAsync(new Uri("/recommendations/emma/feedback", UriKind.Relative), ServiceApp.Content(new { feedback = "forget", itemId = "f1" }));

        Assert.Equal(expected, answer.StatusCode);
    }

    private async Task SettleAsync(string customer)
    {
        await app.GrantAsync(customer, "recommendations", "viewing", "opinion");
        await app.LearnAsync(app.Signal(customer, "f1", rating: 5, id: $"{customer}-1"), app.Signal(customer, "f2", rating: 4, id: $"{customer}-2"));
        await app.FollowAsync(customer);
    }

    private async Task SayAsync(string customer, object feedback) => Assert.Equal(HttpStatusCode.NoContent, (await AnswerAsync(customer, feedback)).Status);

    private Task<Answer> AnswerAsync(string customer, object feedback) =>
        app.SendAsync(HttpMethod.Post, $"/recommendations/{customer}/feedback", ServiceApp.Content(feedback), Roles.Product);

    private static Dictionary<string, double> ScoresOf(JsonObject answer) =>
        answer["items"]!.AsArray().ToDictionary(item => item!["itemId"]!.GetValue<string>(), item => item!["score"]!.GetValue<double>());
}
