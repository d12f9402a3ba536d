using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

public sealed class RecommendingTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    [Fact]
    public async Task Recommendations_say_which_signal_speaks_for_them_and_what_permits_its_use()
    {
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");
        await app.GrantAsync("anna", "marketing-groups", "viewing");
        await app.LearnAsync(app.Signal("anna", "f1", rating: 5, id: "s-1"), app.Signal("anna", "f2", rating: 4, id: "s-2"));

        var answer = await app.RecommendAsync("anna");

        Assert.True(RecommendationApp.IsPersonalized(answer));
        Assert.Equal(2, answer["consentVersion"]!.GetValue<long>());
        Assert.Equal(["f3", "f4", "f5", "f6"], answer["items"]!.AsArray().Select(item => item!["itemId"]!.GetValue<string>()).Order());
        Assert.All(answer["items"]!.AsArray(), item =>
        {
            var reasons = item!["reasons"]!.AsArray();
            Assert.Equal(["s-1", "s-2"], reasons.Select(reason => reason!["signal"]!.GetValue<string>()).Order());
            Assert.InRange(reasons.Sum(reason => reason!["share"]!.GetValue<double>()), 0.99, 1);
            Assert.All(reasons, reason => Assert.Equal(("recommendations", 2L), (reason!["purpose"]!.GetValue<string>(), reason["consentVersion"]!.GetValue<long>())));
            Assert.Contains(reasons, reason => reason!["text"]!.GetValue<string>().Contains("Film f1", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task What_somebody_did_not_like_speaks_for_nothing_and_is_not_recommended_either()
    {
        await app.GrantAsync("boris", "recommendations", "viewing", "opinion");
        await app.LearnAsync(app.Signal("boris", "f1", rating: 5, id: "liked"), app.Signal("boris", "f2", rating: 1, id: "not-liked"));

        var answer = await app.RecommendAsync("boris");

        Assert.DoesNotContain("not-liked", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"f2\"", answer.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("\"liked\"", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"title":"Film f3","inStock":false}""")]
    [InlineData("""{"title":"Film f3","sensitive":true}""")]
    [InlineData("""{"title":"Film f3","validUntil":"2020-01-01T00:00:00Z"}""")]
    [InlineData("""{"title":"Film f3","validFrom":"2999-01-01T00:00:00Z"}""")]
    [InlineData(null)]
    public async Task What_can_not_be_had_or_is_sensitive_is_recommended_to_nobody(string? content)
    {
        await app.SettleAsync("clara");
        async Task<bool> IsRecommendedAsync(string customer) => (await app.RecommendTextAsync(customer)).Contains("\"f3\"", StringComparison.Ordinal);
        await app.FollowUntilAsync("it is recommended", async () => await IsRecommendedAsync("clara") && await IsRecommendedAsync("nobody-ever"));

        if (content is null) await app.SendAsync(HttpMethod.Delete, "/items/f3", null, Roles.Product);
        else (await app.SendAsync(HttpMethod.Put, "/items/f3", ServiceApp.Text(content, "application/json"), Roles.Product)).Expect(HttpStatusCode.OK);

        await app.FollowUntilAsync("the catalogue follows", async () => !await IsRecommendedAsync("clara"));
        Assert.False(await IsRecommendedAsync("nobody-ever"));
        Assert.Equal(3, (await app.RecommendAsync("clara"))["items"]!.AsArray().Count);
        await app.PutAsync("f3", new { title = "Film f3", year = 1999 });
        await app.FollowUntilAsync("it is recommended again", () => IsRecommendedAsync("clara"));
    }

    [Fact]
    public async Task What_people_take_again_is_recommended_to_who_has_had_it()
    {
        await app.SettleAsync("clemens");
        await app.PutAsync("f1", new { title = "Film f1", repeatable = true });

        async Task<bool> IsRecommendedAsync() => (await app.RecommendAsync("clemens"))["items"]!.AsArray().Any(item => item!["itemId"]!.GetValue<string>() == "f1");
        await app.FollowUntilAsync("it is recommended again", IsRecommendedAsync);
        await app.PutAsync("f1", new { title = "Film f1", year = 1999 });
        await app.FollowUntilAsync("it is not any more", async () => !await IsRecommendedAsync());
    }

    [Fact]
    public async Task Who_is_unknown_or_refused_or_was_erased_or_has_done_nothing_gets_the_same_bytes()
    {
        await app.DenyAsync("refusing", "recommendations", "viewing");
        await app.GrantAsync("idle", "recommendations", "viewing");
        await app.GrantAsync("elsewhere", "marketing-groups", "viewing");
        await app.SettleAsync("erased");
        await app.EraseAsync(await app.RevokeAsync("erased"));

        var unknown = await app.RecommendTextAsync("nobody-ever");
        var answer = JsonNode.Parse(unknown)!.AsObject();

        foreach (var customer in new[] { "refusing", "idle", "elsewhere", "erased" }) Assert.Equal(unknown, await app.RecommendTextAsync(customer));
        Assert.False(RecommendationApp.IsPersonalized(answer));
        Assert.Null(answer["consentVersion"]);
        Assert.Equal(5, answer["items"]!.AsArray().Count);
        Assert.All(answer["items"]!.AsArray(), item => Assert.Null(Assert.Single(item!["reasons"]!.AsArray())!["signal"]));
    }

    [Fact]
    public async Task A_revocation_is_in_force_for_the_next_answer_and_out_of_the_model()
    {
        await app.SettleAsync("dina");
        var before = (Persons: await app.PersonsAsync(), Likings: app.LikingsOf("dina").Count);

        // The clock stands still: nothing that happens by time can have helped.
        await app.RevokeAsync("dina");
        var answer = await app.RecommendAsync("dina");

        Assert.False(RecommendationApp.IsPersonalized(answer));
        Assert.Equal(2, before.Likings);
        Assert.Empty(app.LikingsOf("dina"));
        Assert.Equal(before.Persons - 1, await app.PersonsAsync());
    }

    [Fact]
    public async Task Revoking_another_purpose_changes_nothing_here()
    {
        await app.SettleAsync("egor");
        await app.GrantAsync("egor", "marketing-groups", "viewing");

        await app.RevokeAsync("egor", "marketing-groups");

        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync("egor")));
        Assert.Equal(["f1", "f2"], app.LikingsOf("egor").Order());
    }

    [Fact]
    public async Task The_list_for_everybody_is_without_who_left_at_once()
    {
        string[] five = ["rare-1", "rare-2", "rare-3", "rare-4", "rare-5"];
        foreach (var customer in five)
        {
            await app.GrantAsync(customer, "recommendations", "viewing");
            await app.LearnAsync(app.Signal(customer, "rare"));
        }

        await app.FollowUntilAsync("five persons like it", async () => (await app.RecommendTextAsync("nobody-ever", 100)).Contains("\"rare\"", StringComparison.Ordinal));
        await app.RevokeAsync("rare-3");

        Assert.DoesNotContain("\"rare\"", await app.RecommendTextAsync("nobody-ever", 100), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_instance_on_the_same_store_forgets_without_being_told()
    {
        await app.SettleAsync("zoya");
        var (other, client) = await app.StartAnotherAsync(Roles.Product);
        await using var _ = other;
        using var __ = client;
        async Task<JsonObject> AskOtherAsync() => JsonNode.Parse(await client.GetStringAsync(new Uri("/recommendations/zoya?limit=5", UriKind.Relative)))!.AsObject();
        await Eventually.Is("the other instance personalizes too", async () => RecommendationApp.IsPersonalized(await AskOtherAsync()), ServiceApp.Soon);
        var model = other.Services.GetRequiredService<Domain.ItemModel>();
        var before = model.LikingsOf(app.RefOf("zoya")).Count;

        await app.RevokeAsync("zoya");

        Assert.False(RecommendationApp.IsPersonalized(await AskOtherAsync()));
        Assert.Equal((2, 0), (before, model.LikingsOf(app.RefOf("zoya")).Count));
    }

    [Fact]
    public async Task What_an_answer_opened_leaves_the_memory_of_every_instance_with_the_permission()
    {
        await app.SettleAsync("yana");
        var (other, client) = await app.StartAnotherAsync(Roles.Product);
        await using var _ = other;
        using var __ = client;
        OpenedHistories[] instances = [app.Get<OpenedHistories>(), other.Services.GetRequiredService<OpenedHistories>()];
        Task<int> HoldingAsync() => Task.FromResult(instances.Count(opened => opened.Persons.Contains(app.RefOf("yana"))));
        await app.RecommendAsync("yana");
        await Eventually.Is("the other instance personalizes too", () => client.GetStringAsync(new Uri("/recommendations/yana", UriKind.Relative)), answer => answer.Contains("\"personalized\":true", StringComparison.Ordinal), ServiceApp.Soon);
        var before = await HoldingAsync();

        await app.RevokeAsync("yana");
        app.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(2, before);
        await Eventually.Is("nobody holds it", HoldingAsync, holding => holding == 0, ServiceApp.Soon);
    }

    [Fact]
    public async Task What_an_answer_opened_leaves_the_memory_after_half_a_minute()
    {
        await app.SettleAsync("xenia");
        var person = app.RefOf("xenia");
        await app.RecommendAsync("xenia");
        Assert.Contains(person, app.Get<OpenedHistories>().Persons);

        await app.AdvanceAsync(OpenedHistories.KeptFor);

        await Eventually.Is("it is gone", () => Task.FromResult(app.Get<OpenedHistories>().Persons.Contains(person)), isThere => !isThere, ServiceApp.Soon);
    }

    [Fact]
    public async Task A_history_whose_version_begins_again_is_not_taken_for_the_one_that_was_opened()
    {
        await app.GrantAsync("wanda", "recommendations", "viewing");
        await app.LearnAsync(app.Signal("wanda", "f1", id: "first"));
        var first = await app.RecommendTextAsync("wanda");

        // By another instance, so that this one isn't told.
        var session = app.Module("recommendation").OpenSession();
        var history = await session.LoadAsync<Domain.SubjectHistory>(app.RefOf("wanda"), CancellationToken.None);
        session.Delete<Domain.SubjectHistory>(history!.Id);
        await session.CommitAsync(CancellationToken.None);
        session.Store(history with { ChangedAt = app.Now.AddTicks(1), Entries = [history.Entries[0] with { SignalId = "second" }] });
        await session.CommitAsync(CancellationToken.None);

        Assert.Contains("first", first, StringComparison.Ordinal);
        Assert.Contains("second", await app.RecommendTextAsync("wanda"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grant_past_its_validity_permits_nothing_before_anybody_says_so()
    {
        await app.GrantUntilAsync("inna", "recommendations", app.Now.AddHours(1), "viewing");
        await app.LearnAsync(app.Signal("inna", "f1"), app.Signal("inna", "f2"));
        await app.FollowAsync("inna");
        var before = await app.RecommendAsync("inna");

        await app.AdvanceAsync(TimeSpan.FromHours(1));

        Assert.True(RecommendationApp.IsPersonalized(before));
        Assert.False(RecommendationApp.IsPersonalized(await app.RecommendAsync("inna")));
        Assert.Empty(app.LikingsOf("inna"));
    }

    [Fact]
    public async Task Signals_that_expired_are_not_used_and_then_erased()
    {
        await app.GrantAsync("katya", "recommendations", "viewing");
        await app.LearnAsync(app.Signal("katya", "f1") with { ExpiresAt = app.Now.AddDays(1) });
        var row = await app.RowAsync("katya");
        var stored = app.FilesOf("recommendation").AsSpan().IndexOf(row!.Body.Span[^48..]) >= 0;

        await app.AdvanceAsync(TimeSpan.FromDays(1));
        var answer = await app.RecommendAsync("katya");
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.False(RecommendationApp.IsPersonalized(answer));
        await Eventually.Is("it is erased", async () => await app.RowAsync("katya") is null, ServiceApp.Soon);
        Assert.True(stored);
        await Eventually.Is(
            "the files hold nothing of it", () => Task.FromResult(app.FilesOf("recommendation").AsSpan().IndexOf(row.Body.Span[^48..]) < 0), ServiceApp.Soon);
    }

    [Fact]
    public async Task A_row_that_nobody_can_read_any_more_is_erased_with_what_expired_and_holds_up_no_other()
    {
        var unreadable = Enumerable.Range(0, 25).Select(i => $"unreadable-{i}").ToArray();
        foreach (var customer in unreadable)
        {
            await app.GrantAsync(customer, "recommendations", "viewing");
            await app.LearnAsync(app.Signal(customer, "f1") with { ExpiresAt = app.Now.AddHours(1) });
            await app.Module("recommendation").Keys.DestroyAsync(new(app.RefOf(customer), 1), CancellationToken.None);
        }

        await app.GrantAsync("readable", "recommendations", "viewing");
        await app.LearnAsync(app.Signal("readable", "f1") with { ExpiresAt = app.Now.AddHours(2) });
        await app.AdvanceAsync(TimeSpan.FromHours(3));

        await Eventually.Is("what expired after them is erased", async () => await app.RowAsync("readable") is null, ServiceApp.Soon);
        foreach (var customer in unreadable) Assert.Null(await app.RowAsync(customer));
    }

    [Fact]
    public async Task After_a_restart_the_model_is_what_is_stored_and_permitted()
    {
        await app.SettleAsync("lev");
        await app.SettleAsync("mila");
        await app.RevokeAsync("mila");

        await app.RestartAsync();

        Assert.True(RecommendationApp.IsPersonalized(await app.RecommendAsync("lev")));
        Assert.False(RecommendationApp.IsPersonalized(await app.RecommendAsync("mila")));
        Assert.Equal(["f1", "f2"], app.LikingsOf("lev").Order());
        Assert.Empty(app.LikingsOf("mila"));
    }

    [Theory]
    [InlineData(Roles.Product, null, HttpStatusCode.OK)]
    [InlineData(Roles.Operator, null, HttpStatusCode.OK)]
    [InlineData(Roles.Subject, "nora", HttpStatusCode.OK)]
    [InlineData(Roles.Subject, "nora-2", HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Marketer, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Officer, null, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Auditor, null, HttpStatusCode.Forbidden)]
    public async Task Recommendations_are_for_the_product_and_the_person(string role, string? customer, HttpStatusCode expected)
    {
        Assert.Equal(expected, await app.StatusAsync("/recommendations/nora", role, customer));
    }

    [Fact]
    public async Task The_model_is_for_operators()
    {
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/recommendations/model"));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/recommendations/model", Roles.Product));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/recommendations/model", Roles.Subject, "model"));
    }

    [Theory]
    [InlineData("/recommendations/a%40example.org", "bad-customer-id")]
    [InlineData("/recommendations/oleg?limit=0", "bad-limit")]
    [InlineData("/recommendations/oleg?limit=101", "bad-limit")]
    [InlineData("/recommendations/oleg?limit=many", "malformed-request")]
    public async Task What_can_not_be_asked_is_refused_with_a_problem(string path, string problem)
    {
        var answer = await app.SendAsync(HttpMethod.Get, path, null, Roles.Product);

        Assert.Equal((HttpStatusCode.BadRequest, problem), (answer.Status, answer.Problem));
    }
}
