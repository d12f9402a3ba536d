using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.Profile.Features;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>What becomes of a message that is no event, on every store.</summary>
public abstract class QuarantineContract(ProfileApp app)
{
    [ContractFact]
    public async Task A_malformed_event_waits_where_an_operator_sees_why_and_nobody_what_it_says()
    {
        await app.GrantAsync("anna-4711", "recommendations", "viewing");
        var json = Malformed("anna-4711", "secret film");
        var before = (await WaitingAsync()).Select(IdOf).ToHashSet();

        await app.PublishAsync("cinema", ProfileApp.Message(json), ProfileApp.Message(json));
        await app.UntilHandledAsync("cinema");
        var item = Assert.Single(await WaitingAsync(), item => !before.Contains(IdOf(item)));
        var stored = (await RowAsync(item["id"]!.GetValue<string>()))!;

        Assert.Equal(
            ("waiting", "bad-id", "film.rated", "/cinema", app.Now.AddDays(30)),
            (item["state"]!.GetValue<string>(), item["reason"]!.GetValue<string>(), item["type"]!.GetValue<string>(), item["source"]!.GetValue<string>(), item["expiresAt"]!.GetValue<DateTimeOffset>()));
        Assert.True(stored.IsSealed);
        Assert.Equal($"{app.RefOf("anna-4711")}.1", Platform.Privacy.Envelope.KeyOf(stored.Body));
        Assert.DoesNotContain("4711", item.ToJsonString() + string.Join(' ', stored.Fields.Values), StringComparison.Ordinal);
        Assert.Empty(await app.RowsAsync("anna-4711"));
        await DiscardAsync(item);
    }

    [ContractFact]
    public async Task What_is_about_somebody_who_permits_nothing_is_refused_and_not_kept()
    {
        var before = (await WaitingAsync()).Count;
        await app.GrantAsync("boris", "recommendations", "viewing");
        await app.RevokeAsync("boris");

        await TakeAsync(Malformed("boris"), "bad-id");
        await TakeAsync(Malformed("boris-unknown"), "bad-id");

        Assert.Equal(before, (await WaitingAsync()).Count);
    }

    [ContractFact]
    public async Task What_names_a_person_by_itself_is_not_kept_either()
    {
        var before = (await WaitingAsync()).Count;

        await app.PublishAsync("cinema", ProfileApp.Message(app.Event("vera@example.org", new { filmId = "f1" })));
        await app.UntilHandledAsync("cinema");

        Assert.Equal(before, (await WaitingAsync()).Count);
    }

    [ContractFact]
    public async Task A_replay_is_decided_on_like_an_event_of_now_and_once()
    {
        await app.GrantAsync("gleb", "recommendations", "viewing");
        var item = await TakeAsync(app.Event("gleb", new { filmId = "f1", colour = "red" }), "not-handled");

        var first = (await DecideAsync(item, "replay", "The store was down.")).Expect(HttpStatusCode.OK);
        var second = (await DecideAsync(item, "replay", "Once more.")).Expect(HttpStatusCode.OK);
        var discarded = (await DecideAsync(item, "discard", "Done.")).Expect(HttpStatusCode.OK);

        Assert.Single(await app.ProfileAsync("gleb"));
        Assert.Equal(("resolved", "replayed", "accepted"), (first["state"]!.GetValue<string>(), first["resolution"]!["action"]!.GetValue<string>(), first["resolution"]!["outcome"]!.GetValue<string>()));
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
        Assert.Equal(first.ToJsonString(), discarded.ToJsonString());
        Assert.DoesNotContain(await WaitingAsync(), waiting => IdOf(waiting) == IdOf(item));
        Assert.Contains(await app.QuarantineAsync("resolved"), resolved => IdOf(resolved) == IdOf(item));
        await app.UntilHandledAsync("profile");
        var told = Assert.Single(app.Around.Heard<QuarantineResolved>(), resolved => resolved.MessageId == IdOf(item));
        Assert.Equal(("replayed", "The store was down.", "accepted", "not-handled"), (told.Action, told.Because, told.Outcome, told.QuarantinedFor));
    }

