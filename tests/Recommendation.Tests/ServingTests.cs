using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class ServingTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task A_placement_says_what_may_be_shown_in_the_very_next_answer()
    {
        await app.SettleAsync("anna");
        await TopicsAsync();

        await PlaceAsync("only", new { allowedTopics = new[] { "even" }, diversity = 0 });
        await PlaceAsync("not", new { excludedTopics = new[] { "even" } });
        await PlaceAsync("one", new { limit = 1 });

        Assert.Equal(["f4", "f6"], (await ItemsAsync("anna", "only")).Order());
        Assert.Equal(["f3", "f5"], (await ItemsAsync("anna", "not")).Order());
        Assert.Single(await ItemsAsync("anna", "one"));
        Assert.All(await ItemsAsync("nobody-ever", "only"), item => Assert.Contains(item, new[] { "f2", "f4", "f6" }));
        await PlaceAsync("only", new { allowedTopics = new[] { "odd" } });
        Assert.Equal(["f3", "f5"], (await ItemsAsync("anna", "only")).Order());
    }

    [Fact]
    public async Task Sensitive_items_are_shown_and_are_reasons_only_where_a_placement_says_so()
    {
        await app.SettleAsync("bella");
        await PlaceAsync("grown-up", new { allowSensitive = true });
        await app.PutAsync("f1", new { title = "Film f1", sensitive = true });
        await app.FollowUntilAsync("the catalogue follows", async () => !(await AnswerAsync("/recommendations/bella")).ToJsonString().Contains("Film f1", StringComparison.Ordinal));

        Assert.Contains("Film f1", (await AnswerAsync("/recommendations/bella?placement=grown-up")).ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("f1", await ItemsAsync("nobody-ever", "default"));
        Assert.Contains("f1", await ItemsAsync("nobody-ever", "grown-up"));
        await app.PutAsync("f1", new { title = "Film f1" });
        await app.FollowUntilAsync("the catalogue follows", async () => (await AnswerAsync("/recommendations/bella")).ToJsonString().Contains("Film f1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_share_is_chosen_by_chance_and_stays_the_same_all_day()
    {
        await app.SettleAsync("carla");
        for (var i = 0; i < 20; i++) await app.PutAsync($"fresh-{i}", new { title = $"Fresh {i}" });
        await PlaceAsync("exploring", new { explorationShare = 0.5 });
        await app.FollowUntilAsync("the catalogue follows", async () => (await ItemsAsync("carla", "exploring")).Any(item => item.StartsWith("fresh-", StringComparison.Ordinal)));

        var first = await AnswerAsync("/recommendations/carla?placement=exploring");
        var again = await AnswerAsync("/recommendations/carla?placement=exploring");
        var lists = new HashSet<string> { string.Join(' ', await ItemsAsync("carla", "exploring")) };
        for (var day = 0; day < 3; day++)
        {
            await app.AdvanceAsync(TimeSpan.FromDays(1));
            lists.Add(string.Join(' ', await ItemsAsync("carla", "exploring")));
        }

        Assert.Equal(first["items"]!.ToJsonString(), again["items"]!.ToJsonString());
        Assert.Equal(2, first["items"]!.AsArray().Count(item => item!["itemId"]!.GetValue<string>().StartsWith("fresh-", StringComparison.Ordinal)));
        Assert.All(
            first["items"]!.AsArray().Where(item => item!["itemId"]!.GetValue<string>().StartsWith("fresh-", StringComparison.Ordinal)),
            item => Assert.Null(Assert.Single(item!["reasons"]!.AsArray())!["signal"]));
        Assert.True(lists.Count > 1);
        for (var i = 0; i < 20; i++) await app.SendAsync(HttpMethod.Delete, $"/items/fresh-{i}", null, Roles.Product);
    }

    [Fact]
    public async Task The_list_for_everybody_goes_on_with_the_catalogue()
    {
        await app.PutAsync("unliked", new { title = "Liked by nobody yet", topics = new[] { "unliked" } });
        await PlaceAsync("unliked", new { allowedTopics = new[] { "unliked" } });

        await app.FollowUntilAsync("the catalogue follows", async () => (await ItemsAsync("nobody-ever", "unliked")).Length == 1);

        var item = Assert.Single((await AnswerAsync("/recommendations/nobody-ever?placement=unliked"))["items"]!.AsArray())!;
        Assert.Equal(("unliked", 0d), (item["itemId"]!.GetValue<string>(), item["score"]!.GetValue<double>()));
        Assert.StartsWith("From the catalogue", item["reasons"]![0]!["text"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?language=ru", null, true)]
    [InlineData("", "ru-RU, en;q=0.5", true)]
    [InlineData("", "de, en;q=0.5, ru;q=0.4", false)]
    [InlineData("?language=en", "ru", false)]
    [InlineData("", null, false)]
    public async Task Reasons_are_in_the_language_asked_for(string query, string? accepted, bool isRussian)
    {
        await app.SettleAsync("dora");
        using var client = app.As(Roles.Product);
        if (accepted is not null) client.DefaultRequestHeaders.Add("Accept-Language", accepted);

        var personal = JsonNode.Parse(await client.GetStringAsync(new Uri($"/recommendations/dora{query}", UriKind.Relative)))!;
        var everybody = JsonNode.Parse(await client.GetStringAsync(new Uri($"/recommendations/nobody-ever{query}", UriKind.Relative)))!;

        Assert.StartsWith(isRussian ? "Из-за «Film f" : "Because of “Film f", TextOf(personal), StringComparison.Ordinal);
        Assert.StartsWith(isRussian ? "Нравится многим" : "Liked by many people", TextOf(everybody), StringComparison.Ordinal);

        static string TextOf(JsonNode answer) => answer["items"]![0]!["reasons"]![0]!["text"]!.GetValue<string>();
    }

    [Fact]
    public async Task A_batch_answers_each_as_alone()
    {
        await app.SettleAsync("emma");
        await app.SettleAsync("fiona");
        await app.RevokeAsync("fiona");

        var batch = await BatchAsync(new { customerIds = new[] { "emma", "fiona", "nobody-ever", "emma" }, limit = 3 });

        var items = batch.Expect(HttpStatusCode.OK)["items"]!.AsArray();
        Assert.Equal([true, false, false, true], items.Select(item => item!["personalized"]!.GetValue<bool>()));
        Assert.True(JsonNode.DeepEquals(await app.RecommendAsync("emma", 3), items[0]));
        Assert.True(JsonNode.DeepEquals(await app.RecommendAsync("nobody-ever", 3), items[1]));
    }

    [Theory]
    [InlineData("personal", "nora-1")]
    [InlineData("for everybody", "nobody-ever")]
    [InlineData("for many", "nora-1", "nora-2", "nobody-ever", "nora-1")]
    public async Task An_answer_reads_the_store_once_and_writes_nothing(string list, params string[] customers)
    {
        foreach (var customer in customers.Where(customer => customer != "nobody-ever").Distinct()) await app.SettleAsync(customer);
        var answer = "";

        // The model and the catalogue are followed beside it, but only when the clock moves.
        var calls = await Eventually.Is("an answer makes one call", async () =>
        {
            app.Calls.Forget();
            answer = customers is [var one] ? await app.RecommendTextAsync(one) : (await BatchAsync(new { customerIds = customers })).Text;
            return app.Calls.On("subject_gates", "subject_histories", "placements", "outbox_entries");
        }, calls => calls.Count == 1, ServiceApp.Soon);

        Assert.Equal(list != "for everybody", answer.Contains("\"personalized\":true", StringComparison.Ordinal));
        Assert.Equal(("read", "placements, subject_gates, subject_histories"), (calls[0].Method, string.Join(", ", calls[0].Collections.Order())));
    }

    [Fact]
    public async Task A_batch_is_the_products_and_of_a_hundred_at_most()
    {
        var many = await BatchAsync(new { customerIds = Enumerable.Range(0, 101).Select(i => $"c-{i}") });
        var none = await BatchAsync(new { customerIds = Array.Empty<string>() });
        var bad = await BatchAsync(new { customerIds = new[] { "a@example.org" } });
        var person = await app.SendAsync(HttpMethod.Post, "/recommendations:batch", ServiceApp.Content(new { customerIds = new[] { "emma" } }), Roles.Subject);

        Assert.Equal(["bad-batch", "bad-batch", "bad-customer-id"], new[] { many, none, bad }.Select(answer => answer.Problem));
        Assert.Equal(HttpStatusCode.Forbidden, person.Status);
    }

    [Theory]
    [InlineData("""{"limit":0}""")]
    [InlineData("""{"explorationShare":0.6}""")]
    [InlineData("""{"diversity":-1}""")]
    [InlineData("""{"allowedTopics":[""]}""")]
    [InlineData("""{"topics":["a"]}""")]
    [InlineData("""{"id":"other"}""")]
    public async Task A_placement_that_can_not_be_taken_is_refused(string body)
    {
        var answer = await app.SendAsync(HttpMethod.Put, "/placements/bad", ServiceApp.Text(body, "application/json"), Roles.Product);

        Assert.Equal((HttpStatusCode.BadRequest, "bad-placement"), (answer.Status, answer.Problem));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/placements/bad"));
        Assert.Equal("unknown-placement", (await app.SendAsync(HttpMethod.Get, "/recommendations/anna?placement=bad", null, Roles.Product)).Problem);
    }

    private async Task TopicsAsync()
    {
        for (var film = 1; film <= 6; film++) await app.PutAsync($"f{film}", new { title = $"Film f{film}", topics = new[] { film % 2 == 0 ? "even" : "odd" } });
        await PlaceAsync("ready", new { allowedTopics = new[] { "odd", "even" } });
        await app.FollowUntilAsync("the catalogue follows", async () => (await ItemsAsync("nobody-ever", "ready")).Length == 6);
    }

    private async Task PlaceAsync(string id, object content)
    {
        (await app.SendAsync(HttpMethod.Put, $"/placements/{id}", ServiceApp.Content(content), Roles.Operator)).Expect(HttpStatusCode.OK);
        Assert.Equal(id, (await app.GetAsync($"/placements/{id}"))["id"]!.GetValue<string>());
    }

    private Task<Answer> BatchAsync(object request) => app.SendAsync(HttpMethod.Post, "/recommendations:batch", ServiceApp.Content(request), Roles.Product);

    private Task<JsonObject> AnswerAsync(string path) => app.GetAsync(path);

    private async Task<string[]> ItemsAsync(string customer, string placement) =>
        [.. (await AnswerAsync($"/recommendations/{customer}?placement={placement}"))["items"]!.AsArray().Select(item => item!["itemId"]!.GetValue<string>())];
}
