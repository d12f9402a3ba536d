using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ICSharpCode.SharpZipLib.Zip;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ExportingTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    private const string Canary = "вестерны-canary-5151";
    private static readonly string[] Others = ["audit", "consent", "profile", "recommendation"];

    [Fact]
    public async Task A_person_lists_their_own_and_nobody_elses()
    {
        var first = await AskAsync("lists-own");
        app.Time.Advance(TimeSpan.FromMinutes(1));
        var second = await AskAsync("lists-own");
        var own = (await app.As(Roles.Subject, "lists-own").GetFromJsonAsync<JsonObject>(To("/exports")))!["items"]!.AsArray();
        var others = (await app.As(Roles.Subject, "lists-own-not").GetFromJsonAsync<JsonObject>(To("/exports")))!["items"]!.AsArray();
        using var refused = await app.As(Roles.Officer).GetAsync(To("/exports"));

        Assert.Equal(
            [((string)second["exportId"]!, "collecting"), ((string)first["exportId"]!, "cancelled")], own.Select(item => ((string)item!["exportId"]!, (string)item["state"]!)));
        Assert.All(own, item => Assert.Null(item!["password"]));
        Assert.Empty(others);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    [Fact]
    public async Task A_person_gets_what_everybody_holds_of_them_once_in_an_archive_that_only_the_password_opens()
    {
        var asked = await AskAsync("anna");
        var id = (string)asked["exportId"]!;
        foreach (var participant in Others) await app.GiveAsync(id, participant, null, participant == "profile" ? [Datum(Canary), Bulk()] : []);
        var ready = await UntilAsync(id, "ready");
        using var response = await app.As(Roles.Subject, "anna").GetAsync(To((string)ready["link"]!));
        var archive = await response.Content.ReadAsByteArrayAsync();
        using var again = await app.As(Roles.Subject, "anna").GetAsync(To((string)ready["link"]!));

        Assert.Equal(("collecting", false), ((string)asked["state"]!, (bool)asked["isOverdue"]!));
        Assert.Equal(("application/zip", "private, no-store"), (response.Content.Headers.ContentType!.MediaType, response.Headers.CacheControl!.ToString().Replace("no-store, private", "private, no-store")));
        Assert.Null(ready["password"]);
        Assert.Equal((HttpStatusCode.Gone, Problems.TypePrefix + "export-ended"), (again.StatusCode, (string)(await again.Content.ReadFromJsonAsync<JsonObject>())!["type"]!));
        Assert.Equal(-1, archive.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
        Assert.ThrowsAny<Exception>(() => Open(archive, "another-password"));

        var files = Open(archive, (string)asked["password"]!);
        Assert.Equal(["export.en.html", "export.json", "export.ru.html", "export.schema.json"], files.Keys.Order(StringComparer.Ordinal));
        var export = JsonNode.Parse(files["export.json"])!;
        Assert.Equal(("personalization-export/1", "anna", true), ((string)export["format"]!, (string)export["customerId"]!, (bool)export["isComplete"]!));
        Assert.Equal([.. Others, "retention"], export["parts"]!.AsArray().Select(part => (string)part!["participant"]!));
        var datum = export["parts"]![2]!["data"]![0]!;
        Assert.Equal((Canary, "viewing", "recommendations"), ((string)datum["value"]!, (string)datum["category"]!, (string)datum["purposes"]![0]!));
        Assert.Equal(2, export["parts"]![2]!["data"]!.AsArray().Count);
        foreach (var (page, words) in new[] { ("export.ru.html", "Ваши персональные данные"), ("export.en.html", "Your personal data") })
        {
            Assert.Contains(words, files[page], StringComparison.Ordinal);
            Assert.Contains(Canary, files[page], StringComparison.Ordinal);
        }

        Assert.Equal("array", (string)JsonNode.Parse(files["export.schema.json"])!["properties"]!["parts"]!["type"]!);
        await NothingIsLeftAsync(id, "fetched");
        Assert.Empty((await CompletedAsync(id)).Missing);
    }

    [Fact]
    public async Task The_page_is_in_the_language_asked_for()
    {
        var asked = await AskAsync("olga", language: "ru");
        await GiveAllAsync(asked);

        var files = Open(await FetchAsync(asked, "olga"), (string)asked["password"]!);

        Assert.Equal(["export.json", "export.ru.html", "export.schema.json"], files.Keys.Order(StringComparer.Ordinal));
        using var other = await app.As(Roles.Subject, "olga").PostAsJsonAsync("/exports", new { customerId = "olga", language = "de" });
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    [Fact]
    public async Task Without_a_participant_it_waits_and_near_the_deadline_says_what_is_missing_and_why()
    {
        var asked = await AskAsync("boris");
        var id = (string)asked["exportId"]!;
        foreach (var participant in Others[..^1]) await app.GiveAsync(id, participant);
        var waiting = await UntilAsync(id, "collecting", view => view["awaiting"]!.AsArray().Count == 1);
        await app.ChangeAsync<ExportCase>(id, export => export with { DueAt = export.RequestedAt.AddDays(1) });
        var ready = await UntilAsync(id, "ready");

        Assert.Equal("recommendation", (string)waiting["awaiting"]![0]!);
        Assert.Equal(("recommendation", "notAnswered"), ((string)ready["missing"]![0]!["participant"]!, (string)ready["missing"]![0]!["reason"]!));
        var files = Open(await FetchAsync(asked, "boris"), (string)asked["password"]!);
        Assert.False((bool)JsonNode.Parse(files["export.json"])!["isComplete"]!);
        Assert.Contains("сервис не ответил к сроку", files["export.ru.html"], StringComparison.Ordinal);
        Assert.Equal(["recommendation"], (await CompletedAsync(id)).Missing);
    }

    [Fact]
    public async Task Product_services_with_data_of_their_own_are_named_because_nobody_asks_them()
    {
        var asked = await AskAsync("rita");
        var id = (string)asked["exportId"]!;
        app.Around.Registered.Enqueue("external/tickets");
        foreach (var participant in Others) await app.GiveAsync(id, participant);
        var ready = await UntilAsync(id, "ready");
        app.Around.Registered.Clear();

        var missing = Assert.Single(ready["missing"]!.AsArray())!;
        Assert.Equal(("external/tickets", "takesNoPart"), ((string)missing["participant"]!, (string)missing["reason"]!));
    }

    [Fact]
    public async Task Whoever_was_down_is_asked_again_and_nobody_else()
    {
        var asked = await AskAsync("vera");
        var id = (string)asked["exportId"]!;
        foreach (var participant in Others[..^1]) await app.GiveAsync(id, participant);
        await Eventually.Is(
            "only who hasn't answered is asked again",
            () => Task.FromResult(app.Around.Told.OfType<ExportSubject>().Any(sent => sent.ExportId == id && sent.Participants is ["recommendation"])), isSo => isSo, RetentionApp.Soon);

        await app.GiveAsync(id, Others[^1]);

        Assert.Empty((await UntilAsync(id, "ready"))["missing"]!.AsArray());
    }

    [Fact]
    public async Task The_erasure_of_the_person_cancels_it_and_leaves_nothing()
    {
        var asked = await AskAsync("gleb");
        var id = (string)asked["exportId"]!;
        await app.GiveAsync(id, "profile", null, Datum(Canary));
        await UntilAsync(id, "collecting", view => view["awaiting"]!.AsArray().All(waiting => (string)waiting! is not ("profile" or "retention")));

        await app.RevokeAsync("gleb");
        await UntilAsync(id, "cancelled");
        await app.GiveAsync(id, "consent", null, Datum(Canary));

        await NothingIsLeftAsync(id, "cancelled");
        using var response = await app.As(Roles.Subject, "gleb").GetAsync(To($"/exports/{id}/archive"));
        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
    }

    [Fact]
    public async Task An_erasure_of_before_leaves_it()
    {
        var caseId = await app.RevokeAsync("dina");
        await app.UntilAsync(caseId, _ => true);
        var asked = await AskAsync("dina");

        // The case is sent again each second, because nobody answers it.
        var sent = app.Around.Commands.Count(command => command.CaseId == caseId);
        await Eventually.Is("the case was sent again", () => Task.FromResult(app.Around.Commands.Count(command => command.CaseId == caseId)), count => count > sent + 1, RetentionApp.Soon);
        await GiveAllAsync(asked);

        Assert.Equal("ready", (string)(await UntilAsync((string)asked["exportId"]!, "ready"))["state"]!);
    }

    [Fact]
    public async Task What_nobody_fetched_in_time_is_gone()
    {
        var asked = await AskAsync("egor");
        var id = (string)asked["exportId"]!;
        await GiveAllAsync(asked);
        var ready = await UntilAsync(id, "ready");
        await app.ChangeAsync<ExportCase>(id, export => export with { LinkUntil = export.ReadyAt });

        await NothingIsLeftAsync(id, "expired");

        Assert.Equal(7, ((DateTimeOffset)ready["linkUntil"]! - (DateTimeOffset)ready["readyAt"]!).TotalDays);
        using var response = await app.As(Roles.Subject, "egor").GetAsync(To($"/exports/{id}/archive"));
        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
    }

    [Fact]
    public async Task Asking_again_cancels_the_first_and_its_clock_runs_on()
    {
        var first = await AskAsync("zoya");
        var due = (DateTimeOffset)first["dueAt"]! - TimeSpan.FromDays(2);
        await app.ChangeAsync<ExportCase>((string)first["exportId"]!, export => export with { DueAt = due });

        var second = await AskAsync("zoya");

        Assert.Equal("cancelled", (string)(await ReadAsync((string)first["exportId"]!))["state"]!);
        Assert.Equal(due, (DateTimeOffset)second["dueAt"]!);
        Assert.NotEqual((string)first["password"]!, (string)second["password"]!);
    }

    [Fact]
    public async Task The_password_is_told_once()
    {
        using var client = app.As(Roles.Subject, "inna");
        client.DefaultRequestHeaders.Add("Idempotency-Key", "export-of-inna-1");

        var first = (await (await client.PostAsJsonAsync("/exports", new { customerId = "inna" })).Content.ReadFromJsonAsync<JsonObject>())!;
        var again = (await (await client.PostAsJsonAsync("/exports", new { customerId = "inna" })).Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.NotNull(first["password"]);
        Assert.Equal((string)first["exportId"]!, (string)again["exportId"]!);
        Assert.Null(again["password"]);
        Assert.Null((await ReadAsync((string)first["exportId"]!))["password"]);
    }

    [Fact]
    public async Task A_person_sees_their_own_only_and_staff_who_fetch_one_are_on_record()
    {
        using var foreign = await app.As(Roles.Subject, "lena").PostAsJsonAsync("/exports", new { customerId = "kira" });
        var asked = await AskAsync("kira");
        var id = (string)asked["exportId"]!;
        await GiveAllAsync(asked);
        await UntilAsync(id, "ready");

        using var other = await app.As(Roles.Subject, "lena").GetAsync(To($"/exports/{id}"));
        using var otherArchive = await app.As(Roles.Subject, "lena").GetAsync(To($"/exports/{id}/archive"));
        using var nobody = await app.As(Roles.Officer, named: false).GetAsync(To($"/exports/{id}/archive"));
        using var marketer = await app.As(Roles.Marketer).GetAsync(To($"/exports/{id}/archive"));
        using var officer = await app.As(Roles.Officer).GetAsync(To($"/exports/{id}/archive"));

        Assert.Equal(
            [HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.OK],
            new[] { foreign, other, otherArchive, nobody, marketer, officer }.Select(response => response.StatusCode));
        await Eventually.Is(
            "the reading is told of", () => Task.FromResult(app.Around.Told.OfType<PersonalDataRead>().Count(read => read.SubjectRef == app.RefOf("kira") && read is { Data: "export", Role: Roles.Officer, Outcome: "shown" })),
            reads => reads == 1, RetentionApp.Soon);
    }

    [Fact]
    public async Task A_part_that_somebody_else_signed_is_not_taken()
    {
        var asked = await AskAsync("mila");
        await app.GiveAsync((string)asked["exportId"]!, "profile", signedBy: "audit", Datum("forged"));
        foreach (var participant in Others) await app.GiveAsync((string)asked["exportId"]!, participant);

        var files = Open(await FetchAsync(asked, "mila"), (string)asked["password"]!);

        Assert.DoesNotContain("forged", files["export.json"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_who_fetch_at_once_one_gets_it()
    {
        var asked = await AskAsync("nina");
        await GiveAllAsync(asked);
        await UntilAsync((string)asked["exportId"]!, "ready");

        var responses = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.As(Roles.Subject, "nina").GetAsync(To($"/exports/{asked["exportId"]}/archive"))));

        Assert.Equal(1, responses.Count(response => response.StatusCode == HttpStatusCode.OK));
        Assert.Equal(7, responses.Count(response => response.StatusCode == HttpStatusCode.Gone));
    }

    private static Uri To(string path) => new(path, UriKind.Relative);

    private static ExportedDatum Datum(string value) => new()
    {
        Store = "profile_data",
        Name = "film.rated/title",
        Value = ExportedDatum.ValueOf(value),
        Category = "viewing",
        Purposes = ["recommendations"],
        From = "cinema",
    };

    /// <summary>More than a message carries, however well it is compressed.</summary>
    private static ExportedDatum Bulk() => Datum(Convert.ToBase64String(RandomNumberGenerator.GetBytes(3 * SubjectExport.PieceLength)));

    private static Dictionary<string, string> Open(byte[] archive, string password)
    {
        using var zip = new ZipFile(new MemoryStream(archive)) { Password = password };
        return zip.Cast<ZipEntry>().ToDictionary(entry => entry.Name, entry =>
        {
            Assert.Equal(256, entry.AESKeySize);
            using var reader = new StreamReader(zip.GetInputStream(entry));
            return reader.ReadToEnd();
        });
    }

    private async Task<ExportCompleted> CompletedAsync(string id) => (await Eventually.Is(
        "the completion was told", () => Task.FromResult(app.Around.Told.OfType<ExportCompleted>().SingleOrDefault(told => told.ExportId == id)), told => told is not null, RetentionApp.Soon))!;

    private async Task<JsonObject> AskAsync(string customer, string? language = null)
    {
        using var response = await app.As(Roles.Subject, customer).PostAsJsonAsync("/exports", new { customerId = customer, language });
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private async Task GiveAllAsync(JsonObject asked)
    {
        foreach (var participant in Others) await app.GiveAsync((string)asked["exportId"]!, participant);
    }

    private async Task<byte[]> FetchAsync(JsonObject asked, string customer)
    {
        var ready = await UntilAsync((string)asked["exportId"]!, "ready");
        return await app.As(Roles.Subject, customer).GetByteArrayAsync(To((string)ready["link"]!));
    }

    private async Task<JsonObject> ReadAsync(string id) => (await app.As(Roles.Officer).GetFromJsonAsync<JsonObject>(To($"/exports/{id}")))!;

    private Task<JsonObject> UntilAsync(string id, string state, Func<JsonObject, bool>? isReached = null) => Eventually.Is(
        $"the export is {state}", () => ReadAsync(id), view => (string)view["state"]! == state && isReached?.Invoke(view) != false, RetentionApp.Soon);

    private async Task NothingIsLeftAsync(string id, string state)
    {
        var retention = app.Module("retention");
        var export = await Eventually.Is(
            "it was wiped", () => retention.OpenSession().LoadAsync<ExportCase>(id, CancellationToken.None), stored => stored!.WipedAt is not null, RetentionApp.Soon);
        Assert.Equal(state, (string)(await ReadAsync(id))["state"]!);
        Assert.True(await retention.Keys.IsDestroyedAsync(ExportCase.ContentsKeyOf(export!.SubjectRef, id), CancellationToken.None));
        var session = retention.OpenSession();
        Assert.Empty(await session.QueryRowsAsync<ExportPiece>("place", after: ExportPiece.PrefixOf(id), atMost: ExportPiece.PrefixOf(id) + "~"));
        Assert.Null(await session.FindRowAsync<PendingExport>(id, CancellationToken.None));
        Assert.Equal(-1, app.Files().AsSpan().IndexOf(Encoding.UTF8.GetBytes(Canary)));
    }
}