    [ContractFact]
    public async Task Many_are_replayed_at_once_by_reason_and_time_and_each_is_told_of()
    {
        await app.GrantAsync("lena", "recommendations", "viewing");
        await app.GrantAsync("lena-2", "recommendations", "viewing");
        var early = await TakeAsync(app.Event("lena", new { filmId = "early" }), "store-was-down");
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        var from = app.Now;
        foreach (var i in Enumerable.Range(0, 3)) await TakeAsync(app.Event("lena", new { filmId = $"f{i}" }), "store-was-down");
        var unconsented = await TakeAsync(app.Event("lena-2", new { rating = 4 }), "store-was-down");
        var other = await TakeAsync(app.Event("lena", new { filmId = "other" }), "other-reason");
        var malformed = await TakeAsync(Malformed("lena"), "store-was-down");
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        var until = app.Now;
        var late = await TakeAsync(app.Event("lena", new { filmId = "late" }), "store-was-down");

        var first = (await ReplayAsync(new { reason = "The store was down.", quarantinedFor = "store-was-down", from, until })).Expect(HttpStatusCode.OK);
        var second = (await ReplayAsync(new { reason = "Once more.", quarantinedFor = "store-was-down", from, until })).Expect(HttpStatusCode.OK);
        var waiting = (await WaitingAsync()).Select(IdOf).ToArray();

        Assert.Equal("""{"accepted":3,"refused":[{"reason":"no-consent","count":1}],"stillMalformed":1}""", first.ToJsonString());
        Assert.Equal("""{"accepted":0,"refused":[],"stillMalformed":1}""", second.ToJsonString());
        Assert.Equal(3, (await app.ProfileAsync("lena")).Count);
        Assert.All([early, other, malformed, late], item => Assert.Contains(IdOf(item), waiting));
        Assert.DoesNotContain(IdOf(unconsented), waiting);
        await app.UntilHandledAsync("profile");
        Assert.Equal(4, app.Around.Heard<QuarantineResolved>().Count(resolved => (resolved.QuarantinedFor, resolved.Because) == ("store-was-down", "The store was down.")));
        foreach (var item in new[] { early, other, malformed, late }) await DiscardAsync(item);
    }

    [ContractFact]
    public async Task More_than_a_page_is_replayed_page_by_page()
    {
        await app.GrantAsync("maya", "recommendations", "viewing");
        var quarantine = app.Get<QuarantineMessages>();
        foreach (var i in Enumerable.Range(0, 205))
            await quarantine.TakeAsync(Encoding.UTF8.GetBytes(app.Event("maya", new { filmId = $"f{i}" }).ToJsonString()), "page-by-page", CancellationToken.None);

        var (accepted, requests, after) = (0, 0, (string?)null);
        do
        {
            var page = (await ReplayAsync(new { reason = "The store was down.", quarantinedFor = "page-by-page", after })).Expect(HttpStatusCode.OK);
            (accepted, requests, after) = (accepted + (int)page["accepted"]!, requests + 1, (string?)page["next"]);
        }
        while (after is not null);

        Assert.Equal(205, accepted);
        Assert.True(requests > 1);
    }

    [ContractFact]
    public async Task Replaying_many_needs_a_reason_an_operator_and_certainty_about_consents()
    {
        Assert.Equal("bad-reason", (await ReplayAsync(new { reason = "For inna@example.org" })).Problem);
        foreach (var role in new[] { Roles.Product, Roles.Officer, Roles.Marketer, Roles.Subject }) Assert.Equal(HttpStatusCode.Forbidden, (await ReplayAsync(new { reason = "Because." }, role)).Status);
        await app.CutOffAsync();
        var cutOff = await ReplayAsync(new { reason = "Because." });
        await app.MendAsync();

        Assert.Equal("consent-unknown", cutOff.Problem);
    }

