using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>Who is handed out to a product service, on every store.</summary>
public abstract class AudiencesContract(ProfileApp app)
{
    private const string Purpose = "marketing-groups";

    [ContractFact]
    public async Task The_people_of_a_segment_are_handed_out_with_what_the_list_rests_on()
    {
        var people = await PeopleAsync("fans", 30);
        await app.GrantAsync("fans-other", "recommendations", "viewing");
        await app.PublishAsync(app.Event("fans-other", new { filmId = "fans" }));
        await app.EvaluateAsync();
        await app.FollowAsync();

        var lines = await ReadAsync("fans");

        Assert.Equal(people, Ids(lines).Order(StringComparer.Ordinal));
        Assert.Equal(("fans", 1, Purpose, "email"), (
            lines[0]["segment"]!.GetValue<string>(), lines[0]["version"]!.GetValue<int>(), lines[0]["purpose"]!.GetValue<string>(), lines[0]["channel"]!.GetValue<string>()));
        Assert.Equal(app.Around.Stream.Count, lines[0]["consentNumber"]!.GetValue<long>());
        Assert.Equal((30, app.Around.Stream.Count, true), (lines[^1]["count"]!.GetValue<int>(), lines[^1]["consentNumber"]!.GetValue<long>(), lines[^1]["isComplete"]!.GetValue<bool>()));
        Assert.Equal(app.Now.AddHours(24), lines[^1]["usableUntil"]!.GetValue<DateTimeOffset>());
        await app.UntilHandledAsync("profile");
        var opened = Assert.Single(app.Around.Heard<AudienceOpened>(), opened => opened.SegmentId == "fans");
        Assert.Equal((Purpose, "email", false, app.Now), (opened.Purpose, opened.Channel, opened.IsResumed, opened.OpenedAt));
    }

    [ContractFact]
    public async Task Who_revokes_while_it_is_read_is_in_no_chunk_begun_after_the_answer()
    {
        var people = await PeopleAsync("raced", 60);
        using var door = app.Calls.HoldQuery("segment_members", "segment", after: 1);
        var reading = ReadAsync("raced", "&chunk=20");
        await door.Reached;

        // The first 20 are on their way; which they are is the store's secret, so everybody revokes.
        foreach (var customer in people) await app.RevokeAsync(customer, Purpose);
        door.Open();
        var lines = await reading;

        Assert.Equal(20, Ids(lines).Count);
        Assert.Equal(20, lines[^1]["count"]!.GetValue<int>());
    }

    [ContractFact]
    public async Task What_was_found_before_a_revocation_does_not_outlive_it_even_unread()
    {
        var people = await PeopleAsync("stale", 41);

        // Between the members, who are read already, and the gates: the hardest moment.
        using var door = app.Calls.HoldRead("identity_vault_entries", "segments");
        var reading = ReadAsync("stale");
        await door.Reached;
        await app.RevokeAsync(people[0], Purpose);
        door.Open();

        Assert.Equal(people.Skip(1), Ids(await reading).Order(StringComparer.Ordinal));
    }

    [ContractFact]
    public async Task Who_took_back_another_category_or_purpose_is_looked_at_again_first()
    {
        var people = await PeopleAsync("renewed", 25);
        await app.GrantAsync(people[0], "recommendations", "viewing");
        await app.EvaluateAsync();
        await app.RevokeAsync(people[0], "recommendations");

        var before = Ids(await ReadAsync("renewed"));
        await app.EvaluateAsync();

        Assert.DoesNotContain(people[0], before);
        Assert.Equal(people, Ids(await ReadAsync("renewed")).Order(StringComparer.Ordinal));
    }

    [ContractFact]
    public async Task A_list_that_was_cut_goes_on_after_whoever_came_last()
    {
        var people = await PeopleAsync("cut", 50);
        var whole = Ids(await ReadAsync("cut", "&chunk=20"));

        var rest = await ReadAsync("cut", $"&after={whole[34]}");

        Assert.Equal(people, whole.Order(StringComparer.Ordinal));
        Assert.Equal(whole.Skip(35), Ids(rest));
        Assert.Equal(15, rest[^1]["count"]!.GetValue<int>());
    }

    [ContractFact]
    public async Task It_may_not_be_used_longer_than_the_first_grant_lasts()
    {
        await PeopleAsync("lasting", 20);
        await app.GrantUntilAsync("lasting-short", Purpose, app.Now.AddHours(3), "viewing");
        await app.PublishAsync(app.Event("lasting-short", new { filmId = "lasting" }));
        await app.EvaluateAsync();

        var with = await ReadAsync("lasting");
        await app.AdvanceAsync(TimeSpan.FromHours(3) - TimeSpan.FromSeconds(1));
        using var door = app.Calls.HoldQuery("due_evaluations", "due");
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        var without = await ReadAsync("lasting");

        Assert.Contains("lasting-short", Ids(with));
        Assert.Equal(app.Now - TimeSpan.FromSeconds(1), with[^1]["usableUntil"]!.GetValue<DateTimeOffset>());
        Assert.DoesNotContain("lasting-short", Ids(without));
        Assert.Equal(20, Ids(without).Count);
    }

