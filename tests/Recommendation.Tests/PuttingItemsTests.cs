using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;

namespace Personalization.Recommendation.Tests;

public sealed class PuttingItemsTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task Each_line_that_can_not_be_taken_is_named_and_keeps_no_other_out()
    {
        var answer = (await PostAsync(
            """
            {"id":"a1","title":"First","year":1999,"topics":["Drama"],"attributes":{"poster":"a1.jpg"}}

            no JSON
            {"id":"a2"}
            {"id":"two words","title":"Second"}
            null
            {"id":"a3","title":""}
            {"id":"a4","title":"Fourth","year":10000}
            {"id":"a5","title":"\ud800"}
            {"id":"a6","title":"Sixth","topics":[null]}
            {"id":"a7","title":"Seventh","attributes":{"poster":null}}
            {"id":"a1","title":"First again"}
            {"id":"a8","title":"Eighth","topics":["Drama"]}
            {"id":"a9","title":"Ninth","inStok":false}
            {"id":"a9","title":"Ninth","category":""}
            {"id":"a9","title":"Ninth","validFrom":"2026-01-02T00:00:00Z","validUntil":"2026-01-02T00:00:00Z"}
            """)).Expect(HttpStatusCode.OK);

        Assert.Equal(2, answer["accepted"]!.GetValue<int>());
        Assert.Equal(
            [
                (3, "The line is no JSON object with at least id and title."), (4, "The line is no JSON object with at least id and title."),
                (5, "The id has 1 to 128 letters, digits, '.', '_', ':' or '-'."), (6, "The line holds no item."), (7, "The title has 1 to 500 characters."),
                (8, "The year is between 0 and 9999."), (9, "The line is no JSON object with at least id and title."),
                (10, "There are at most 50 topics, of 1 to 100 characters."),
                (11, "There are at most 50 attributes, with names of at most 100 and values of at most 1,000 characters."),
                (14, "An item has the members id, title, year, category, topics, inStock, repeatable, sensitive, validFrom, validUntil and attributes, and no other."),
                (15, "The category has 1 to 100 characters."), (16, "It is valid from a time before the one until which it is."),
            ],
            answer["errors"]!.AsArray().Select(error => (error!["line"]!.GetValue<int>(), error["reason"]!.GetValue<string>())));
        Assert.Equal("First again", (await app.GetAsync("/items/a1"))["title"]!.GetValue<string>());
        Assert.Equal("Eighth", (await app.GetAsync("/items/a8"))["title"]!.GetValue<string>());
        Assert.Equal("""["Drama"]""", (await app.GetAsync("/items/a8"))["topics"]!.ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/items/a2"));
    }

    [Fact]
    public async Task More_lines_than_a_request_takes_store_nothing()
    {
        var lines = Enumerable.Range(0, 20_001).Select(i => $$"""{"id":"many-{{i}}","title":"One of many"}""").ToArray();

        var tooMany = await PostAsync(string.Join('\n', lines));
        var first = await app.StatusAsync("/items/many-0");
        var taken = (await PostAsync(string.Join('\n', lines[..20_000]))).Expect(HttpStatusCode.OK);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-many-lines"), (tooMany.Status, tooMany.Problem));
        Assert.Equal(HttpStatusCode.NotFound, first);
        Assert.Equal(20_000, taken["accepted"]!.GetValue<int>());
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/items/many-19999"));
    }

    [Fact]
    public async Task An_item_put_again_replaces_the_one_before()
    {
        await app.PutAsync("b1", new { title = "Before", year = 1999, topics = new[] { "Drama" } });
        await app.PutAsync("b1", new { title = "After" });

        Assert.Equal(
            """{"id":"b1","title":"After","topics":[],"inStock":true,"repeatable":false,"sensitive":false,"attributes":{}}""", (await app.GetAsync("/items/b1")).ToJsonString());
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back()
    {
        await app.PutAsync("b3", new
        {
            title = "All of it",
            category = "film",
            topics = new[] { "Drama" },
            inStock = false,
            repeatable = true,
            sensitive = true,
            validFrom = "2026-01-01T00:00:00Z",
            validUntil = "2027-01-01T00:00:00Z",
            attributes = new { poster = "b3.jpg" },
        });
        var read = await app.GetAsync("/items/b3");

        await app.PutAsync("b3", read);

        Assert.Equal(read.ToJsonString(), (await app.GetAsync("/items/b3")).ToJsonString());
        Assert.Equal((false, true, true), (read["inStock"]!.GetValue<bool>(), read["repeatable"]!.GetValue<bool>(), read["sensitive"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_removed_item_is_gone_until_it_is_put_again()
    {
        await app.PutAsync("b4", new { title = "Here" });
        var removed = await app.SendAsync(HttpMethod.Delete, "/items/b4", null, Roles.Product);
        var again = await app.SendAsync(HttpMethod.Delete, "/items/b4", null, Roles.Product);
        var between = await app.StatusAsync("/items/b4");
        await app.PutAsync("b4", new { title = "Back" });

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (removed.Status, again.Status, between));
        Assert.Equal("Back", (await app.GetAsync("/items/b4"))["title"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("/items/b%202", """{"title":"A title"}""", "bad-item")]
    [InlineData("/items/b2", """{"title":""}""", "bad-item")]
    [InlineData("/items/b2", """{"year":1999}""", "malformed-request")]
    [InlineData("/items/b2", """{"title":"A title","stock":3}""", "bad-item")]
    [InlineData("/items/b2", """{"id":"b5","title":"A title"}""", "bad-item")]
    [InlineData("/items/b2", "{", "malformed-request")]
    public async Task An_item_that_can_not_be_taken_is_refused(string path, string body, string problem)
    {
        var answer = await app.SendAsync(HttpMethod.Put, path, ServiceApp.Text(body, "application/json"), Roles.Product);

        Assert.Equal((HttpStatusCode.BadRequest, problem), (answer.Status, answer.Problem));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync(path));
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task Lines_are_taken_as_lines_only(string type)
    {
        var answer = await app.SendAsync(HttpMethod.Post, "/items", ServiceApp.Text("""{"id":"c1","title":"One"}""", type), Roles.Product);

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported-media-type"), (answer.Status, answer.Problem));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/items/c1"));
    }

    [Theory]
    [InlineData(Roles.Product, true)]
    [InlineData(Roles.Operator, true)]
    [InlineData(Roles.Marketer, false)]
    [InlineData(Roles.Officer, false)]
    [InlineData(Roles.Subject, false)]
    public async Task Items_are_for_products_and_operators(string role, bool isAllowed)
    {
        var expected = isAllowed ? HttpStatusCode.OK : HttpStatusCode.Forbidden;
        var put = await app.SendAsync(HttpMethod.Put, "/items/d1", ServiceApp.Content(new { title = "One" }), role);
        var posted = await app.SendAsync(HttpMethod.Post, "/items", ServiceApp.Text("""{"id":"d1","title":"One"}""", Lines), role);
        await app.PutAsync("d1", new { title = "One" });
        var got = await app.StatusAsync("/items/d1", role);
        var removed = await app.SendAsync(HttpMethod.Delete, "/items/d1", null, role);

        Assert.Equal((expected, expected, expected), (put.Status, posted.Status, got));
        Assert.Equal(isAllowed ? HttpStatusCode.NoContent : expected, removed.Status);
    }

    private Task<Answer> PostAsync(string lines) => app.SendAsync(HttpMethod.Post, "/items", ServiceApp.Text(lines, Lines), Roles.Product);
}