    [ContractFact]
    public async Task A_replay_brings_nothing_back_from_before_a_revocation()
    {
        await app.GrantAsync("dina", "recommendations", "viewing");
        await app.GrantAsync("dina", "analytics", "technical");
        var item = await TakeAsync(app.Event("dina", new { filmId = "f1" }), "not-handled");
        await app.RevokeAsync("dina", "recommendations");
        app.Time.Advance(TimeSpan.FromSeconds(1));
        await app.GrantAsync("dina", "recommendations", "viewing");

        var answer = (await DecideAsync(item, "replay", "The store was down.")).Expect(HttpStatusCode.OK);

        Assert.Equal(("refused", "before-consent"), (answer["resolution"]!["outcome"]!.GetValue<string>(), answer["resolution"]!["reason"]!.GetValue<string>()));
        Assert.Empty(await app.RowsAsync("dina"));
    }

    [ContractFact]
    public async Task What_is_still_no_event_stays_until_it_is_discarded()
    {
        await app.GrantAsync("egor", "recommendations", "viewing");
        var item = await TakeAsync(Malformed("egor", "secret film"), "bad-id");

        var replayed = await DecideAsync(item, "replay", "Perhaps now.");
        var stays = await WaitingAsync();
        var discarded = (await DecideAsync(item, "discard", "The cinema's mistake.")).Expect(HttpStatusCode.OK);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "still-malformed", "bad-id"), (replayed.Status, replayed.Problem, JsonNode.Parse(replayed.Text)!["reason"]!.GetValue<string>()));
        Assert.Contains(stays, waiting => IdOf(waiting) == IdOf(item));
        Assert.Equal("discarded", discarded["resolution"]!["action"]!.GetValue<string>());
        var left = (await RowAsync(IdOf(item)))!;
        Assert.False(left.IsSealed);
        Assert.DoesNotContain(app.RefOf("egor"), Encoding.UTF8.GetString(left.Body.Span) + string.Join(' ', left.Fields.Values), StringComparison.Ordinal);
        Assert.DoesNotContain("body", Encoding.UTF8.GetString(left.Body.Span), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Erasing_a_person_erases_their_messages_whichever_purpose_ended()
    {
        await app.GrantAsync("zoya", "recommendations", "viewing");
        await app.GrantAsync("zoya", "analytics", "technical");
        var one = await TakeAsync(Malformed("zoya"), "bad-id");
        var narrowed = await app.EraseAsync(await app.RevokeAsync("zoya", "analytics"));
        var two = await TakeAsync(Malformed("zoya"), "bad-id");
        var stays = await WaitingAsync();
        var whole = await app.EraseAsync(await app.RevokeAsync("zoya"));

        Assert.NotEqual(IdOf(one), IdOf(two));
        Assert.Contains(stays, waiting => IdOf(waiting) == IdOf(two));
        Assert.DoesNotContain(stays, waiting => IdOf(waiting) == IdOf(one));
        Assert.Equal(1, CountIn(narrowed));
        Assert.Equal(1, CountIn(whole));
        Assert.Equal(0, whole.Residual.Single(place => place.Searched == "quarantined_messages").Found);
        Assert.Null(await RowAsync(IdOf(one)));
        Assert.Null(await RowAsync(IdOf(two)));
    }

    [ContractFact]
    public async Task A_decision_needs_a_reason_that_names_nobody_and_an_operator()
    {
        await app.GrantAsync("inna", "recommendations", "viewing");
        var item = await TakeAsync(Malformed("inna"), "bad-id");

        foreach (var action in new[] { "replay", "discard" })
        {
            foreach (var reason in new[] { "", "  ", "Asked for by inna@example.org", new string('a', 501) })
                Assert.Equal((HttpStatusCode.BadRequest, "bad-reason"), await StatusAsync(action, reason, Roles.Operator));
            foreach (var role in new[] { Roles.Product, Roles.Officer, Roles.Marketer, Roles.Subject })
                Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), await StatusAsync(action, "Because.", role));
            Assert.Equal(HttpStatusCode.NotFound, (await app.SendAsync(HttpMethod.Post, $"/quarantine/nothing/{action}", Because("Because."), Roles.Operator)).Status);
        }

        foreach (var role in new[] { Roles.Product, Roles.Marketer, Roles.Subject }) Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/quarantine", role));
        Assert.Equal(HttpStatusCode.BadRequest, await app.StatusAsync("/quarantine?state=gone"));

        async Task<(HttpStatusCode, string?)> StatusAsync(string action, string reason, string role)
        {
            var answer = await app.SendAsync(HttpMethod.Post, $"/quarantine/{IdOf(item)}/{action}", Because(reason), role);
            return (answer.Status, answer.Problem);
        }
    }

    // Last by its clock: what other tests left in quarantine expires with it.
    [ContractFact]
    public async Task Nothing_waits_longer_than_its_limit_and_what_nobody_can_be_told_from_loses_its_key()
    {
        await app.GrantAsync("kira", "recommendations", "viewing");
        var known = await TakeAsync(Malformed("kira"), "bad-id");
        var unknown = await TakeAsync("call me on +7 916 123-45-67", "unreadable");
        var key = QuarantinedMessage.DayKey(DateOnly.FromDateTime(app.Now.UtcDateTime)).ToString();
        Assert.False(unknown["isAboutSomebody"]!.GetValue<bool>());
        Assert.Equal(key, Platform.Privacy.Envelope.KeyOf((await RowAsync(IdOf(unknown)))!.Body));

        await app.AdvanceAsync(TimeSpan.FromDays(7));
        await Eventually.Is("it is deleted", () => RowAsync(IdOf(unknown)), row => row is null, ServiceApp.Soon);
        Assert.NotNull(await RowAsync(IdOf(known)));
        await app.AdvanceAsync(TimeSpan.FromDays(1));
        await Eventually.Is("its key is destroyed", async () => await app.Module("profile").Keys.FindAsync(key, CancellationToken.None), found => found is null, ServiceApp.Soon);
        await app.AdvanceAsync(TimeSpan.FromDays(22));
        await Eventually.Is("it is deleted", () => RowAsync(IdOf(known)), row => row is null, ServiceApp.Soon);
    }

    private static string IdOf(JsonNode item) => item["id"]!.GetValue<string>();

    private static long CountIn(SubjectDataErased receipt) => receipt.Erased.Where(erased => erased.Store == "quarantined_messages").Sum(erased => erased.Count);

    private static StringContent Because(string reason) => ServiceApp.Content(new { reason });

    private JsonObject Malformed(string customer, string filmId = "f1")
    {
        var json = app.Event(customer, new { filmId, n = Guid.NewGuid() });
        json["id"] = "";
        return json;
    }

    private Task<IReadOnlyList<JsonNode>> WaitingAsync() => app.QuarantineAsync();

    private Task<Answer> DecideAsync(JsonNode item, string action, string reason) =>
        app.SendAsync(HttpMethod.Post, $"/quarantine/{IdOf(item)}/{action}", Because(reason), Roles.Operator);

    private Task<Answer> ReplayAsync(object request, string role = Roles.Operator) => app.SendAsync(HttpMethod.Post, "/quarantine/replay", ServiceApp.Content(request), role);

    private async Task DiscardAsync(JsonNode item) => (await DecideAsync(item, "discard", "Seen.")).Expect(HttpStatusCode.OK);

    /// <summary>Puts a message in quarantine as the bus does; what the list says of it, if it is there.</summary>
    private async Task<JsonNode> TakeAsync(object body, string reason)
    {
        var before = (await WaitingAsync()).Select(IdOf).ToHashSet();
        await app.Get<QuarantineMessages>().TakeAsync(Encoding.UTF8.GetBytes(body is JsonNode json ? json.ToJsonString() : (string)body), reason, CancellationToken.None);
        return (await WaitingAsync()).FirstOrDefault(item => !before.Contains(IdOf(item))) ?? new JsonObject();
    }

    private async Task<StoredDocument?> RowAsync(string id) => (await app.Module("profile").Store.ReadAsync(
        [new DocumentKey("quarantined_messages", id)], CancellationToken.None)).SingleOrDefault();
}

public sealed class QuarantineOnSqliteTests(ProfileApp app) : QuarantineContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class QuarantineOnMongoTests(MongoProfileApp app) : QuarantineContract(app), IClassFixture<MongoProfileApp>;
