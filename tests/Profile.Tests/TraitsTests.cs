using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class TraitsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task A_profile_shows_the_traits_made_of_it_now()
    {
        await DeclareAsync("films-per-week", """{"event":"film.rated","of":"count","within":"P7D"}""");
        await DeclareAsync("loudness-in-all", """{"event":"film.rated","of":"sum","field":"loudness"}""");
        await DeclareAsync("mean-rating", """{"event":"film.rated","of":"average","field":"rating"}""");
        await DeclareAsync("last-film", """{"event":"film.rated","of":"last","field":"filmId"}""");
        await DeclareAsync("last-films", """{"event":"film.rated","of":"last","field":"filmId"}""", newest: 2);
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1", rating = 5 }));
        await app.AdvanceAsync(TimeSpan.FromDays(3));
        await app.PublishAsync([app.Event("anna", new { filmId = "f3", rating = 2 }), app.Event("anna", new { filmId = "f2", rating = 2 }, app.Now.AddDays(-1)), app.Event("anna", new { filmId = "f3" })]);
        var rows = await app.RowsAsync("anna");

        var now = await TraitsAsync("anna");
        await app.AdvanceAsync(TimeSpan.FromDays(4));
        var later = await TraitsAsync("anna");
        await app.RevokeAsync("anna", "recommendations", "opinion");
        var narrowed = await TraitsAsync("anna");

        // What the person doesn't permit the purpose has no value; what is derived is stored nowhere.
        Assert.Equal(["films-per-week 4", "last-film \"f3\"", "last-films [\"f3\",\"f2\"]", "mean-rating 3"], now);
        Assert.Equal(["films-per-week 3", "last-film \"f3\"", "last-films [\"f3\",\"f2\"]", "mean-rating 3"], later);
        Assert.Equal(["films-per-week 3", "last-film \"f3\"", "last-films [\"f3\",\"f2\"]"], narrowed);
        Assert.Equal(rows.Select(row => row.Key), (await app.RowsAsync("anna")).Select(row => row.Key));
    }

    [Fact]
    public async Task Staff_see_the_traits_only_that_are_made_of_what_they_may_read()
    {
        await DeclareAsync("staff-films", """{"event":"film.rated","of":"distinct","field":"filmId"}""");
        await DeclareAsync("staff-rating", """{"event":"film.rated","of":"average","field":"rating"}""");
        (await app.AllowReadsAsync((Roles.Officer, "recommendations", ["opinion"]))).Expect(HttpStatusCode.OK);
        await app.GrantAsync("boris", "recommendations", "viewing", "opinion");
        await app.PublishAsync(app.Event("boris", new { filmId = "f1", rating = 5 }));

        var traits = (await app.GetAsync("/profiles/boris?purpose=recommendations", Roles.Officer))["traits"]!.AsArray().Select(trait => trait!["name"]!.GetValue<string>()).ToArray();

        Assert.Contains("staff-rating", traits);
        Assert.DoesNotContain("staff-films", traits);
    }

    [Fact]
    public async Task Everything_wrong_with_a_trait_is_said_at_once_and_nothing_is_declared()
    {
        var answer = await app.SendAsync(
            HttpMethod.Put, "/traits/wrong", ServiceApp.Content(new { name = "other", purpose = "analytics", newest = 0, unit = "films", measure = JsonNode.Parse("""{"event":"film.rated","of":"sum","field":"rating"}""") }), Roles.Operator);

        Assert.Equal((HttpStatusCode.BadRequest, "bad-trait"), (answer.Status, answer.Problem));
        Assert.Equal(
            ["description", "measure.field", "name", "newest", "newest", "unit"],
            JsonNode.Parse(answer.Text)!["errors"]!.AsArray().Select(error => error!["path"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("wrong", (await app.GetAsync("/traits"))["items"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_declared_can_be_declared_again()
    {
        await DeclareAsync("again", """{"event":"film.rated","of":"max","field":"rating","within":"P30D","where":[{"field":"filmId","is":"in","value":["f1","f2"]}]}""");
        var read = (await app.GetAsync("/traits", Roles.Product))["items"]!.AsArray().Single(trait => trait!["name"]!.GetValue<string>() == "again")!;
        var again = (await app.SendAsync(HttpMethod.Put, "/traits/again", ServiceApp.Content(read), Roles.Operator)).Expect(HttpStatusCode.OK);

        Assert.Equal(read.ToJsonString(), again.ToJsonString());
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(HttpMethod.Put, "/traits/again", ServiceApp.Content(read), Roles.Marketer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/traits", Roles.Marketer));
    }

    private async Task DeclareAsync(string name, string measure, int? newest = null) => (await app.SendAsync(
        HttpMethod.Put, $"/traits/{name}", ServiceApp.Content(new { description = "What a product needs.", purpose = "recommendations", measure = JsonNode.Parse(measure), newest }), Roles.Operator))
        .Expect(HttpStatusCode.OK);

    private async Task<IEnumerable<string>> TraitsAsync(string customer)
    {
        using var client = app.As(Roles.Subject, customer);
        var answer = await Answer.OfAsync(await client.GetAsync(new Uri($"/profiles/{customer}", UriKind.Relative)));
        return answer.Expect(HttpStatusCode.OK)["traits"]!.AsArray().Where(trait => trait!["name"]!.GetValue<string>() is var name && name != "again" && !name.StartsWith("staff", StringComparison.Ordinal)).Select(trait => $"{trait!["name"]} {trait["value"]!.ToJsonString()}");
    }
}
