using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class DeclaringSegmentsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    private const string Rated = """{"measure":{"event":"film.rated","of":"count"},"is":">=","value":2}""";

    [Fact]
    public async Task What_was_declared_is_read_back_and_can_be_declared_again()
    {
        var declared = (await app.DeclareSegmentAsync("fans", Rated)).Expect(HttpStatusCode.OK);
        var again = (await app.SendAsync(HttpMethod.Put, "/segments/fans", ServiceApp.Content(declared), Roles.Operator)).Expect(HttpStatusCode.OK);
        var read = (await app.GetAsync("/segments/fans", Roles.Officer))["segment"]!;

        Assert.Equal(declared.ToJsonString(), again.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Rated), read["rule"]));
        Assert.Equal(("Some people", "marketing-groups", 1), (read["title"]!.GetValue<string>(), read["purpose"]!.GetValue<string>(), read["version"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Another_title_is_no_other_version()
    {
        var declared = (await app.DeclareSegmentAsync("titled", Rated)).Expect(HttpStatusCode.OK);
        declared["title"] = "Other people";
        var renamed = (await app.SendAsync(HttpMethod.Put, "/segments/titled", ServiceApp.Content(declared), Roles.Marketer)).Expect(HttpStatusCode.OK);

        Assert.Equal(("Other people", 1), (renamed["title"]!.GetValue<string>(), renamed["version"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Everything_wrong_with_a_segment_is_said_at_once_and_nothing_is_declared()
    {
        var body = new
        {
            id = "other",
            title = "",
            purpose = "Marketing",
            channels = new[] { "E-Mail" },
            colour = "red",
            rule = JsonNode.Parse("""{"all":[{"measure":{"event":"film.rated","of":"sum","field":"rating"},"is":">=","value":"2"},{"measure":{"event":"film.seen","of":"count"},"is":"like","value":1}]}"""),
        };
        var answer = await app.SendAsync(HttpMethod.Put, "/segments/wrong", ServiceApp.Content(body), Roles.Marketer);
        var preview = await app.SendAsync(HttpMethod.Post, "/segments:preview", ServiceApp.Content(body), Roles.Marketer);

        Assert.Equal((HttpStatusCode.BadRequest, "bad-segment"), (answer.Status, answer.Problem));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-segment"), (preview.Status, preview.Problem));
        Assert.Equal(
            [
                "channels", "colour", "id", "purpose", "rule.all[0].measure.event", "rule.all[0].measure.field", "rule.all[0].value", "rule.all[1].is", "rule.all[1].measure.event", "title",
            ],
            JsonNode.Parse(answer.Text)!["errors"]!.AsArray().Select(error => error!["path"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/segments/wrong"));
    }

    [Fact]
    public async Task A_field_that_the_purpose_may_not_use_or_that_is_sensitive_is_refused()
    {
        (await app.DeclareAsync("faith.stated", new
        {
            description = "A belief was stated.",
            fields = new
            {
                belief = new { type = "string", category = "belief", purposes = (string[])["marketing-groups", "research"], classification = "sensitive", groupingPurposes = (string[])["research"], description = "Which." },
            },
        })).Expect(HttpStatusCode.OK);
        const string Believes = """{"measure":{"event":"faith.stated","of":"last","field":"belief"},"is":"=","value":"any"}""";

        var sensitive = await app.DeclareSegmentAsync("believers", Believes);
        var foreign = await app.DeclareSegmentAsync("likers", """{"measure":{"event":"film.rated","of":"max","field":"rating"},"is":">=","value":4}""");
        var allowed = await app.DeclareSegmentAsync("believers", Believes, "research");

        Assert.Equal(["rule.measure.event", "rule.measure.field"], PathsIn(sensitive));
        Assert.Equal(["rule.measure.field"], PathsIn(foreign));
        Assert.Equal(HttpStatusCode.OK, allowed.Status);
    }

    [Theory]
    [InlineData(Roles.Marketer, HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData(Roles.Operator, HttpStatusCode.OK, HttpStatusCode.OK)]
    [InlineData(Roles.Officer, HttpStatusCode.Forbidden, HttpStatusCode.OK)]
    [InlineData(Roles.Product, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task Marketers_and_operators_declare_and_nobody_sees_a_person(string role, HttpStatusCode declaring, HttpStatusCode reading)
    {
        (await app.DeclareSegmentAsync("roles", Rated)).Expect(HttpStatusCode.OK);

        Assert.Equal(declaring, (await app.DeclareSegmentAsync("roles", Rated, role: role)).Status);
        Assert.Equal(reading, await app.StatusAsync("/segments", role));
        Assert.Equal(reading, await app.StatusAsync("/segments/roles", role));
    }

    [Fact]
    public async Task Cut_off_from_consents_nobody_is_counted_or_evaluated()
    {
        (await app.DeclareSegmentAsync("cut-off", Rated)).Expect(HttpStatusCode.OK);
        await app.CutOffAsync();
        var preview = await app.SendAsync(
            HttpMethod.Post, "/segments:preview", ServiceApp.Content(new { title = "Some", purpose = "marketing-groups", channels = (string[])["email"], rule = JsonNode.Parse(Rated) }), Roles.Marketer);
        await app.MendAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "consent-unknown"), (preview.Status, preview.Problem));
    }

    private static IEnumerable<string> PathsIn(Answer answer) =>
        JsonNode.Parse(answer.Text)!["errors"]!.AsArray().Select(error => error!["path"]!.GetValue<string>()).Order(StringComparer.Ordinal);
}
