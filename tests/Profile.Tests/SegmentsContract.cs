using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>Who belongs to a segment, on every store.</summary>
public abstract class SegmentsContract(ProfileApp app)
{
    private const string Purpose = "marketing-groups";
    private const string RatedTwice = """{"measure":{"event":"film.rated","of":"count","within":"P7D"},"is":">=","value":2}""";

    [ContractFact]
    public async Task A_person_enters_by_what_they_did_and_leaves_by_time_alone_at_the_very_moment()
    {
        (await app.DeclareSegmentAsync("twice", RatedTwice)).Expect(HttpStatusCode.OK);
        await app.GrantAsync("anna", Purpose, "viewing");
        var first = app.Now;
        await app.PublishAsync(app.Event("anna", new { filmId = "f1" }));
        await app.EvaluateAsync();
        var once = await app.SegmentsOfAsync("anna");
        await app.PublishAsync(app.Event("anna", new { filmId = "f2" }));
        await app.EvaluateAsync();
        var twice = await app.SegmentsOfAsync("anna");
        await app.EvaluateAsync(first + TimeSpan.FromDays(7) - app.Now - TimeSpan.FromSeconds(2));
        var still = await app.SegmentsOfAsync("anna");
        await app.EvaluateAsync(first + TimeSpan.FromDays(7) - app.Now);

        Assert.DoesNotContain("twice", once);
        Assert.Contains("twice", twice);
        Assert.Contains("twice", still);
        Assert.DoesNotContain("twice", await app.SegmentsOfAsync("anna"));
        var entered = Assert.Single(app.EnteredBy("anna"), entered => entered.SegmentId == "twice");
        var left = Assert.Single(app.LeftBy("anna"), left => left.SegmentId == "twice");
        Assert.Equal(("twice", 1, Purpose, 1), (entered.SegmentId, entered.SegmentVersion, entered.Purpose, entered.Epoch));
        Assert.Equal(("twice", Purpose, 1), (left.SegmentId, left.Purpose, left.Epoch));
        Assert.Equal(first.AddDays(7), left.LeftAt);
    }

    [ContractFact]
    public async Task Retention_and_the_end_of_a_grant_end_a_membership_too()
    {
        (await app.DeclareSegmentAsync("ever", """{"measure":{"event":"film.rated","of":"count"},"is":">=","value":1}""")).Expect(HttpStatusCode.OK);
        await app.GrantAsync("boris", Purpose, "viewing");
        await app.GrantUntilAsync("boris-2", Purpose, app.Now.AddDays(3), "viewing");
        foreach (var customer in new[] { "boris", "boris-2" }) await app.PublishAsync(app.Event(customer, new { filmId = "f1" }));
        await app.EvaluateAsync();
        var (one, two) = (await app.SegmentsOfAsync("boris"), await app.SegmentsOfAsync("boris-2"));
        await app.EvaluateAsync(TimeSpan.FromDays(3));
        var (oneLater, twoLater) = (await app.SegmentsOfAsync("boris"), await app.SegmentsOfAsync("boris-2"));
        await app.EvaluateAsync(TimeSpan.FromDays(27));

        Assert.Contains("ever", one);
        Assert.Contains("ever", two);
        Assert.Contains("ever", oneLater);
        Assert.DoesNotContain("ever", twoLater);
        Assert.DoesNotContain("ever", await app.SegmentsOfAsync("boris"));
    }

