using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class ReadingProfilesTests(ProfileApp app) : IClassFixture<ProfileApp>, IAsyncLifetime
{
    public async Task InitializeAsync() => (await app.AllowReadsAsync(
        (Roles.Officer, "recommendations", ["viewing", "opinion"]), (Roles.Officer, "marketing-groups", ["viewing"]), (Roles.Operator, "recommendations", ["opinion"]))).Expect(HttpStatusCode.OK);

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_long_profile_is_read_page_by_page_and_nothing_twice()
    {
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.GrantAsync("anna-2", "recommendations", "viewing");
        await app.PublishAsync(Enumerable.Range(0, 450).Select(i => app.Event("anna", new { filmId = $"f{i}" })));
        await app.PublishAsync(app.Event("anna-2", new { filmId = "other" }));

        var films = new List<string>();
        string? next = null;
        do
        {
            var page = await app.GetAsync($"/profiles/anna?purpose=recommendations{(next is null ? "" : $"&after={next}")}", Roles.Officer);
            films.AddRange(page["items"]!.AsArray().Select(item => item!["fields"]![0]!["value"]!.GetValue<string>()));
            next = page["next"]?.GetValue<string>();
        }
        while (next is not null);

        Assert.Equal(Enumerable.Range(0, 450).Select(i => $"f{i}").Order(), films.Order());
        await Eventually.Is("each page is told of", () => Task.FromResult(app.ReadsOf("anna").Count), count => count == 3, ServiceApp.Soon);
    }

    [Theory]
    [InlineData(Roles.Subject, "boris", HttpStatusCode.OK)]
    [InlineData(Roles.Subject, "boris-2", HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Product, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Marketer, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Auditor, null, HttpStatusCode.Forbidden)]
    public async Task A_profile_is_for_the_person_and_those_who_answer_for_it(string role, string? customer, HttpStatusCode expected)
    {
        Assert.Equal(expected, await app.StatusAsync("/profiles/boris?purpose=recommendations", role, customer));
    }

    [Fact]
    public async Task A_person_sees_all_of_it_with_category_purposes_source_event_times_and_expiry_and_nobody_is_told()
    {
        await app.GrantAsync("galya", "recommendations", "viewing", "opinion");
        await app.GrantAsync("galya", "marketing-groups", "viewing");
        await app.PublishAsync(app.Event("galya", new { filmId = "f1", rating = 4.5 }));

        var item = Assert.Single(await app.ProfileAsync("galya"));

        Assert.Equal(["eventType", "source", "eventId", "time", "receivedAt", "expiresAt", "fields"], item.AsObject().Select(member => member.Key));
        Assert.Equal(("film.rated", "/cinema"), ((string)item["eventType"]!, (string)item["source"]!));
        Assert.NotEqual("e1", (string)item["eventId"]!);
        Assert.Equal(app.Now.AddDays(30), (DateTimeOffset)item["expiresAt"]!);
        Assert.Equal(
            """[{"name":"filmId","value":"f1","category":"viewing","purposes":["marketing-groups","recommendations"],"lastUsedOn":"2026-03-01","usedBy":[{"kind":"model","name":"recommender","on":"2026-03-01","purpose":"recommendations"}]},{"name":"rating","value":4.5,"category":"opinion","purposes":["recommendations"],"lastUsedOn":"2026-03-01","usedBy":[{"kind":"model","name":"recommender","on":"2026-03-01","purpose":"recommendations"}]}]""",
            item["fields"]!.ToJsonString());
        Assert.Empty(app.ReadsOf("galya"));
    }

    [Fact]
    public async Task Staff_see_what_their_role_may_read_for_the_purpose_and_the_person_consents_to_and_it_is_told_of()
    {
        await app.GrantAsync("vera", "recommendations", "viewing", "opinion");
        await app.PublishAsync([app.Event("vera", new { filmId = "f1", rating = 4.5 }), app.Event("vera", new { filmId = "f2" })]);

        var officer = await app.GetAsync("/profiles/vera?purpose=recommendations", Roles.Officer);
        var @operator = await app.GetAsync("/profiles/vera?purpose=recommendations", Roles.Operator);
        var reads = await UntilToldAsync("vera", 2);

        Assert.Equal(["filmId", "filmId", "rating"], Fields(officer).Order());
        Assert.Equal(["rating"], Fields(@operator));
        Assert.Equal(
            [(Roles.Officer, "recommendations", "shown", "opinion viewing"), (Roles.Operator, "recommendations", "shown", "opinion")],
            reads.Select(read => (read.Role, read.Purpose!, read.Outcome, string.Join(' ', read.Categories))).Order());
        Assert.All(reads, read => Assert.Equal(("profile", 1, app.Now, ReadCompliance.Compliant), (read.Data, read.Epoch, read.ReadAt, read.Compliance)));
        Assert.Equal(
            ["film.rated/filmId: Kept with the person's consent, for: marketing-groups, recommendations. Use it only for recommendations. Don't copy it out of the system.", "film.rated/rating: Kept with the person's consent, for: recommendations. Use it only for recommendations. Don't copy it out of the system."],
            officer["hints"]!.AsArray().Select(hint => $"{hint!["field"]}: {hint["for"]} {hint["use"]}"));
        Assert.Equal("film.rated/rating", (string)Assert.Single(@operator["hints"]!.AsArray())!["field"]!);
        Assert.Equal(2, reads.Select(read => read.Reader).OfType<string>().Where(reader => reader is not (Roles.Officer or Roles.Operator)).Distinct().Count());
    }

    [Theory]
    [InlineData("dina-1", Roles.Officer, null, HttpStatusCode.BadRequest, "purpose-required", null, "purpose-required", ReadCompliance.Violation)]
    [InlineData("dina-2", Roles.Officer, "anna.ivanova@example.org", HttpStatusCode.Forbidden, "purpose-not-allowed", null, "purpose-not-allowed", ReadCompliance.Gap)]
    [InlineData("dina-3", Roles.Operator, "marketing-groups", HttpStatusCode.Forbidden, "purpose-not-allowed", "marketing-groups", "purpose-not-allowed", ReadCompliance.Gap)]
    [InlineData("dina-4", Roles.Officer, "marketing-groups", HttpStatusCode.Forbidden, "no-consent-for-purpose", "marketing-groups", "no-consent", ReadCompliance.Violation)]
    [InlineData("dina-5", Roles.Operator, "recommendations", HttpStatusCode.Forbidden, "no-consent-for-purpose", "recommendations", "no-consent", ReadCompliance.Violation)]
    public async Task What_is_refused_is_refused_with_a_stable_type_and_told_of(
        string customer, string role, string? purpose, HttpStatusCode status, string problem, string? told, string reason, ReadCompliance compliance)
    {
        await app.GrantAsync(customer, "recommendations", "viewing");
        await app.PublishAsync(app.Event(customer, new { filmId = "the-secret-film" }));

        var answer = await app.SendAsync(HttpMethod.Get, $"/profiles/{customer}{(purpose is null ? "" : $"?purpose={Uri.EscapeDataString(purpose)}")}", null, role);
        var read = Assert.Single(await UntilToldAsync(customer, 1));

        Assert.Equal((status, problem), (answer.Status, answer.Problem));
        Assert.DoesNotContain("the-secret-film", answer.Text, StringComparison.Ordinal);
        Assert.Equal(("refused", told, reason, compliance), (read.Outcome, read.Purpose, read.Reason, read.Compliance));
        Assert.Empty(read.Categories);
    }

    [Fact]
    public async Task Who_the_token_does_not_name_reads_nothing()
    {
        await app.GrantAsync("zina", "recommendations", "viewing");
        using var client = app.As(Roles.Officer, named: false);

        using var response = await client.GetAsync(new Uri("/profiles/zina?purpose=recommendations", UriKind.Relative));

        Assert.Equal("reader-unknown", (await Answer.OfAsync(response)).Problem);
        Assert.Null(Assert.Single(await UntilToldAsync("zina", 1)).Reader);
    }

    [Fact]
    public async Task A_revocation_ends_reads_for_its_purpose_at_once()
    {
        await app.GrantAsync("egor", "recommendations", "viewing");
        await app.GrantAsync("egor", "marketing-groups", "viewing");
        await app.PublishAsync(app.Event("egor", new { filmId = "f1" }));
        await app.RevokeAsync("egor", "recommendations");

        var refused = await app.SendAsync(HttpMethod.Get, "/profiles/egor?purpose=recommendations", null, Roles.Officer);
        var other = await app.GetAsync("/profiles/egor?purpose=marketing-groups", Roles.Officer);

        Assert.Equal("no-consent-for-purpose", refused.Problem);
        Assert.Single(other["items"]!.AsArray());
    }

    [Fact]
    public async Task Without_a_lease_staff_read_nothing_and_the_person_still_does()
    {
        await app.GrantAsync("inna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("inna", new { filmId = "f1" }));
        await app.CutOffAsync();
        try
        {
            Assert.Equal("consent-unknown", (await app.SendAsync(HttpMethod.Get, "/profiles/inna?purpose=recommendations", null, Roles.Officer)).Problem);
            Assert.Single(await app.ProfileAsync("inna"));
        }
        finally
        {
            await app.MendAsync();
        }
    }

    [Fact]
    public async Task Unknown_and_erased_persons_are_answered_alike_and_no_id_but_an_opaque_one_is_taken()
    {
        await app.GrantAsync("fedor", "recommendations", "viewing");
        await app.PublishAsync(app.Event("fedor", new { filmId = "f1" }));
        await app.EraseAsync(await app.RevokeAsync("fedor"));

        var (unknown, erased) = (await app.OwnAsync("/profiles/nobody-ever", "nobody-ever"), await app.OwnAsync("/profiles/fedor", "fedor"));
        var staff = await Task.WhenAll(new[] { "nobody-ever", "fedor" }.Select(customer => app.SendAsync(HttpMethod.Get, $"/profiles/{customer}?purpose=recommendations", null, Roles.Officer)));
        var malformed = await app.SendAsync(HttpMethod.Get, "/profiles/vera%40example.org?purpose=recommendations", null, Roles.Officer);

        Assert.Equal(unknown.ToJsonString(), erased.ToJsonString());
        Assert.All(staff, answer => Assert.Equal("no-consent-for-purpose", answer.Problem));
        Assert.Equal("bad-customer-id", malformed.Problem);
    }

    [Fact]
    public async Task Rules_are_an_officers_word_and_everything_wrong_with_them_is_said_at_once()
    {
        var rules = await app.GetAsync("/read-rules", Roles.Auditor);
        var same = (await app.SendAsync(HttpMethod.Put, "/read-rules", ServiceApp.Content(rules), Roles.Officer)).Expect(HttpStatusCode.OK);
        ReadRule[] mistaken =
        [
            new() { Role = "clerk", Purpose = "Marketing", Categories = [] },
            new() { Role = Roles.Product, Purpose = "ads", Categories = ["viewing"], IsDefault = true },
            new() { Role = Roles.Product, Purpose = "ads", Categories = ["opinion"] },
            new() { Role = Roles.Product, Purpose = "ads", Categories = ["viewing", "contact"], Access = ReadAccess.Deny },
            new() { Role = Roles.Marketer, Purpose = "ads", Categories = ["viewing"] },
            new() { Role = Roles.Product, Purpose = "offers", Categories = ["viewing"], IsDefault = true },
        ];
        var wrong = await app.SendAsync(HttpMethod.Put, "/read-rules", ServiceApp.Content(new { rules = mistaken }), Roles.Officer);

        Assert.Equal(rules.ToJsonString(), same.ToJsonString());
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(HttpMethod.Put, "/read-rules", ServiceApp.Content(rules), Roles.Operator)).Status);
        Assert.Equal(
            ["rules[0].role", "rules[0].purpose", "rules[0].categories", "rules[2]", "rules[3].categories", "rules[4].access", "rules[5].isDefault"],
            JsonNode.Parse(wrong.Text)!["errors"]!.AsArray().Select(error => (string)error!["path"]!));
        Assert.Equal(rules.ToJsonString(), (await app.GetAsync("/read-rules")).ToJsonString());
    }

    private static IEnumerable<string> Fields(JsonObject profile) => profile["items"]!.AsArray().SelectMany(item => item!["fields"]!.AsArray()).Select(field => (string)field!["name"]!);

    private Task<IReadOnlyList<Contracts.Profile.PersonalDataRead>> UntilToldAsync(string customer, int reads) =>
        Eventually.Is("the reads are told of", () => Task.FromResult(app.ReadsOf(customer)), told => told.Count == reads, ServiceApp.Soon);
}
