using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class PublishingEventsTests(ProfileApp app) : IClassFixture<ProfileApp>
{
    [Fact]
    public async Task A_structured_event_is_stored_with_what_justifies_each_field()
    {
        await app.GrantAsync("anna", "recommendations", "viewing", "opinion");

        var answer = await app.PublishAsync(app.Event("anna", new { filmId = "f1", rating = 4.5 }));
        var item = Assert.Single(await app.ProfileAsync("anna"));

        Assert.Equal(1, answer["accepted"]!.GetValue<int>());
        Assert.Empty(answer["refused"]!.AsArray());
        Assert.Empty(answer["dropped"]!.AsArray());
        Assert.Equal(("film.rated", "/cinema"), (item["eventType"]!.GetValue<string>(), item["source"]!.GetValue<string>()));
        Assert.Equal(
            """[{"name":"filmId","value":"f1","category":"viewing","purposes":["recommendations"],"lastUsedOn":"2026-03-01","usedBy":[{"kind":"model","name":"recommender","on":"2026-03-01","purpose":"recommendations"}]},{"name":"rating","value":4.5,"category":"opinion","purposes":["recommendations"],"lastUsedOn":"2026-03-01","usedBy":[{"kind":"model","name":"recommender","on":"2026-03-01","purpose":"recommendations"}]}]""",
            item["fields"]!.ToJsonString());
        Assert.Equal(app.Now.AddDays(300), item["expiresAt"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task An_event_in_binary_mode_is_stored_as_in_structured_mode()
    {
        await app.GrantAsync("boris", "recommendations", "viewing");
        using var content = Binary("""{"filmId":"f2"}""", ("id", "b%201"), ("source", "/cinema"), ("type", "film.rated"), ("subject", "boris"), ("time", Uri.EscapeDataString(app.Now.ToOffset(TimeSpan.FromHours(3)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture))));

        var answer = (await app.PostAsync(content)).Expect(HttpStatusCode.OK);
        var again = await app.PublishAsync(app.Event("boris", new { filmId = "f2" }, id: "b 1"));
        var item = Assert.Single(await app.ProfileAsync("boris"));

        Assert.Equal(1, answer["accepted"]!.GetValue<int>());
        Assert.Equal(1, again["accepted"]!.GetValue<int>());
        Assert.Contains("\"f2\"", item["fields"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(app.Now, item["time"]!.GetValue<DateTimeOffset>());
    }

    [Fact]
    public async Task An_event_in_binary_mode_whose_text_is_broken_is_refused_as_in_structured_mode()
    {
        using var content = Binary("""{"filmId":"\ud800"}""", ("id", "b2"), ("source", "/cinema"), ("type", "film.rated"), ("subject", "boris"), ("time", "2026-03-01T12:00:00Z"));

        Assert.Equal("bad-text", Refusal((await app.PostAsync(content)).Expect(HttpStatusCode.OK)));
    }

    [Fact]
    public async Task A_batch_is_answered_event_by_event()
    {
        await app.GrantAsync("vera", "recommendations", "viewing");

        var answer = await app.PublishAsync([
            app.Event("vera", new { filmId = "f1" }),
            app.Event("vera-stranger", new { filmId = "f1" }),
            app.Event("vera", new { filmId = "f2", rating = 3, colour = "red" }),
            app.Event("vera", new { filmId = "f3" }, type: "film.watched"),
        ]);

        Assert.Equal(2, answer["accepted"]!.GetValue<int>());
        Assert.Equal([(1, "no-consent"), (3, "unknown-event-type")], Refusals(answer));
        Assert.Equal([(1, "filmId", "no-consent"), (2, "rating", "no-consent"), (2, "colour", "not-declared")], Dropped(answer));
        Assert.Equal(2, (await app.ProfileAsync("vera")).Count);
    }

    [Fact]
    public async Task An_unknown_type_is_answered_once_with_the_declaration_that_would_take_it()
    {
        var answer = await app.PublishAsync([
            app.Event("gleb", new { seat = 7, price = 12.5, name = "Gleb", isVip = true, tags = new[] { "a" } }, type: "seat.taken"),
            app.Event("gleb", new { seat = 8 }, type: "seat.taken"),
        ]);

        var refused = answer["refused"]!.AsArray();
        var declaration = refused[0]!["declare"]!.AsObject();
        Assert.Null(refused[1]!["declare"]);
        Assert.Equal("seat.taken", declaration["type"]!.GetValue<string>());
        Assert.Equal(
            [("isVip", "boolean"), ("name", "string"), ("price", "number"), ("seat", "integer")],
            declaration["fields"]!.AsObject().Select(field => (field.Key, field.Value!["type"]!.GetValue<string>())));
        Assert.DoesNotContain("Gleb", answer.ToJsonString(), StringComparison.Ordinal);

        // What a person has to decide can't be left as it is.
        Assert.Equal("bad-declaration", (await app.DeclareAsync("seat.taken", declaration)).Problem);
        foreach (var field in declaration["fields"]!.AsObject()) field.Value!["category"] = "viewing";
        foreach (var field in declaration["fields"]!.AsObject()) field.Value!["purposes"] = new JsonArray("recommendations");
        (await app.DeclareAsync("seat.taken", declaration)).Expect(HttpStatusCode.OK);
        await app.GrantAsync("gleb", "recommendations", "viewing");
        Assert.Equal(1, (await app.PublishAsync(app.Event("gleb", new { seat = 7 }, type: "seat.taken")))["accepted"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("time", null, "bad-time")]
    [InlineData("time", "\"2026-03-01T12:00:00\"", "bad-time")]
    [InlineData("time", "\"yesterday\"", "bad-time")]
    [InlineData("time", "1772366400", "bad-time")]
    [InlineData("id", null, "bad-id")]
    [InlineData("id", "\"\"", "bad-id")]
    [InlineData("source", null, "bad-source")]
    [InlineData("source", "\"two words\"", "bad-source")]
    [InlineData("type", "\"film rated\"", "bad-type")]
    [InlineData("specversion", "\"0.3\"", "bad-specversion")]
    [InlineData("subject", null, "bad-subject")]
    [InlineData("subject", "\"dina ivanova\"", "bad-subject")]
    [InlineData("subject", "\"dina@example.org\"", "direct-identifier")]
    [InlineData("subject", "\"+7 (916) 123-45-67\"", "direct-identifier")]
    [InlineData("subject", "\"79161234567\"", "direct-identifier")]
    [InlineData("subject", "\"4111111111111111\"", "direct-identifier")]
    [InlineData("subject", "\"4509-123456\"", "direct-identifier")]
    [InlineData("subject", "\"112-233-445-95\"", "direct-identifier")]
    [InlineData("subject", "42", "bad-subject")]
    [InlineData("data", null, "bad-data")]
    [InlineData("data", "[1]", "bad-data")]
    [InlineData("data", "{}", "no-data")]
    [InlineData("data", "{\"filmId\":null}", "no-data")]
    [InlineData("data", "{\"filmId\":7}", "wrong-type")]
    [InlineData("data", "{\"colour\":\"red\"}", "not-declared")]
    [InlineData("data", "{\"filmId\":\"\\ud800\"}", "bad-text")]
    public async Task A_malformed_event_is_refused_for_a_stable_reason(string attribute, string? value, string reason)
    {
        await app.GrantAsync("dina", "recommendations", "viewing");
        var whole = app.Event("dina", new { filmId = "f1" });
        whole.Remove(attribute);
        var json = value is null ? whole.ToJsonString() : $"{whole.ToJsonString()[..^1]},\"{attribute}\":{value}}}";

        var answer = (await app.PostAsync(ServiceApp.Text(json, "application/cloudevents+json"))).Expect(HttpStatusCode.OK);

        Assert.Equal(reason, Refusal(answer));
        Assert.Equal(0, answer["accepted"]!.GetValue<int>());
        Assert.Empty(await app.RowsAsync("dina"));
        if (attribute == "subject" && value is not null) Assert.DoesNotContain(value.Trim('"'), answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_may_be_five_minutes_ahead_and_not_a_second_more()
    {
        await app.GrantAsync("danila", "recommendations", "viewing");

        var answer = await app.PublishAsync([app.Event("danila", new { filmId = "f1" }, time: app.Now.AddMinutes(5)), app.Event("danila", new { filmId = "f2" }, time: app.Now.AddMinutes(5).AddSeconds(1))]);

        Assert.Equal(1, answer["accepted"]!.GetValue<int>());
        Assert.Equal([(1, "future-time")], Refusals(answer));
    }

    [Fact]
    public async Task What_is_no_event_at_all_is_refused_alone()
    {
        await app.GrantAsync("egor", "recommendations", "viewing");

        var answer = await app.PublishAsync([app.Event("egor", new { filmId = "f1" }), 5, null, new JsonArray()]);

        Assert.Equal(1, answer["accepted"]!.GetValue<int>());
        Assert.Equal([(1, "not-an-object"), (2, "not-an-object"), (3, "not-an-object")], Refusals(answer));
    }

    [Fact]
    public async Task Each_field_that_is_not_stored_is_named_with_its_own_reason()
    {
        await app.GrantAsync("zoya", "recommendations", "viewing");
        await app.GrantAsync("zoya", "analytics", "technical");

        var answer = await app.PublishAsync(
            app.Event("zoya", new { filmId = "f1", rating = 4, device = "tv", loudness = "loud", colour = "red", note = (string?)null }));
        var stored = Assert.Single(await app.ProfileAsync("zoya"))["fields"]!.AsArray();

        Assert.Equal([(0, "rating", "no-consent"), (0, "device", "no-retention-rule"), (0, "loudness", "wrong-type"), (0, "colour", "not-declared")], Dropped(answer));
        Assert.Equal("filmId", Assert.Single(stored)!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_text_longer_than_a_field_may_be_is_dropped()
    {
        await app.GrantAsync("inna", "recommendations", "viewing");

        Assert.Equal("too-long", Refusal(await app.PublishAsync(app.Event("inna", new { filmId = new string('a', 4097) }))));
        Assert.Equal(1, (await app.PublishAsync(app.Event("inna", new { filmId = new string('a', 4096) })))["accepted"]!.GetValue<int>());
    }

    [Fact]
    public async Task Who_decided_nothing_or_refused_has_nothing_stored()
    {
        await app.DenyAsync("katya", "recommendations", "viewing");

        Assert.Equal("no-consent", Refusal(await app.PublishAsync(app.Event("katya", new { filmId = "f1" }))));
        Assert.Equal("no-consent", Refusal(await app.PublishAsync(app.Event("katya-unknown", new { filmId = "f1" }))));
        Assert.Empty(await app.RowsAsync("katya"));
        Assert.Empty(await app.RowsAsync("katya-unknown"));
    }

    [Fact]
    public async Task Only_what_happened_since_the_grant_is_stored()
    {
        await app.GrantAsync("lev", "recommendations", "viewing");

        var before = await app.PublishAsync(app.Event("lev", new { filmId = "f1" }, app.Now.AddTicks(-1)));
        var then = await app.PublishAsync(app.Event("lev", new { filmId = "f2" }, app.Now));
        var ahead = await app.PublishAsync(app.Event("lev", new { filmId = "f3" }, app.Now.AddMinutes(5)));

        Assert.Equal("before-consent", Refusal(before));
        Assert.Equal(1, then["accepted"]!.GetValue<int>());
        Assert.Equal(1, ahead["accepted"]!.GetValue<int>());
        Assert.Equal(2, (await app.ProfileAsync("lev")).Count);
    }

    [Fact]
    public async Task Nothing_says_how_long_so_nothing_is_stored()
    {
        await app.GrantAsync("mila", "analytics", "technical");

        Assert.Equal("no-retention-rule", Refusal(await app.PublishAsync(app.Event("mila", new { device = "tv" }))));
        Assert.Empty(await app.RowsAsync("mila"));
    }

    [Fact]
    public async Task A_dry_run_answers_the_same_and_stores_nothing()
    {
        await app.GrantAsync("nora", "recommendations", "viewing");
        var json = app.Event("nora", new { filmId = "f1", rating = 4 });

        var dry = await app.PublishAsync(json, dryRun: true);
        var held = await app.RowsAsync("nora");
        var key = await app.Module("profile").Keys.FindAsync($"{app.RefOf("nora")}.1", CancellationToken.None);
        var stored = await app.PublishAsync(json);
        await app.UntilHeldAsync("nora", 1);
        await Eventually.Is("its signal was told", () => Task.FromResult(app.SignalsOf("nora").Count), told => told == 1, ServiceApp.Soon);

        Assert.Equal(stored.ToJsonString(), dry.ToJsonString());
        Assert.Empty(held);
        Assert.Null(key);
    }

    [Fact]
    public async Task An_event_published_again_is_stored_once_and_answered_alike()
    {
        await app.GrantAsync("oleg", "recommendations", "viewing");
        var json = app.Event("oleg", new { filmId = "f1", rating = 4, colour = "red" });

        var first = await app.PublishAsync(json);
        var again = await app.PublishAsync(json);
        var twice = await app.PublishAsync([json.DeepClone(), json.DeepClone()]);

        Assert.Equal([(0, "rating", "no-consent"), (0, "colour", "not-declared")], Dropped(first));
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        Assert.Equal(2, twice["accepted"]!.GetValue<int>());
        Assert.Equal([(0, "rating", "no-consent"), (0, "colour", "not-declared"), (1, "rating", "no-consent"), (1, "colour", "not-declared")], Dropped(twice));
        Assert.Single(await app.ProfileAsync("oleg"));
    }

    [Fact]
    public async Task An_event_published_again_does_not_add_what_was_not_kept_the_first_time()
    {
        await app.DeclareAsync("trailer.seen", new { description = "A trailer was seen.", fields = new { filmId = ProfileApp.Field("string", "viewing", "recommendations") } });
        await app.GrantAsync("pavel", "recommendations", "viewing", "opinion");
        var json = app.Event("pavel", new { filmId = "f1", mood = "good" }, type: "trailer.seen");
        await app.PublishAsync(json);
        await app.DeclareAsync("trailer.seen", new
        {
            description = "A trailer was seen.",
            fields = new { filmId = ProfileApp.Field("string", "viewing", "recommendations"), mood = ProfileApp.Field("string", "opinion", "recommendations") },
        });

        var again = await app.PublishAsync(json);

        Assert.Equal(1, again["accepted"]!.GetValue<int>());
        Assert.Equal([(0, "mood", "stored-before")], Dropped(again));
        Assert.DoesNotContain("good", Assert.Single(await app.ProfileAsync("pavel")).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_id_of_another_source_or_person_is_another_event()
    {
        await app.GrantAsync("roma", "recommendations", "viewing");
        await app.GrantAsync("roma-2", "recommendations", "viewing");
        var json = app.Event("roma", new { filmId = "f1" });
        var elsewhere = json.DeepClone().AsObject();
        elsewhere["source"] = "/shop";
        var other = json.DeepClone().AsObject();
        other["subject"] = "roma-2";

        await app.PublishAsync([json, elsewhere, other]);

        Assert.Equal(2, (await app.ProfileAsync("roma")).Count);
        Assert.Single(await app.ProfileAsync("roma-2"));
    }

    [Fact]
    public async Task A_thousand_events_are_taken_and_one_more_is_refused_as_a_whole()
    {
        await app.GrantAsync("sonya", "recommendations", "viewing");
        var events = Enumerable.Range(0, 1001).Select(_ => app.Event("sonya", new { filmId = "f1" })).ToArray();

        var tooMany = await app.PostAsync(ServiceApp.Content(events, "application/cloudevents-batch+json"));
        var held = await app.RowsAsync("sonya");
        var answer = await app.PublishAsync(events[..1000]);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-many-events"), (tooMany.Status, tooMany.Problem));
        Assert.Empty(held);
        Assert.Equal(1000, answer["accepted"]!.GetValue<int>());
        Assert.Equal(1001, (await app.RowsAsync("sonya")).Count);
    }

    [Theory]
    [InlineData("text/plain", "hello", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/xml", "<a/>", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest, "malformed-events")]
    [InlineData("application/cloudevents-batch+json", "{}", HttpStatusCode.BadRequest, "malformed-events")]
    [InlineData("application/cloudevents+json", "{", HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("application/cloudevents+json", "", HttpStatusCode.BadRequest, "malformed-request")]
    public async Task A_body_that_is_no_event_is_refused_with_a_problem(string type, string body, HttpStatusCode status, string problem)
    {
        var answer = await app.PostAsync(ServiceApp.Text(body, type));

        Assert.Equal((status, problem), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task A_body_is_taken_up_to_four_megabytes()
    {
        var padding = new string('a', 3 * 1024 * 1024);
        var taken = await app.PostAsync(ServiceApp.Content(app.Event("tanya", new { padding }), "application/cloudevents+json"));

        // Refused before it was sent: the service doesn't read it to the end.
        using var client = app.As(Roles.Product);
        client.DefaultRequestHeaders.ExpectContinue = true;
        using var response = await client.PostAsync(
            new Uri("/events", UriKind.Relative), ServiceApp.Content(app.Event("tanya", new { padding, more = padding }), "application/cloudevents+json"));
        var refused = await Answer.OfAsync(response);

        Assert.Equal("not-declared", Refusal(taken.Expect(HttpStatusCode.OK)));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (refused.Status, refused.Problem));
    }

    [Fact]
    public async Task A_batch_may_be_compressed()
    {
        await app.GrantAsync("timur", "recommendations", "viewing");

        var events = Enumerable.Range(0, 1000).Select(_ => app.Event("timur", new { filmId = "f1" }));
        using var content = Gzip(ServiceApp.Content(events, "application/cloudevents-batch+json"));
        var answer = (await app.PostAsync(content)).Expect(HttpStatusCode.OK);

        Assert.Equal(1000, answer["accepted"]!.GetValue<int>());
        Assert.Equal(1001, (await app.RowsAsync("timur")).Count);
    }

    [Fact]
    public async Task A_compressed_body_counts_with_the_size_it_has_unpacked()
    {
        using var taken = Gzip(ServiceApp.Content(app.Event("timur", new { padding = new string('a', 3 * 1024 * 1024) }), "application/cloudevents+json"));
        using var bomb = Gzip(ServiceApp.Content(app.Event("timur", new { padding = new string('a', 5 * 1024 * 1024) }), "application/cloudevents+json"));

        Assert.Equal("not-declared", Refusal((await app.PostAsync(taken)).Expect(HttpStatusCode.OK)));
        var refused = await app.PostAsync(bomb);
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "too-large"), (refused.Status, refused.Problem));
    }

    [Theory]
    [InlineData("gzip", false, HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("gzip", true, HttpStatusCode.BadRequest, "malformed-request")]
    [InlineData("br", false, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("gzip, gzip", false, HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    public async Task A_body_that_is_not_what_its_encoding_says_is_refused(string encoding, bool isCut, HttpStatusCode status, string problem)
    {
        var body = await Gzip(ServiceApp.Content(app.Event("timur", new { filmId = "f1" }), "application/cloudevents+json")).ReadAsByteArrayAsync();
        using var content = new ByteArrayContent(isCut ? body[..^20] : "{}"u8.ToArray());
        content.Headers.Add("Content-Type", "application/cloudevents+json");
        content.Headers.Add("Content-Encoding", encoding);

        var answer = await app.PostAsync(content);

        Assert.Equal((status, problem), (answer.Status, answer.Problem));
    }

    [Theory]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Officer)]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Auditor)]
    [InlineData(Roles.Subject)]
    [InlineData(Roles.Service)]
    public async Task Only_product_services_publish(string role)
    {
        var answer = await app.PostAsync(ServiceApp.Content(app.Event("ulyana", new { filmId = "f1" }), "application/cloudevents+json"), role: role);

        Assert.Equal((HttpStatusCode.Forbidden, "forbidden"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task Without_a_token_nothing_is_taken()
    {
        using var client = new HttpClient { BaseAddress = app.Address };
        using var response = await client.PostAsync(new Uri("/events", UriKind.Relative), ServiceApp.Content(app.Event("ulyana", new { filmId = "f1" }), "application/cloudevents+json"));

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task What_a_recommender_may_learn_is_told_under_a_pseudonym()
    {
        await app.GrantAsync("fedor-4711", "recommendations", "viewing", "opinion");
        await app.GrantAsync("fedor-4711", "marketing-groups", "viewing");

        await app.PublishAsync(app.Event("fedor-4711", new { filmId = "f1", rating = 4.5 }));
        var signal = (await Eventually.Is("its signal was told", () => Task.FromResult(app.SignalsOf("fedor-4711")), told => told.Count == 1, ServiceApp.Soon))[0];

        Assert.Equal(("f1", "viewing", 4.5, "opinion"), (signal.ItemId, signal.Category, signal.Value, signal.ValueCategory));
        Assert.Equal(["marketing-groups", "recommendations"], signal.Purposes);
        Assert.Equal((1, 2, app.Now, app.Now.AddDays(30)), (signal.Epoch, signal.ConsentVersion, signal.Time, signal.ExpiresAt));
        Assert.DoesNotContain("4711", System.Text.Json.JsonSerializer.Serialize(signal, Platform.Json.Options), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_no_purpose_may_use_is_not_carried_along()
    {
        await app.GrantAsync("hanna", "recommendations", "viewing");

        await app.PublishAsync(app.Event("hanna", new { filmId = "f1", rating = 4.5 }));
        var signal = (await Eventually.Is("its signal was told", () => Task.FromResult(app.SignalsOf("hanna")), told => told.Count == 1, ServiceApp.Soon))[0];

        Assert.Null(signal.Value);
        Assert.Null(signal.ValueCategory);
    }

    private static ByteArrayContent Gzip(StringContent content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true)) content.ReadAsStream().CopyTo(gzip);
        var result = new ByteArrayContent(packed.ToArray());
        result.Headers.ContentType = content.Headers.ContentType;
        result.Headers.ContentEncoding.Add("gzip");
        return result;
    }

    private static StringContent Binary(string data, params (string Name, string Value)[] attributes)
    {
        var content = ServiceApp.Text(data, "application/json");
        content.Headers.Add("ce-specversion", "1.0");
        foreach (var (name, value) in attributes) content.Headers.Add($"ce-{name}", value);
        return content;
    }

    private static string Refusal(JsonObject answer) => Assert.Single(Refusals(answer)).Reason;

    private static (int Index, string Reason)[] Refusals(JsonObject answer) =>
        [.. answer["refused"]!.AsArray().Select(refused => (refused!["index"]!.GetValue<int>(), refused["reason"]!.GetValue<string>()))];

    private static (int Index, string Field, string Reason)[] Dropped(JsonObject answer) =>
        [.. answer["dropped"]!.AsArray().Select(dropped => (dropped!["index"]!.GetValue<int>(), dropped["field"]!.GetValue<string>(), dropped["reason"]!.GetValue<string>()))];
}