    [ContractFact]
    public async Task A_revocation_ends_the_memberships_of_its_purpose_before_it_is_answered_and_the_receipt_counts_them()
    {
        (await app.DeclareSegmentAsync("market", RatedTwice)).Expect(HttpStatusCode.OK);
        (await app.DeclareSegmentAsync("liked", """{"measure":{"event":"film.rated","of":"average","field":"rating"},"is":">=","value":4}""", "recommendations")).Expect(HttpStatusCode.OK);
        await app.GrantAsync("vera", Purpose, "viewing");
        await app.GrantAsync("vera", "recommendations", "viewing", "opinion");
        await app.PublishAsync([app.Event("vera", new { filmId = "f1", rating = 5 }), app.Event("vera", new { filmId = "f2", rating = 4 })]);
        await app.EvaluateAsync();
        var before = await app.SegmentsOfAsync("vera");

        var marketing = await app.RevokeAsync("vera", Purpose);
        var after = await app.SegmentsOfAsync("vera");
        var receipt = await app.EraseAsync(marketing);
        await app.EvaluateAsync();
        var later = await app.SegmentsOfAsync("vera");
        var whole = await app.EraseAsync(await app.RevokeAsync("vera"));
        await app.EvaluateAsync();

        Assert.Contains("market", before);
        Assert.Contains("liked", before);
        Assert.DoesNotContain("market", after);
        Assert.Contains("liked", after);
        Assert.DoesNotContain("market", later);
        Assert.Contains("liked", later);
        Assert.Empty(await app.SegmentsOfAsync("vera"));
        Assert.Contains(app.LeftBy("vera"), left => left.SegmentId == "market");
        Assert.Contains(receipt.Erased, erased => (erased.Store, erased.Category) == ("segment_members", "segment-membership") && erased.Count >= 1);
        Assert.Contains(whole.Erased, erased => (erased.Store, erased.Category) == ("segment_members", "segment-membership"));
        Assert.All([.. receipt.Residual, .. whole.Residual], place => Assert.Equal(0, place.Found));
        Assert.Equal(0, await app.Module("profile").OpenSession().CountAsync<DueEvaluation>("subject", after: app.RefOf("vera") + "/", atMost: app.RefOf("vera") + "/~"));
    }

    [ContractFact]
    public async Task Whoever_does_not_permit_what_a_rule_asks_for_does_not_belong_whatever_it_says()
    {
        (await app.DeclareSegmentAsync(
            "no-fan", """{"not":{"measure":{"event":"film.rated","of":"max","field":"rating"},"is":">=","value":4}}""", "recommendations")).Expect(HttpStatusCode.OK);
        await app.GrantAsync("gleb", "recommendations", "viewing", "opinion");
        await app.GrantAsync("dina", "recommendations", "viewing");
        foreach (var customer in new[] { "gleb", "dina" }) await app.PublishAsync(app.Event(customer, new { filmId = "f1", rating = 2 }));
        await app.EvaluateAsync();
        var (gleb, dina) = (await app.SegmentsOfAsync("gleb"), await app.SegmentsOfAsync("dina"));

        await app.RevokeAsync("gleb", "recommendations", "opinion");
        await app.EvaluateAsync();

        Assert.Contains("no-fan", gleb);
        Assert.DoesNotContain("no-fan", dina);
        Assert.DoesNotContain("no-fan", await app.SegmentsOfAsync("gleb"));
    }

    [ContractFact]
    public async Task An_evaluation_that_a_revocation_overtakes_finds_nobody()
    {
        (await app.DeclareSegmentAsync("raced", RatedTwice)).Expect(HttpStatusCode.OK);
        await app.GrantAsync("egor", Purpose, "viewing");
        await app.PublishAsync([app.Event("egor", new { filmId = "f1" }), app.Event("egor", new { filmId = "f2" })]);

        using var door = app.Calls.HoldQuery("profile_data", "subject");
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await door.Reached;
        await app.RevokeAsync("egor");
        door.Open();
        await app.EvaluateAsync();

        Assert.Empty(await app.SegmentsOfAsync("egor"));
        Assert.Empty(app.EnteredBy("egor"));
    }

    [ContractFact]
    public async Task What_happens_while_a_person_is_evaluated_is_looked_at_too()
    {
        (await app.DeclareSegmentAsync("during", RatedTwice)).Expect(HttpStatusCode.OK);
        await app.GrantAsync("inna", Purpose, "viewing");
        await app.PublishAsync(app.Event("inna", new { filmId = "f1" }));

        // The data is read before the second event is there, and what was found written after.
        using var door = app.Calls.HoldQuery("changed_subjects", "created", after: 1);
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await door.Reached;
        await app.PublishAsync(app.Event("inna", new { filmId = "f2" }));
        door.Open();
        await app.EvaluateAsync();

        Assert.Contains("during", await app.SegmentsOfAsync("inna"));
    }

