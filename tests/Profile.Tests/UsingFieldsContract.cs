using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>What uses the data, as the person and those who run the service see it, on every store.</summary>
public abstract class UsingFieldsContract(ProfileApp app)
{
    private const string Purpose = "marketing-groups";

    [ContractFact]
    public async Task A_person_sees_what_used_each_datum_and_when_and_that_nothing_did()
    {
        const string Rule = """{"measure":{"event":"seat.chosen","of":"last","field":"row"},"is":"=","value":"r1"}""";
        await DeclareAsync("seat.chosen");
        await app.GrantAsync("anna", Purpose, "viewing");
        await app.GrantAsync("anna", "recommendations", "viewing");
        await app.PublishAsync(app.Event("anna", new { row = "r1", side = "left" }, type: "seat.chosen"));
        var unused = await UsesOfAsync("anna");

        (await app.DeclareSegmentAsync("front", Rule)).Expect(HttpStatusCode.OK);
        (await app.SendAsync(HttpMethod.Put, "/traits/last-row", ServiceApp.Content(new
        {
            description = "Where they sat.",
            purpose = "recommendations",
            measure = JsonNode.Parse("""{"event":"seat.chosen","of":"last","field":"row"}"""),
        }), Roles.Operator)).Expect(HttpStatusCode.OK);
        var declared = await UsesOfAsync("anna");
        await app.AdvanceAsync(TimeSpan.FromDays(1));
        await UntilMeteredAsync();
        (await app.SendAsync(HttpMethod.Post, "/segments:preview", ServiceApp.Content(new { title = "Some", purpose = Purpose, channels = (string[])["email"], rule = JsonNode.Parse(Rule) }), Roles.Marketer))
            .Expect(HttpStatusCode.OK);
        var next = await UsesOfAsync("anna");
        await app.RevokeAsync("anna", Purpose);
        var narrowed = await UsesOfAsync("anna");

        Assert.Equal(["row: ", "side: "], unused);
        var (first, second) = (Day(-1), Day(0));
        Assert.Equal([$"row: segment front {first}, trait last-row {first}", "side: "], declared);
        Assert.Equal([$"row: segment front {second}, trait last-row {second}, preview {Purpose} {second}", "side: "], next);
        Assert.Equal([$"row: trait last-row {second}", "side: "], narrowed);
    }

    [ContractFact]
    public async Task What_nothing_uses_is_listed_and_dropped_where_the_type_says_so_until_something_uses_it()
    {
        await DeclareAsync("seat.left", dropUnused: true);
        await DeclareAsync("seat.kept");
        (await app.DeclareSegmentAsync("leavers", """{"measure":{"event":"seat.left","of":"last","field":"row"},"is":"=","value":"r1"}""")).Expect(HttpStatusCode.OK);
        await app.GrantAsync("vera", "recommendations", "viewing");
        await app.GrantAsync("vera", Purpose, "viewing");

        await AdvanceDaysAsync(89);
        var before = await PublishAsync("seat.left");
        await AdvanceDaysAsync(1);
        var after = await PublishAsync("seat.left");
        var kept = await PublishAsync("seat.kept");
        var listed = await UsageAsync("seat.left");
        (await app.DeclareSegmentAsync("siders", """{"measure":{"event":"seat.left","of":"last","field":"side"},"is":"=","value":"left"}""", "recommendations")).Expect(HttpStatusCode.OK);
        var again = await PublishAsync("seat.left");

        Assert.Empty(before);
        Assert.Equal(["side unused"], after);
        Assert.Empty(kept);
        Assert.Empty(again);
        Assert.Equal("True 90", $"{listed["dropsUnused"]} {listed["unusedAfterDays"]}", ignoreCase: true);
        Assert.Equal(["row false", "side true"], listed["items"]!.AsArray().Select(item => $"{item!["field"]} {item["isUnused"]!.ToJsonString()}"));
        Assert.Equal([("row", false), ("side", false)], Unused(await UsageAsync("seat.left")));
        Assert.Contains(("side", true), Unused(await UsageAsync("seat.kept")));
        var counts = await Eventually.Is("the drop is counted", async () =>
        {
            app.Time.Advance(TimeSpan.FromSeconds(2));
            return (await app.GetAsync("/event-types/seat.left/stats"))["items"]!.AsArray().SelectMany(item => item!["dropped"]!.AsArray()).Select(dropped => dropped!.ToJsonString()).ToArray();
        }, counts => counts.Length == 1, ServiceApp.Soon);
        Assert.Equal(["""{"field":"side","reason":"unused","count":1}"""], counts);
    }

