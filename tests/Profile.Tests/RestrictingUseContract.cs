using System.Net;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>What is kept and not used, on every store.</summary>
public abstract class RestrictingUseContract(ProfileApp app)
{
    private const string Segment = "restricted-fans";

    [ContractFact]
    public async Task What_is_held_stays_for_the_person_alone_and_nothing_is_added_until_it_is_lifted()
    {
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");
        await app.PublishAsync(app.Event("anna", new { filmId = "f1", rating = 4 }));
        var held = await app.ProfileAsync("anna");
        await app.RestrictAsync("anna", "opinion");

        var shown = await app.ProfileAsync("anna");
        var answer = await app.PublishAsync(app.Event("anna", new { filmId = "f2", rating = 5 }));
        await app.RestrictAsync("anna");
        var refused = await app.PublishAsync(app.Event("anna", new { filmId = "f3" }));
        var staff = await app.SendAsync(HttpMethod.Get, "/profiles/anna?purpose=recommendations", null, Roles.Officer);
        await app.LiftAsync("anna");

        Assert.Equal(held.Select(item => item.ToJsonString()), shown.Select(item => item.ToJsonString()));
        Assert.Equal(("rating", "restricted"), ((string?)answer["dropped"]![0]!["field"], (string?)answer["dropped"]![0]!["reason"]));
        Assert.Equal("restricted", (string?)refused["refused"]![0]!["reason"]);
        Assert.Equal(HttpStatusCode.Forbidden, staff.Status);
        Assert.Equal(2, (await app.ProfileAsync("anna")).Count);
        Assert.Equal(1, (await app.PublishAsync(app.Event("anna", new { filmId = "f4" })))["accepted"]!.GetValue<int>());
    }

    [ContractFact]
    public async Task An_erasure_of_something_else_meanwhile_leaves_it()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        await app.GrantAsync("boris", "marketing-groups", "viewing");
        await app.PublishAsync(app.Event("boris", new { filmId = "f1" }));
        await app.RestrictAsync("boris");

        var receipt = await app.EraseAsync(await app.RevokeAsync("boris", "marketing-groups"));
        await app.LiftAsync("boris");

        Assert.All(receipt.Residual, place => Assert.Equal(0, place.Found));
        var item = Assert.Single(await app.ProfileAsync("boris"));
        Assert.Equal("""["recommendations"]""", item["fields"]![0]!["purposes"]!.ToJsonString());
    }

    [ContractFact]
    public async Task Who_is_restricted_is_in_no_audience_and_struck_off_and_belongs_again_when_it_is_lifted()
    {
        (await app.DeclareSegmentAsync(Segment, $$"""{"measure":{"event":"film.rated","of":"last","field":"filmId"},"is":"=","value":"{{Segment}}"}""")).Expect(HttpStatusCode.OK);
        string[] people = [.. Enumerable.Range(10, 22).Select(i => $"{Segment}-{i}")];
        foreach (var customer in people) await app.GrantAsync(customer, "marketing-groups", "viewing");
        await app.PublishAsync(people.Select(customer => app.Event(customer, new { filmId = Segment })));
        await app.EvaluateAsync();
        var before = await AudienceAsync();

        await app.RestrictAsync(people[0]);
        var restricted = await AudienceAsync();
        await app.FollowAsync();
        var withdrawals = await app.GetAsync("/withdrawals?after=0", Roles.Product);
        await app.EvaluateAsync();
        var still = await AudienceAsync();
        await app.LiftAsync(people[0]);
        await app.EvaluateAsync();

        Assert.Contains(people[0], before, StringComparison.Ordinal);
        Assert.DoesNotContain(people[0], restricted, StringComparison.Ordinal);
        Assert.Contains(people[1], restricted, StringComparison.Ordinal);
        Assert.Contains(people[0], withdrawals.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(people[0], still, StringComparison.Ordinal);
        Assert.Contains(people[0], await AudienceAsync(), StringComparison.Ordinal);

        async Task<string> AudienceAsync()
        {
            var answer = await app.SendAsync(HttpMethod.Get, $"/audiences/{Segment}?purpose=marketing-groups&channel=email", null, Roles.Product);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            return answer.Text;
        }
    }
}

public sealed class RestrictingUseWithSqliteTests(ProfileApp app) : RestrictingUseContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class RestrictingUseWithMongoTests(MongoProfileApp app) : RestrictingUseContract(app), IClassFixture<MongoProfileApp>;
