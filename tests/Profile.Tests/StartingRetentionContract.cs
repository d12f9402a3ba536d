using System.Net;
using System.Text.Json.Nodes;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>What retention periods begin with, on every store.</summary>
public abstract class StartingRetentionContract(ProfileApp app)
{
    private const string Purpose = "recommendations";

    [ContractFact]
    public async Task Activity_keeps_what_is_counted_from_it_and_without_any_it_goes()
    {
        await RuleAsync(10, RetentionStart.LastActivity);
        await WatchAsync("anna", "f1");
        var first = app.Now;
        await app.AdvanceAsync(TimeSpan.FromDays(5));
        await app.PublishAsync(app.Event("anna", new { filmId = "f2" }));
        await app.AdvanceAsync(TimeSpan.FromDays(5) - TimeSpan.FromSeconds(20));
        var ends = await UntilAsync("anna", held => held.Select(ExpiresAt).All(end => end == first.AddDays(15)));
        await app.AdvanceAsync(TimeSpan.FromSeconds(21));
        var after = await app.ProfileAsync("anna");
        await app.AdvanceAsync(TimeSpan.FromDays(5) + TimeSpan.FromMinutes(1));
        await Eventually.Is("both are erased", async () => (await app.RowsAsync("anna")).Count(row => row.Key.Collection == "profile_data"), left => left == 0, ServiceApp.Soon);

        Assert.Equal((2, 2), (ends.Count, after.Count));
        var told = await Eventually.Is(
            "who learnt from it is told",
            async () =>
            {
                // What couldn't be sent at once is sent in a while; what was being sent as the days passed is sent again.
                await app.AdvanceAsync(TimeSpan.FromSeconds(1));
                return app.SignalsOf("anna").DistinctBy(signal => (signal.SignalId, signal.ExpiresAt)).ToArray();
            },
            signals => signals.Length == 4, ServiceApp.Soon);
        Assert.Equal(2, told.Count(signal => signal.ExpiresAt > first.AddDays(3640)));
        Assert.Equal(2, told.Count(signal => signal.ExpiresAt <= app.Now));
    }

    [ContractFact]
    public async Task A_purpose_that_is_reached_ends_what_was_collected_for_it_before()
    {
        (await app.DeclareAsync("order.delivered", new
        {
            description = "An order arrived.",
            fields = new Dictionary<string, object> { ["filmId"] = ProfileApp.Field("string", "viewing", Purpose) },
            reaches = new[] { Purpose },
        })).Expect(HttpStatusCode.OK);
        await RuleAsync(7, RetentionStart.PurposeReached);
        await WatchAsync("boris", "f1");
        var open = ExpiresAt(Assert.Single(await app.ProfileAsync("boris")));
        var collected = app.Now;
        await app.AdvanceAsync(TimeSpan.FromDays(1));
        await app.PublishAsync(app.Event("boris", new { filmId = "f1" }, type: "order.delivered"));
        var reached = app.Now;
        await app.AdvanceAsync(TimeSpan.FromSeconds(2));
        await app.PublishAsync(app.Event("boris", new { filmId = "f2" }));
        var held = await UntilAsync("boris", held => held.Select(ExpiresAt).Count(end => end == reached.AddDays(7)) == 2);

        Assert.Equal(collected.AddDays(3650), open);
        Assert.Equal(app.Now.AddDays(3650), held.Select(ExpiresAt).Max(), TimeSpan.FromMinutes(1));
        await Eventually.Is(
            "who learnt from it is told", () => Task.FromResult(app.SignalsOf("boris").Any(signal => signal.ItemId == "f1" && signal.ExpiresAt == reached.AddDays(7))), told => told, ServiceApp.Soon);
    }

    [ContractFact]
    public async Task The_end_of_the_consent_ends_what_is_counted_from_it()
    {
        await RuleAsync(0, RetentionStart.ConsentEnded);
        await WatchAsync("vera", "f1");
        var open = ExpiresAt(Assert.Single(await app.ProfileAsync("vera")));
        var collected = app.Now;
        var receipt = await app.EraseAsync(await app.RevokeAsync("vera"));

        Assert.Equal(collected.AddDays(3650), open);
        Assert.Contains(receipt.Erased, erased => (erased.Store, erased.Category) == ("profile_data", "viewing"));
        Assert.Empty(await app.RowsAsync("vera"));
    }