    [ContractFact]
    public async Task How_much_is_held_of_a_field_is_told_once_it_is_of_enough_people()
    {
        await DeclareAsync("seat.sold");
        string[] customers = [.. Enumerable.Range(0, 33).Select(i => $"seated-{i}")];
        foreach (var customer in customers) await app.GrantAsync(customer, "recommendations", "viewing");

        await app.PublishAsync(customers.Take(19).SelectMany(customer => Enumerable.Range(0, 5).Select(_ => app.Event(customer, new { row = "r1" }, type: "seat.sold"))));
        var few = await UsageAsync("seat.sold");
        await app.PublishAsync(customers.Skip(19).Select(customer => app.Event(customer, new { row = "r1", side = "left" }, type: "seat.sold")));
        var many = await UsageAsync("seat.sold");

        Assert.Equal(["""row null {"count":null,"suppressed":true}""", """side null {"count":null,"suppressed":true}"""], Held(few));
        Assert.Equal(["""row 100 {"count":30,"suppressed":false}""", """side null {"count":null,"suppressed":true}"""], Held(many));
        Assert.Equal(many["lookedAt"]!.GetValue<long>(), many["of"]!.GetValue<long>());

        static IEnumerable<string> Held(JsonObject usage) => usage["items"]!.AsArray().Select(item => $"{item!["field"]} {item["data"]?.ToJsonString() ?? "null"} {item["people"]!.ToJsonString()}");
    }

    [ContractFact]
    public async Task A_staff_read_and_an_audience_use_what_they_take()
    {
        await DeclareAsync("seat.swapped");
        (await app.AllowReadsAsync((Roles.Officer, "recommendations", ["viewing"]))).Expect(HttpStatusCode.OK);
        (await app.DeclareSegmentAsync("swappers", """{"measure":{"event":"seat.swapped","of":"last","field":"row"},"is":"=","value":"r1"}""")).Expect(HttpStatusCode.OK);
        string[] customers = [.. Enumerable.Range(0, 20).Select(i => $"swapper-{i}")];
        foreach (var customer in customers)
        {
            await app.GrantAsync(customer, Purpose, "viewing");
            await app.GrantAsync(customer, "recommendations", "viewing");
        }

        await app.PublishAsync(customers.Select(customer => app.Event(customer, new { row = "r1", side = "left" }, type: "seat.swapped")));
        await app.EvaluateAsync();
        await app.GetAsync($"/profiles/{customers[0]}?purpose=recommendations", Roles.Officer);
        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync($"/audiences/swappers?purpose={Purpose}&channel=email", Roles.Product));

