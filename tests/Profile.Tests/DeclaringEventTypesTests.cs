using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class DeclaringEventTypesTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task The_same_declaration_again_changes_nothing_and_another_one_is_the_next_version()
    {
        var first = (await app.DeclareAsync("film.shared", Declaration("It was shared."))).Expect(HttpStatusCode.OK);
        var same = (await app.DeclareAsync("film.shared", first)).Expect(HttpStatusCode.OK);
        var next = (await app.DeclareAsync("film.shared", Declaration("It was shared with a friend."))).Expect(HttpStatusCode.OK);
        var read = await app.GetAsync("/event-types/film.shared", Roles.Product);
        var all = await app.GetAsync("/event-types", Roles.Officer);

        Assert.Equal(first.ToJsonString(), same.ToJsonString());
        Assert.Equal((1, 2), (first["version"]!.GetValue<int>(), next["version"]!.GetValue<int>()));
        Assert.Equal(next.ToJsonString(), read.ToJsonString());
        Assert.Superset(new HashSet<string> { "film.rated", "film.shared" }, all["items"]!.AsArray().Select(type => type!["type"]!.GetValue<string>()).ToHashSet());
    }

    [Fact]
    public async Task Everything_wrong_with_a_declaration_is_said_at_once_and_nothing_is_declared()
    {
        var answer = await app.DeclareAsync("film.liked", new
        {
            type = "film.loved",
            description = "",
            colour = "red",
            fields = new Dictionary<string, object?>
            {
                ["9lives"] = ProfileApp.Field("string", "viewing", "recommendations"),
                ["a"] = ProfileApp.Field("text", "Viewing habits"),
                ["b"] = new { type = "string", category = "viewing", purposes = new[] { "ads", "ads" }, classification = "directIdentifier", description = "", pii = true },
                ["c"] = null,
                ["d"] = new { type = "string", category = "belief", purposes = new[] { "ads" }, description = "What it says.", groupingPurposes = new[] { "ads" } },
                ["e"] = new { type = "string", category = "belief", purposes = new[] { "ads" }, description = "What it says.", classification = "sensitive", groupingPurposes = new[] { "research" } },
            },
            signal = new { itemField = "b2", valueField = "c", weight = 1 },
        });
        var errors = JsonNode.Parse(answer.Text)!["errors"]!.AsArray().Select(error => error!["path"]!.GetValue<string>());

        Assert.Equal((HttpStatusCode.BadRequest, "bad-declaration"), (answer.Status, answer.Problem));
        Assert.Equal(
            [
                "colour", "description", "fields.9lives", "fields.a.category", "fields.a.purposes", "fields.a.type", "fields.b.classification", "fields.b.description",
                "fields.b.pii", "fields.b.purposes", "fields.c", "fields.d.groupingPurposes", "fields.e.groupingPurposes", "signal.itemField", "signal.valueField", "signal.weight", "type",
            ],
            errors.Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/event-types/film.liked"));
    }

    [Fact]
    public async Task What_was_declared_before_stays_readable()
    {
        var first = (await app.DeclareAsync("film.paused", Declaration("It was paused."))).Expect(HttpStatusCode.OK);
        var second = (await app.DeclareAsync("film.paused", Declaration("It was paused for a while."))).Expect(HttpStatusCode.OK);

        Assert.Equal(first.ToJsonString(), (await app.GetAsync("/event-types/film.paused/versions/1", Roles.Product)).ToJsonString());
        Assert.Equal(second.ToJsonString(), (await app.GetAsync("/event-types/film.paused/versions/2", Roles.Officer)).ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/event-types/film.paused/versions/3"));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/event-types/film.unheard-of/versions/1"));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/event-types/film.paused/versions/1", Roles.Marketer));
    }

    [Fact]
    public async Task Publishers_get_a_JSON_Schema_of_the_newest_version()
    {
        (await app.DeclareAsync("film.stopped", Declaration("It was stopped."))).Expect(HttpStatusCode.OK);
        (await app.DeclareAsync("film.stopped", Declaration("It was stopped before its end."))).Expect(HttpStatusCode.OK);

        using var client = app.As(Roles.Product);
        using var response = await client.GetAsync(new Uri("/event-types/film.stopped/schema", UriKind.Relative));
        var schema = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal("application/schema+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(("urn:personalization:event-type:film.stopped@2", "It was stopped before its end."), ((string)schema["$id"]!, (string)schema["description"]!));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/event-types/film.unheard-of/schema"));
    }

    [Fact]
    public async Task All_types_are_listed_however_many_there_are()
    {
        var session = app.Module("profile").OpenSession();
        var some = Domain.Given.Type(null, ("filmId", Domain.Given.Field(FieldType.String, "viewing", "recommendations")));
        for (var i = 0; i < 1100; i++) session.Store(some with { Type = $"many.t{i:D4}" });
        await session.CommitAsync(CancellationToken.None);

        var listed = new List<string>();
        for (string? path = "/event-types"; path is not null;)
        {
            var page = await app.GetAsync(path);
            listed.AddRange(page["items"]!.AsArray().Select(type => type!["type"]!.GetValue<string>()).Where(type => type.StartsWith("many.", StringComparison.Ordinal)));
            path = page["next"] is { } next ? $"/event-types?after={next}" : null;
        }

        Assert.Equal(1100, listed.Distinct().Count());
        Assert.Equal(1100, listed.Count);
    }

    [Fact]
    public async Task Its_sources_ages_and_free_texts_are_declared_and_hold_for_events()
    {
        (await app.DeclareAsync("film.reviewed", new
        {
            description = "A customer wrote about a film.",
            sources = new[] { "/cinema" },
            fields = new Dictionary<string, object>
            {
                ["filmId"] = ProfileApp.Field("string", "viewing", "recommendations"),
                ["review"] = new { type = "string", category = "viewing", purposes = new[] { "recommendations" }, description = "What they wrote.", freeText = true, maxAgeDays = 7 },
            },
        })).Expect(HttpStatusCode.OK);
        await app.GrantAsync("dasha", "recommendations", "viewing");
        var stranger = app.Event("dasha", new { filmId = "f1" }, type: "film.reviewed");
        stranger["source"] = "https://broker.example/feed";

        var answer = await app.PublishAsync([app.Event("dasha", new { filmId = "f1", review = "Ask me: dasha@example.org" }, type: "film.reviewed"), stranger]);

        Assert.Equal("""[{"index":1,"reason":"third-party-source"}]""", answer["refused"]!.ToJsonString());
        Assert.Equal("""[{"index":0,"field":"review","reason":"direct-identifier"}]""", answer["dropped"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"sources":[]}""", "sources")]
    [InlineData("""{"sources":["two words"]}""", "sources")]
    [InlineData("""{"sources":[null]}""", "sources")]
    [InlineData("""{"sources":["/a","/a"]}""", "sources")]
    [InlineData("""{"fields":{"a":{"type":"number","category":"viewing","purposes":["p"],"description":"It.","freeText":true}}}""", "fields.a.freeText")]
    [InlineData("""{"fields":{"a":{"type":"number","category":"viewing","purposes":["p"],"description":"It.","maxAgeDays":0}}}""", "fields.a.maxAgeDays")]
    [InlineData("""{"fields":{"a":{"type":"number","category":"viewing","purposes":["p"],"description":"It.","maxAgeDays":36601}}}""", "fields.a.maxAgeDays")]
    public async Task What_can_not_hold_is_not_declared(string member, string path)
    {
        var declaration = JsonSerializer.SerializeToNode(Declaration("It happened."), Platform.Json.Options)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(member)!.AsObject()) declaration[name] = value?.DeepClone();
        declaration.Remove("signal");

        var answer = await app.DeclareAsync("film.other", declaration);

        Assert.Equal("bad-declaration", answer.Problem);
        Assert.Equal(path, Assert.Single(JsonNode.Parse(answer.Text)!["errors"]!.AsArray())!["path"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("film rated")]
    [InlineData(".rated")]
    [InlineData("film..rated")]
    public async Task A_name_that_no_event_can_have_is_refused(string type)
    {
        Assert.Equal("bad-declaration", (await app.DeclareAsync(Uri.EscapeDataString(type), Declaration("It happened."))).Problem);
    }

    [Theory]
    [InlineData(Roles.Product, HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData(Roles.Officer, HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData(Roles.Marketer, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task Operators_declare_and_those_who_work_with_it_read(string role, HttpStatusCode declaring, HttpStatusCode reading)
    {
        var declared = await app.SendAsync(HttpMethod.Put, "/event-types/film.sold", ServiceApp.Content(Declaration("It was sold.")), role);

        Assert.Equal(declaring, declared.Status);
        Assert.Equal(reading, await app.StatusAsync("/event-types", role));
        Assert.Equal(reading, await app.StatusAsync("/event-types/film.rated", role));
    }

    private static object Declaration(string description) =>
        new { description, fields = new { filmId = ProfileApp.Field("string", "viewing", "recommendations") }, signal = new { itemField = "filmId" } };
}