    [ContractFact]
    public async Task Of_more_people_at_a_time_than_are_evaluated_together_nobody_is_forgotten()
    {
        (await app.DeclareSegmentAsync("crowd", """{"measure":{"event":"film.rated","of":"count"},"is":">=","value":1}""")).Expect(HttpStatusCode.OK);
        string[] customers = [.. Enumerable.Range(0, 210).Select(i => $"crowd-{i}")];
        foreach (var customer in customers) await app.GrantAsync(customer, Purpose, "viewing");
        await app.EvaluateAsync();
        await app.PublishAsync(customers.Select(customer => app.Event(customer, new { filmId = "f1" })));
        var waiting = await app.Module("profile").OpenSession().QueryAsync<ChangedSubjects>("created");
        await app.EvaluateAsync();

        Assert.Contains(waiting, changed => changed.Subjects.Count > 200);
        Assert.All(customers, customer => Assert.Contains(app.EnteredBy(customer), entered => entered.SegmentId == "crowd"));
    }

    [ContractFact]
    public async Task Another_rule_is_another_version_and_everybody_is_looked_at_again()
    {
        (await app.DeclareSegmentAsync("changing", RatedTwice)).Expect(HttpStatusCode.OK);
        await app.GrantAsync("katya", Purpose, "viewing");
        await app.GrantAsync("lev", Purpose, "viewing");
        await app.PublishAsync([app.Event("katya", new { filmId = "f1" }), app.Event("katya", new { filmId = "f2" }), app.Event("lev", new { filmId = "f1" })]);
        await app.EvaluateAsync();

        var same = (await app.DeclareSegmentAsync("changing", RatedTwice)).Expect(HttpStatusCode.OK);
        var next = (await app.DeclareSegmentAsync("changing", RatedTwice.Replace(">=", "<", StringComparison.Ordinal))).Expect(HttpStatusCode.OK);
        var meanwhile = await app.GetAsync("/segments/changing", Roles.Marketer);
        await app.EvaluateAsync();

        Assert.Equal((1, 2), (same["version"]!.GetValue<int>(), next["version"]!.GetValue<int>()));
        Assert.False(meanwhile["isComplete"]!.GetValue<bool>());
        Assert.True((await app.GetAsync("/segments/changing", Roles.Marketer))["isComplete"]!.GetValue<bool>());
        Assert.DoesNotContain("changing", await app.SegmentsOfAsync("katya"));
        Assert.Contains("changing", await app.SegmentsOfAsync("lev"));
    }

    [ContractFact]
    public async Task A_segment_is_complete_only_once_everybody_who_is_due_was_looked_at()
    {
        await app.GrantAsync("pavel", Purpose, "viewing");
        await app.PublishAsync(app.Event("pavel", new { filmId = "f1" }));
        (await app.DeclareSegmentAsync("completed", RatedTwice)).Expect(HttpStatusCode.OK);
        using var door = app.Calls.HoldQuery("changed_subjects", "created");
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await door.Reached;
        var waiting = await app.GetAsync("/segments/completed", Roles.Marketer);
        door.Open();
        await app.EvaluateAsync();

        Assert.False(waiting["isComplete"]!.GetValue<bool>());
        Assert.True((await app.GetAsync("/segments/completed", Roles.Marketer))["isComplete"]!.GetValue<bool>());
    }

