using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class LearningGroupsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    private const string Purpose = "marketing-groups";

    [Fact]
    public async Task Groups_are_learnt_of_those_who_permit_it_and_told_without_anybody()
    {
        string[] owls = [.. Enumerable.Range(0, 26).Select(i => $"owl-{i}")];
        string[] larks = [.. Enumerable.Range(0, 23).Select(i => $"lark-{i}")];
        foreach (var customer in owls.Concat(larks)) await app.GrantAsync(customer, Purpose, "viewing");
        string[] others = [.. Enumerable.Range(0, 25).Select(i => $"other-{i}")];
        foreach (var customer in others) await app.GrantAsync(customer, "recommendations", "viewing");
        var first = app.Now;
        await app.AdvanceAsync(TimeSpan.FromDays(21));

        // Owls come every evening and take something new, larks and the others once on a morning.
        foreach (var customer in owls)
            await app.PublishAsync(Enumerable.Range(0, 14).Select(day => app.Event(customer, new { filmId = $"f{day}" }, first.Date.AddDays(day + 5).AddHours(21))));
        await app.PublishAsync(larks.Concat(others).Select(customer => app.Event(customer, new { filmId = "f1" }, first.Date.AddDays(6).AddHours(8))));
        var none = await app.GetAsync("/groups", Roles.Marketer);
        (await app.DeclareSegmentAsync("any", """{"measure":{"event":"film.rated","of":"count"},"is":">=","value":1}""")).Expect(HttpStatusCode.OK);

        var waiting = (await app.GetAsync("/groups", Roles.Marketer))["items"]!.AsArray().Single(model => (string)model!["purpose"]! == Purpose)!;

        // The full minute comes within a lease.
        await app.AdvanceAsync(TimeSpan.FromSeconds(55));
        for (var second = 0; second < 5; second++) await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        var model = await Eventually.Is(
            "groups are learnt", async () => (await app.GetAsync("/groups", Roles.Marketer))["items"]!.AsArray().Single(model => (string)model!["purpose"]! == Purpose)!, learnt => learnt["learntAt"] is not null, ServiceApp.Soon);
        var groups = model!["groups"]!.AsArray();

        Assert.DoesNotContain(none["items"]!.AsArray(), model => (string)model!["purpose"]! == Purpose);
        Assert.Equal((Purpose, "not-learnt-yet"), ((string)waiting["purpose"]!, (string)waiting["reason"]!));
        Assert.Null(model!["reason"]);
        Assert.Equal(Purpose, model["purpose"]!.GetValue<string>());
        Assert.Equal([20L, 20L], groups.Select(group => group!["people"]!["count"]!.GetValue<long>()));
        Assert.InRange(groups[0]!["differences"]!["evening"]!.GetValue<double>(), 0.5, 3);
        Assert.InRange(groups[1]!["differences"]!["morning"]!.GetValue<double>(), 0.5, 3);
        Assert.All(groups, group => Assert.NotEqual("like most", group!["description"]!.GetValue<string>()));
        Assert.DoesNotContain("f1", model.ToJsonString(), StringComparison.Ordinal);
        foreach (var customer in owls) Assert.DoesNotContain(app.RefOf(customer), model.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_are_learnt_again_after_a_day_or_once_there_are_twice_as_many_people()
    {
        (await app.DeclareSegmentAsync("again", """{"measure":{"event":"film.rated","of":"count"},"is":">=","value":1}""", "recommendations")).Expect(HttpStatusCode.OK);
        await app.GrantAsync("early", "recommendations", "viewing");
        await app.PublishAsync(app.Event("early", new { filmId = "f1" }));
        var first = await LearntAsync(_ => true);
        var known = (long)first["of"]!;

        string[] more = [.. Enumerable.Range(0, (int)known).Select(i => $"late-{i}")];
        foreach (var customer in more) await app.GrantAsync(customer, "recommendations", "viewing");
        await app.PublishAsync(more.Skip(1).Select(customer => app.Event(customer, new { filmId = "f1" })));
        for (var second = 0; second < 62; second++) await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        var still = await LearntAsync(_ => true);
        await app.PublishAsync(app.Event(more[0], new { filmId = "f1" }));
        var again = await LearntAsync(model => (long)model["of"]! == 2 * known);

        Assert.Equal((string)first["learntAt"]!, (string)still["learntAt"]!);
        Assert.NotEqual((string)first["learntAt"]!, (string)again["learntAt"]!);

        Task<JsonNode> LearntAsync(Func<JsonNode, bool> isSo) => Eventually.Is(
            "groups are learnt",
            async () =>
            {
                await app.AdvanceAsync(TimeSpan.FromSeconds(1));
                return (await app.GetAsync("/groups", Roles.Marketer))["items"]!.AsArray().Single(model => (string)model!["purpose"]! == "recommendations")!;
            },
            learnt => learnt["learntAt"] is not null && isSo(learnt), ServiceApp.Soon);
    }

    [Theory]
    [InlineData(Roles.Marketer, HttpStatusCode.OK)]
    [InlineData(Roles.Officer, HttpStatusCode.OK)]
    [InlineData(Roles.Product, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Subject, HttpStatusCode.Forbidden)]
    public async Task Marketers_see_groups(string role, HttpStatusCode expected) => Assert.Equal(expected, await app.StatusAsync("/groups", role));
}
