using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
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
        Assert.Equal(["film.rated", "film.shared"], all["items"]!.AsArray().Select(type => type!["type"]!.GetValue<string>()));
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