    [ContractFact]
    public async Task Rules_that_count_from_activity_later_make_nothing_last_longer()
    {
        await RuleAsync(30, null);
        await WatchAsync("gleb", "f1");
        var first = app.Now;
        await RuleAsync(60, RetentionStart.LastActivity);
        await app.AdvanceAsync(TimeSpan.FromDays(20));
        await app.PublishAsync(app.Event("gleb", new { filmId = "f2" }));
        var second = app.Now;
        await app.AdvanceAsync(first.AddDays(30) - TimeSpan.FromSeconds(20) - app.Now);
        var before = await app.ProfileAsync("gleb");
        await app.AdvanceAsync(TimeSpan.FromSeconds(21));

        Assert.Equal([first.AddDays(30), second.AddDays(60)], before.Select(ExpiresAt).Order());
        Assert.Single(await app.ProfileAsync("gleb"));
    }

    [ContractFact]
    public async Task When_somebody_was_active_is_erased_with_them()
    {
        await RuleAsync(10, RetentionStart.LastActivity);
        await WatchAsync("dina", "f1");
        var receipt = await app.EraseAsync(await app.RevokeAsync("dina"));

        Assert.Contains(receipt.Erased, erased => (erased.Store, erased.Category, erased.Count) == ("subject_activities", "activity", 1L));
        Assert.Null(await app.Module("profile").OpenSession().LoadAsync<SubjectActivity>(app.RefOf("dina"), CancellationToken.None));
    }

    [ContractFact]
    public async Task A_preview_counts_people_by_purpose_and_category_and_hides_few()
    {
        await RuleAsync(30, null);
        foreach (var person in Enumerable.Range(0, 21)) await WatchAsync($"viewer-{person}", "f1");
        await app.AdvanceAsync(TimeSpan.FromDays(6));
        await WatchAsync("late-viewer", "f1");
        await app.PublishAsync(app.Event("late-viewer", new { loudness = 11 }));

        var many = await PreviewAsync(("viewing", 5), ("technical", 5));
        var few = await PreviewAsync(("viewing", 30), ("technical", 1));
        var all = await PreviewAsync(("technical", 30));

        Assert.Equal("""{"count":20,"suppressed":false}""", People(many, "viewing"));
        Assert.Equal("""{"count":null,"suppressed":true}""", People(many, "technical"));
        Assert.Equal("""{"count":null,"suppressed":true}""", People(few, "viewing"));
        Assert.Equal("""{"count":20,"suppressed":false}""", People(all, "viewing"));
        Assert.Equal(many["of"]!.GetValue<long>(), many["lookedAt"]!.GetValue<long>());
        Assert.Single(await app.ProfileAsync("viewer-0"));
    }

    private static DateTimeOffset ExpiresAt(JsonNode item) => item["expiresAt"]!.GetValue<DateTimeOffset>();

    private static string People(JsonObject preview, string category) => preview["counts"]!.AsArray().Single(count => (string?)count!["category"] == category)!["people"]!.ToJsonString();

    private async Task<JsonObject> PreviewAsync(params (string Category, int Days)[] rules) => (await app.SendAsync(
        HttpMethod.Post, "/internal/retention-preview",
        ServiceApp.Content(new { rules = rules.Select(rule => new { purpose = Purpose, category = rule.Category, keepDays = rule.Days }) }), Roles.Service)).Expect(HttpStatusCode.OK);

    private async Task WatchAsync(string customer, string film)
    {
        await app.GrantAsync(customer, Purpose, "viewing", "technical");
        Assert.Equal(1, (await app.PublishAsync(app.Event(customer, new { filmId = film })))["accepted"]!.GetValue<int>());
    }

    private async Task RuleAsync(int days, RetentionStart? from)
    {
        var version = (await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, CancellationToken.None))!.Version + 1;
        await app.RuleAsync(
            version,
            [
                new RetentionRule { Purpose = Purpose, Category = "viewing", KeepDays = days, From = from },
                new RetentionRule { Purpose = Purpose, Category = "technical", KeepDays = 365 },
            ]);
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        await Eventually.Is(
            "what is stored was compared with them",
            async () => (await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, CancellationToken.None))?.AppliedVersion, applied => applied == version, ServiceApp.Soon);
    }

    /// <summary>Lets some seconds pass until it is so.</summary>
    private Task<IReadOnlyList<JsonNode>> UntilAsync(string customer, Func<IReadOnlyList<JsonNode>, bool> isSo) =>
        Eventually.Is("the person's data has the ends expected", () => app.ProfileAsync(customer), isSo, ServiceApp.Soon);
}

public sealed class StartingRetentionOnSqliteTests(ProfileApp app) : StartingRetentionContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class StartingRetentionOnMongoTests(MongoProfileApp app) : StartingRetentionContract(app), IClassFixture<MongoProfileApp>;