    [ContractFact]
    public async Task Another_rule_meanwhile_ends_the_list_without_a_last_line()
    {
        await PeopleAsync("changed", 45);
        using var door = app.Calls.HoldQuery("segment_members", "segment", after: 1);
        var reading = ReadAsync("changed", "&chunk=20");
        await door.Reached;
        (await app.DeclareSegmentAsync("changed", """{"measure":{"event":"film.rated","of":"count"},"is":">","value":100}""")).Expect(HttpStatusCode.OK);
        door.Open();
        var lines = await reading;

        Assert.Equal(20, Ids(lines).Count);
        Assert.Equal("urn:personalization:problem:segment-changed", lines[^1]["type"]!.GetValue<string>());
        Assert.Equal("audience-too-small", (await AskAsync("changed")).Problem);
    }

    [ContractFact]
    public async Task Cut_off_from_consents_it_is_not_begun_and_not_gone_on_with()
    {
        await PeopleAsync("lost", 45);
        using var door = app.Calls.HoldQuery("segment_members", "segment", after: 1);
        var reading = ReadAsync("lost", "&chunk=20");
        await door.Reached;
        await app.CutOffAsync();
        var refused = await AskAsync("lost");
        door.Open();
        var lines = await reading;
        await app.MendAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "consent-unknown"), (refused.Status, refused.Problem));
        Assert.Equal(20, Ids(lines).Count);
        Assert.Equal("urn:personalization:problem:consent-unknown", lines[^1]["type"]!.GetValue<string>());
    }

    [ContractFact]
    public async Task What_is_no_audience_is_refused()
    {
        await PeopleAsync("few", 19);

        Assert.Equal((HttpStatusCode.Conflict, "audience-too-small"), Told(await AskAsync("few")));
        Assert.Equal((HttpStatusCode.NotFound, "not-found"), Told(await AskAsync("nobody-declared")));
        Assert.Equal((HttpStatusCode.Forbidden, "wrong-purpose"), Told(await SendAsync("/audiences/few?channel=email&purpose=recommendations")));
        Assert.Equal((HttpStatusCode.Forbidden, "wrong-purpose"), Told(await SendAsync("/audiences/few?channel=email")));
        Assert.Equal((HttpStatusCode.Forbidden, "wrong-channel"), Told(await SendAsync($"/audiences/few?purpose={Purpose}&channel=phone")));
        Assert.Equal((HttpStatusCode.Forbidden, "wrong-channel"), Told(await SendAsync($"/audiences/few?purpose={Purpose}")));
        Assert.Equal((HttpStatusCode.BadRequest, "bad-customer-id"), Told(await SendAsync($"/audiences/few?purpose={Purpose}&channel=email&after=a@b.c")));
        foreach (var role in new[] { Roles.Marketer, Roles.Operator, Roles.Officer, Roles.Auditor })
            Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync($"/audiences/few?purpose={Purpose}&channel=email", role));

        static (HttpStatusCode, string?) Told(Answer answer) => (answer.Status, answer.Problem);
    }

    /// <summary>So many people who rated a film of their own, and the segment of them; in ordinal order.</summary>
    private async Task<IReadOnlyList<string>> PeopleAsync(string segment, int count)
    {
        (await app.DeclareSegmentAsync(segment, $$"""{"measure":{"event":"film.rated","of":"last","field":"filmId"},"is":"=","value":"{{segment}}"}""")).Expect(HttpStatusCode.OK);
        string[] people = [.. Enumerable.Range(10, count).Select(i => $"{segment}-{i}")];
        foreach (var customer in people) await app.GrantAsync(customer, Purpose, "viewing");
        await app.PublishAsync(people.Select(customer => app.Event(customer, new { filmId = segment })));
        await app.EvaluateAsync();
        return people;
    }

    private async Task<IReadOnlyList<JsonNode>> ReadAsync(string segment, string more = "")
    {
        var answer = await AskAsync(segment, more);
        Assert.True(answer.Status == HttpStatusCode.OK, $"Answered {(int)answer.Status}: {answer.Text}");
        return [.. answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }

    private Task<Answer> AskAsync(string segment, string more = "") => SendAsync($"/audiences/{segment}?purpose={Purpose}&channel=email{more}");

    private Task<Answer> SendAsync(string path) => app.SendAsync(HttpMethod.Get, path, null, Roles.Product);

    private static IReadOnlyList<string> Ids(IEnumerable<JsonNode> lines) => [.. lines.Select(line => line["customerId"]?.GetValue<string>()).OfType<string>()];
}

public sealed class AudiencesOnSqliteTests(ProfileApp app) : AudiencesContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class AudiencesOnMongoTests(MongoProfileApp app) : AudiencesContract(app), IClassFixture<MongoProfileApp>;