        var uses = (await UsageAsync("seat.swapped"))["items"]!.AsArray().Select(item => $"{item!["field"]}: {string.Join(", ", item["usedBy"]!.AsArray().Where(use => (string)use!["kind"]! != "groups").Select(use => $"{use!["kind"]} {use["name"]}"))}");
        Assert.Equal(["row: segment swappers, audience swappers, staff recommendations", "side: staff recommendations"], uses);
    }

    [ContractFact]
    public async Task Two_instances_note_the_same_and_a_day_is_noted_once()
    {
        await DeclareAsync("seat.cleaned");
        (await app.DeclareSegmentAsync("cleaners", """{"measure":{"event":"seat.cleaned","of":"count"},"is":">=","value":1}""")).Expect(HttpStatusCode.OK);
        var (instance, client) = await app.StartAnotherAsync(Roles.Operator);
        await using (instance)
        using (client)
        {
            await app.AdvanceAsync(TimeSpan.FromDays(1));
            await UntilMeteredAsync();
        }

        // Groups may be learnt for the purpose at any time.
        var use = Assert.Single((await UsageAsync("seat.cleaned"))["items"]![0]!["usedBy"]!.AsArray(), use => (string)use!["kind"]! == "segment")!;
        Assert.Equal(("cleaners", Day(0)), ((string)use["name"]!, (string)use["on"]!));
    }

    [ContractFact]
    public async Task Those_who_work_with_events_see_what_uses_them()
    {
        foreach (var (role, status) in ((string, HttpStatusCode)[])[(Roles.Product, HttpStatusCode.OK), (Roles.Officer, HttpStatusCode.OK), (Roles.Marketer, HttpStatusCode.Forbidden), (Roles.Subject, HttpStatusCode.Forbidden)])
            Assert.Equal(status, await app.StatusAsync("/event-types/film.rated/usage", role));
        Assert.Equal(HttpStatusCode.NotFound, await app.StatusAsync("/event-types/never.declared/usage"));
    }

    private static IEnumerable<(string Field, bool IsUnused)> Unused(JsonObject usage) => usage["items"]!.AsArray().Select(item => ((string)item!["field"]!, (bool)item["isUnused"]!));

    private async Task DeclareAsync(string type, bool? dropUnused = null) => (await app.DeclareAsync(type, new
    {
        description = "Somebody sat.",
        fields = new { row = ProfileApp.Field("string", "viewing", "recommendations", Purpose), side = ProfileApp.Field("string", "viewing", "recommendations") },
        dropUnused,
    })).Expect(HttpStatusCode.OK);

    private string Day(int days) => DateOnly.FromDateTime(app.Now.UtcDateTime).AddDays(days).ToString("O");

    private Task<JsonObject> UsageAsync(string type) => app.GetAsync($"/event-types/{type}/usage", Roles.Operator);

    private async Task AdvanceDaysAsync(int days)
    {
        await app.AdvanceAsync(TimeSpan.FromDays(days));
        await UntilMeteredAsync();
    }

    /// <summary>The day's uses are noted within a minute of the service's clock, or two where somebody else wrote at the same time.</summary>
    private async Task UntilMeteredAsync()
    {
        await Eventually.Is(
            "the day's uses are noted",
            async () =>
            {
                await app.AdvanceAsync(TimeSpan.FromSeconds(10));
                return (await app.Module("profile").OpenSession().LoadAsync<FieldUsage>("film.rated", CancellationToken.None))?.MeteredOn;
            },
            day => day == DateOnly.FromDateTime(app.Now.UtcDateTime), ServiceApp.Soon);
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
    }

    /// <summary>Publishes an event, and says what of it was dropped.</summary>
    private async Task<IEnumerable<string>> PublishAsync(string type) =>
        (await app.PublishAsync(app.Event("vera", new { row = "r1", side = "left" }, type: type)))["dropped"]!.AsArray().Select(dropped => $"{dropped!["field"]} {dropped["reason"]}");

    /// <summary>What used each field of a person's, without groups: these may be learnt at any time for the purposes of other tests.</summary>
    private async Task<IEnumerable<string>> UsesOfAsync(string customer) => (await app.ProfileAsync(customer)).SelectMany(item => item["fields"]!.AsArray()).Select(field =>
    {
        var uses = field!["usedBy"]!.AsArray();
        Assert.Equal(uses.Max(use => (string)use!["on"]!), (string?)field["lastUsedOn"]);
        return $"{field["name"]}: {string.Join(", ", uses.Where(use => (string)use!["kind"]! != "groups").Select(use => $"{use!["kind"]} {use["name"]} {use["on"]}"))}";
    });
}

public sealed class UsingFieldsOnSqliteTests(ProfileApp app) : UsingFieldsContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class UsingFieldsOnMongoTests(MongoProfileApp app) : UsingFieldsContract(app), IClassFixture<MongoProfileApp>;
