using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>A thank-you for openness: given with the decision, once, and never taken back.</summary>
public sealed class RewardingOpennessTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    private const string Code = "^[23456789CFGHJMPQRVWX]{4}(-[23456789CFGHJMPQRVWX]{4}){3}$";

    [Fact]
    public async Task A_grant_of_any_category_gives_the_reward_with_a_code_that_only_the_person_sees()
    {
        await app.DeclareAsync("discounted", Reward("thanks-by-code"));

        var (_, answer) = await app.GrantAsync("open", "discounted", ["viewing"]);
        var reward = Assert.Single(answer["rewards"]!.AsArray())!;
        var told = await ToldAsync("open");
        var own = Assert.Single(await RewardsAsync("open", role: Roles.Subject));

        Assert.Equal(("thanks-by-code", "discountCode", true), ((string?)reward["rewardId"], (string?)reward["kind"], (bool)reward["isNew"]!));
        Assert.Matches(Code, (string)reward["code"]!);
        Assert.Equal(((string?)reward["code"], "discounted"), ((string?)own["code"], (string?)own["purpose"]));
        Assert.Equal(
            ((string)reward["grantId"]!, "thanks-by-code", "discountCode", "discounted", (string)reward["grantedAt"]!),
            (told.GrantId, told.RewardId, told.Kind, told.Purpose, Json.FormatTime(told.GrantedAt)));
        Assert.DoesNotContain((string)reward["code"]!, JsonSerializer.Serialize(told, Json.Options), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("earlyAccess")]
    [InlineData("extraService")]
    public async Task What_is_no_discount_has_no_code(string kind)
    {
        await app.DeclareAsync($"codeless-{kind.ToLowerInvariant()}", Reward($"codeless-{kind.ToLowerInvariant()}", kind));

        var (_, answer) = await app.GrantAsync("codeless", $"codeless-{kind.ToLowerInvariant()}");
        var reward = Assert.Single(answer["rewards"]!.AsArray())!;

        Assert.Equal((kind, null), ((string?)reward["kind"], (string?)reward["code"]));
    }

    [Fact]
    public async Task It_is_given_once_and_stays_through_revocation_and_a_new_grant()
    {
        await app.DeclareAsync("steady", Reward("steady-thanks"));
        var (_, first) = await app.GrantAsync("steady", "steady");

        var (_, repeated) = await app.GrantAsync("steady", "steady");
        var (_, revoked) = await app.RevokeAsync("steady", "steady");
        var kept = await RewardsAsync("steady");
        var (_, again) = await app.GrantAsync("steady", "steady");

        Assert.Empty(revoked["rewards"]!.AsArray());
        Assert.Single(kept);
        foreach (var answer in new[] { repeated, again })
        {
            var reward = Assert.Single(answer["rewards"]!.AsArray())!;
            Assert.Equal(((string?)first["rewards"]![0]!["grantId"], (string?)first["rewards"]![0]!["code"], false), ((string?)reward["grantId"], (string?)reward["code"], (bool)reward["isNew"]!));
        }

        Assert.Equal("steady-thanks", (await ToldAsync("steady")).RewardId);
    }

    [Fact]
    public async Task Who_refuses_or_grants_what_promises_nothing_gets_nothing()
    {
        await app.DeclareAsync("promising", Reward("promised"));
        await app.DeclareAsync("unpromising");

        var (_, denied) = await app.DenyAsync("closed", "promising");
        var (_, granted) = await app.GrantAsync("closed", "unpromising");

        Assert.Empty(denied["rewards"]!.AsArray());
        Assert.Empty(granted["rewards"]!.AsArray());
        Assert.Empty(await RewardsAsync("closed"));
        Assert.Empty(await RewardsAsync("never-seen"));
    }

    [Fact]
    public async Task Who_agreed_before_there_was_a_reward_gets_it_by_agreeing_once_more()
    {
        await app.DeclareAsync("since-then");
        await app.GrantAsync("early", "since-then");
        await app.DeclareAsync("since-then", Reward("late-thanks"));

        var (_, answer) = await app.GrantAsync("early", "since-then");

        Assert.True((bool)Assert.Single(answer["rewards"]!.AsArray())!["isNew"]!);
        Assert.Single(await app.HistoryAsync("early"));
    }

    [Fact]
    public Task At_the_same_time_it_is_given_once() => GrantAtOnceAsync(app);

    [RequiresMongoFact]
    public async Task At_the_same_time_it_is_given_once_on_MongoDB_too()
    {
        await using var mongo = await OwnApp.StartAsync(new() { ["Consent:Store"] = await MongoServer.NewDatabaseAsync() });

        await GrantAtOnceAsync(mongo);
    }

    [Fact]
    public async Task An_import_gives_it_too_and_once()
    {
        await app.DeclareAsync("imported-thanks", Reward("imported-thanks"));
        await app.DeclareAsync("imported-too", Reward("imported-thanks"));
        await app.DeclareAsync("imported-plain");
        await app.GrantAsync("had-it", "imported-thanks");
        var before = (string?)Assert.Single(await RewardsAsync("had-it"))["grantId"];

        var answer = await app.ImportAsync(
            Line("had-it", "imported-too"), Line("brought", "imported-thanks"), Line("brought", "imported-too"), Line("brought-plain", "imported-plain"),
            Line("brought-no", "imported-thanks", "denied"));

        Assert.Empty(answer["refused"]!.AsArray());
        Assert.Equal(before, (string?)Assert.Single(await RewardsAsync("had-it"))["grantId"]);
        Assert.Matches(Code, (string)Assert.Single(await RewardsAsync("brought"))["code"]!);
        Assert.Equal("imported-thanks", (await ToldAsync("brought")).RewardId);
        Assert.Empty(await RewardsAsync("brought-plain"));
        Assert.Empty(await RewardsAsync("brought-no"));

        object Line(string customerId, string purpose, string decision = "granted") => new
        {
            customerId,
            purpose,
            decision,
            noticeVersion = 1,
            language = "en",
            channel = "paper",
            decidedAt = app.Clock.GetUtcNow(),
        };
    }

    [Fact]
    public async Task It_outlives_an_erasure_under_its_own_key_and_is_not_given_again()
    {
        await app.DeclareAsync("outliving", Reward("outliving"));
        var (_, first) = await app.GrantAsync("leaver", "outliving");
        var (_, revoked) = await app.RevokeAsync("leaver", "outliving");

        var receipt = await app.EraseAsync("leaver", (long)revoked["version"]!);
        var kept = Assert.Single(receipt.Retained, data => data.Store == "reward_grants");
        var left = Assert.Single(await RewardsAsync("leaver"));
        var (_, again) = await app.GrantAsync("leaver", "outliving");

        Assert.True(await app.Consent.Keys.IsDestroyedAsync(new DataKeyId(app.RefOf("leaver"), 1), CancellationToken.None));
        Assert.Equal(1, kept.Count);
        Assert.NotEmpty(kept.Reason);
        Assert.NotNull(kept.Until);
        Assert.Equal((string?)first["rewards"]![0]!["code"], (string?)left["code"]);
        Assert.Equal(((string?)left["grantId"], false), ((string?)again["rewards"]![0]!["grantId"], (bool)again["rewards"]![0]!["isNew"]!));
    }

    [Fact]
    public async Task Years_after_the_person_left_it_goes_with_its_key_and_who_came_back_keeps_it()
    {
        await using var later = await OwnApp.StartAsync();
        await later.DeclareAsync("kept-for-years", Reward("kept-for-years"));
        foreach (var person in new[] { "gone", "back" })
        {
            await later.GrantAsync(person, "kept-for-years");
            var (_, revoked) = await later.RevokeAsync(person, "kept-for-years");
            await later.EraseAsync(person, (long)revoked["version"]!);
        }

        await later.GrantAsync("back", "kept-for-years");
        later.Clock.Advance(TimeSpan.FromDays((3 * 366) + 1));
        await later.RestartAsync();
        await Eventually.Is("the reward is deleted", async () => (await RewardsAsync("gone", later)).Length == 0, ConsentApp.Soon);

        await Eventually.Is(
            "its key is destroyed", () => later.Consent.Keys.IsDestroyedAsync(new DataKeyId(later.RefOf("gone"), 1, RewardGrant.Rule), CancellationToken.None), ConsentApp.Soon);
        Assert.Single(await RewardsAsync("back", later));
    }

    [Theory]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Officer)]
    public async Task Staff_reads_nobodys_codes(string role)
    {
        var (status, _) = await app.SendAsync(role, HttpMethod.Get, "/consents/open/rewards");

        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    private static object Reward(string id, string kind = "discountCode") => new { reward = new { id, kind, titles = new { en = "A thank-you" } } };

    private static async Task GrantAtOnceAsync(ConsentApp of)
    {
        await of.DeclareAsync("rushed", Reward("rushed"));
        await of.DeclareAsync("rushed-too", Reward("rushed"));

        for (var round = 0; round < 3; round++)
        {
            var person = $"rushing-{round}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(index => of.GrantAsync(person, index % 2 == 0 ? "rushed" : "rushed-too")));

            Assert.All(answers, answer => Assert.True(answer.Status is HttpStatusCode.OK or HttpStatusCode.Accepted, answer.Status.ToString()));
            Assert.Single(answers, answer => (bool)answer.Body["rewards"]![0]!["isNew"]!);
            Assert.Single(answers.Select(answer => (string?)answer.Body["rewards"]![0]!["grantId"]).Distinct());
            Assert.Single(await RewardsAsync(person, of));
        }
    }

    private static async Task<JsonObject[]> RewardsAsync(string customerId, ConsentApp of, string role = Roles.Product) =>
        [.. (await of.SendAsync(role, HttpMethod.Get, $"/consents/{customerId}/rewards", customerId: customerId)).Body["items"]!.AsArray().Select(item => item!.AsObject())];

    private Task<JsonObject[]> RewardsAsync(string customerId, string role = Roles.Product) => RewardsAsync(customerId, app, role);

    /// <summary>The one event about the person.</summary>
    private async Task<RewardGranted> ToldAsync(string customerId)
    {
        await Eventually.Is("the reward is told of", () => Task.FromResult(app.Around.Rewards.Any(told => told.SubjectRef == app.RefOf(customerId))), ConsentApp.Soon);
        return Assert.Single(app.Around.Rewards, told => told.SubjectRef == app.RefOf(customerId));
    }
}