    [ContractFact]
    public async Task A_deleted_segment_is_gone_its_people_leave_and_another_of_its_name_has_none_of_them()
    {
        (await app.DeclareSegmentAsync("doomed", RatedTwice)).Expect(HttpStatusCode.OK);
        string[] customers = [.. Enumerable.Range(0, 20).Select(i => $"doomed-{i}")];
        foreach (var customer in customers) await app.GrantAsync(customer, Purpose, "viewing");
        await app.PublishAsync(customers.SelectMany(customer => new[] { app.Event(customer, new { filmId = "f1" }), app.Event(customer, new { filmId = "f2" }) }));
        await app.EvaluateAsync();
        var before = await app.StatusAsync($"/audiences/doomed?purpose={Purpose}&channel=email", Roles.Product);

        var deleted = await DeleteAsync("doomed");
        var at = (await app.StatusAsync("/segments/doomed"), await app.StatusAsync($"/audiences/doomed?purpose={Purpose}&channel=email", Roles.Product));
        var listed = await app.GetAsync("/segments", Roles.Officer);
        var again = await DeleteAsync("doomed");
        var never = await DeleteAsync("never-declared");
        var next = (await app.DeclareSegmentAsync("doomed", RatedTwice)).Expect(HttpStatusCode.OK);
        var anew = await app.GetAsync("/segments/doomed", Roles.Marketer);
        await DeleteAsync("doomed");
        await app.EvaluateAsync();

        Assert.Equal(HttpStatusCode.OK, before);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.NoContent), (deleted, again, never));
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), at);
        Assert.DoesNotContain("doomed", listed["items"]!.AsArray().Select(item => (string)item!["segment"]!["id"]!));
        Assert.True(next["version"]!.GetValue<int>() > 1);
        Assert.True(anew["people"]!["suppressed"]!.GetValue<bool>());
        foreach (var customer in customers)
        {
            Assert.DoesNotContain("doomed", await app.SegmentsOfAsync(customer));
            Assert.Single(app.LeftBy(customer), left => left.SegmentId == "doomed");
        }

        (await app.DeclareSegmentAsync("doomed", RatedTwice)).Expect(HttpStatusCode.OK);
        await app.EvaluateAsync();
        Assert.Equal(20, (await app.GetAsync("/segments/doomed", Roles.Marketer))["people"]!["count"]!.GetValue<long>());
        Assert.Equal(HttpStatusCode.Forbidden, await DeleteAsync("doomed", Roles.Officer));
    }

    [ContractFact]
    public async Task A_field_declared_for_the_purpose_no_longer_leaves_the_segment_empty()
    {
        object Type(params string[] purposes) => new { description = "A film was bought.", fields = new { filmId = ProfileApp.Field("string", "viewing", purposes) } };
        (await app.DeclareAsync("film.bought", Type(Purpose, "recommendations"))).Expect(HttpStatusCode.OK);
        (await app.DeclareSegmentAsync("buyers", """{"not":{"measure":{"event":"film.bought","of":"last","field":"filmId"},"is":"=","value":"f9"}}""")).Expect(HttpStatusCode.OK);
        await app.GrantAsync("mila", Purpose, "viewing");
        await app.PublishAsync(app.Event("mila", new { filmId = "f1" }, type: "film.bought"));
        await app.EvaluateAsync();
        var before = await app.SegmentsOfAsync("mila");

        (await app.DeclareAsync("film.bought", Type("recommendations"))).Expect(HttpStatusCode.OK);
        await app.EvaluateAsync();

        Assert.Contains("buyers", before);
        Assert.DoesNotContain("buyers", await app.SegmentsOfAsync("mila"));
    }

    [ContractFact]
    public async Task In_whatever_order_and_however_often_events_come_it_ends_the_same()
    {
        (await app.DeclareSegmentAsync("last-f1", """{"measure":{"event":"film.rated","of":"last","field":"filmId"},"is":"=","value":"f1"}""")).Expect(HttpStatusCode.OK);
        foreach (var customer in new[] { "nina", "oleg" }) await app.GrantAsync(customer, Purpose, "viewing");
        await app.AdvanceAsync(TimeSpan.FromHours(5));
        JsonObject[] Events(string customer) => [.. Enumerable.Range(0, 4).Select(i => app.Event(customer, new { filmId = $"f{i}" }, app.Now.AddHours(-i - 1), $"{customer}-{i}"))];

        foreach (var json in Events("nina").Append(app.Event("nina", new { filmId = "f1" }, app.Now, "nina-last"))) await app.PublishAsync(json);
        foreach (var json in Events("oleg").Append(app.Event("oleg", new { filmId = "f1" }, app.Now, "oleg-last")).Reverse().Concat(Events("oleg"))) await app.PublishAsync(json);
        await app.EvaluateAsync();

        Assert.Contains("last-f1", await app.SegmentsOfAsync("nina"));
        Assert.Contains("last-f1", await app.SegmentsOfAsync("oleg"));
        Assert.Equal(Told(await app.ProfileAsync("nina")), Told(await app.ProfileAsync("oleg")));

        // Each person's events have ids, and so places, of their own.
        static IEnumerable<string> Told(IEnumerable<JsonNode> items) => items.Select(item => $"{item["time"]} {item["fields"]!.ToJsonString()}").Order(StringComparer.Ordinal);
    }

    [ContractFact]
    public async Task Two_instances_find_each_entering_once()
    {
        string[] customers = [.. Enumerable.Range(0, 30).Select(i => $"twin-{i}")];
        foreach (var customer in customers) await app.GrantAsync(customer, Purpose, "viewing");
        var (instance, client) = await app.StartAnotherAsync(Roles.Operator);
        await using (instance)
        using (client)
        {
            (await app.DeclareSegmentAsync("twins", RatedTwice)).Expect(HttpStatusCode.OK);
            await app.PublishAsync(customers.SelectMany(customer => new[] { app.Event(customer, new { filmId = "f1" }), app.Event(customer, new { filmId = "f2" }) }));
            // Not so far that one takes what the other is sending for left behind.
            for (var i = 0; i < 2; i++) await app.AdvanceAsync(TimeSpan.FromSeconds(1));
            await app.EvaluateAsync();
        }

        foreach (var customer in customers)
        {
            Assert.Contains("twins", await app.SegmentsOfAsync(customer));
            Assert.Single(app.EnteredBy(customer), entered => entered.SegmentId == "twins");
        }
    }

    [ContractFact]
    public async Task Fewer_people_than_the_threshold_are_not_shown_and_more_only_roughly()
    {
        const string Rule = """{"measure":{"event":"film.rated","of":"last","field":"filmId"},"is":"=","value":"f-counted"}""";
        (await app.DeclareSegmentAsync("counted", Rule)).Expect(HttpStatusCode.OK);
        string[] customers = [.. Enumerable.Range(0, 33).Select(i => $"many-{i}")];
        foreach (var customer in customers) await app.GrantAsync(customer, Purpose, "viewing");

        await app.PublishAsync(customers.Take(19).Select(customer => app.Event(customer, new { filmId = "f-counted" })));
        await app.EvaluateAsync();
        var few = await app.GetAsync("/segments/counted", Roles.Marketer);
        var fewPreviewed = await PreviewAsync(Rule);
        await app.PublishAsync(customers.Skip(19).Select(customer => app.Event(customer, new { filmId = "f-counted" })));
        await app.EvaluateAsync();
        var listed = (await app.GetAsync("/segments", Roles.Officer))["items"]!.AsArray().Single(segment => segment!["segment"]!["id"]!.GetValue<string>() == "counted")!;
        var previewed = await PreviewAsync(Rule);

        Assert.Equal("""{"count":null,"suppressed":true}""", few["people"]!.ToJsonString());
        Assert.Equal("""{"count":null,"suppressed":true}""", fewPreviewed["people"]!.ToJsonString());
        Assert.Equal("""{"count":30,"suppressed":false}""", listed["people"]!.ToJsonString());
        Assert.Equal("""{"count":30,"suppressed":false}""", previewed["people"]!.ToJsonString());
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/segments/preview"));
    }

    private async Task<HttpStatusCode> DeleteAsync(string id, string role = Roles.Marketer) => (await app.SendAsync(HttpMethod.Delete, $"/segments/{id}", null, role)).Status;

    private async Task<JsonObject> PreviewAsync(string rule) => (await app.SendAsync(
        HttpMethod.Post, "/segments:preview", ServiceApp.Content(new { title = "Some", purpose = Purpose, channels = (string[])["email"], rule = JsonNode.Parse(rule) }), Roles.Marketer))
        .Expect(HttpStatusCode.OK);
}

public sealed class SegmentsOnSqliteTests(ProfileApp app) : SegmentsContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class SegmentsOnMongoTests(MongoProfileApp app) : SegmentsContract(app), IClassFixture<MongoProfileApp>;
