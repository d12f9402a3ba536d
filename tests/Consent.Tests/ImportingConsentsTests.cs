using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class ImportingConsentsTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task By_default_the_answer_counts_and_names_the_refused()
    {
        await app.DeclareAsync("counted");

        var (status, answer) = await ImportAsync([Line("counted-1", "counted"), "no JSON", Line("counted-2", "counted", noticeVersion: 2), Line("counted-1", "counted")]);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("""{"imported":2,"refused":[{"index":1,"reason":"malformed-line"},{"index":2,"reason":"stale-notice"}]}""", answer);
    }

    [Fact]
    public async Task Asked_for_lines_it_answers_a_line_for_each_and_sums_up()
    {
        await app.DeclareAsync("lines");

        var answer = await ImportByLineAsync(
        [
            Line("lines-1", "lines"), "", Line("lines-1", "lines"), Line("lines-2", "lines", more: ("categories", new JsonArray("location"))),
            """{"customerId":"lines-3","purposes":["lines"],"decision":"granted"}""",
            Line("lines-3", "lines", more: ("purposes", new JsonArray("lines", "counted"))),
            Line("lines-3", "lines", more: ("purpose", new JsonArray("lines"))),
            Line("a@b.ru", "lines"), Line("lines-4", "lines", more: ("evidence", "it says: \"yes\"")), new string(' ', 20_000), Line("lines-5", "nowhere"),
        ]);

        Assert.Equal(
            [
                "1 imported", "3 unchanged", "4 unknown-category", "5 bundled-consent", "6 bundled-consent", "7 bundled-consent", "8 bad-customer-id", "9 bad-evidence",
                "10 line-too-long", "11 unknown-purpose",
            ],
            answer[..^1].Select(line => $"{line["line"]} {line["reason"] ?? line["status"]}"));
        Assert.Equal((11, 1, 1, 8, null), ((long)answer[^1]["lines"]!, (long)answer[^1]["imported"]!, (long)answer[^1]["unchanged"]!, (long)answer[^1]["refused"]!, answer[^1]["resumedAt"]));
        Assert.Equal(3, (long)answer[^1]["reasons"]!["bundled-consent"]!);
    }

    [Fact]
    public async Task More_lines_than_a_chunk_are_all_imported()
    {
        await app.DeclareAsync("many");

        var answer = await ImportByLineAsync([.. Enumerable.Range(0, 1234).Select(i => Line($"many-{i}", "many"))]);

        Assert.Equal(Enumerable.Range(1, 1234).Select(line => (long)line), answer[..^1].Select(line => (long)line["line"]!));
        Assert.Equal(1234, (long)answer[^1]["imported"]!);
        Assert.Equal("granted", (string?)(await app.PurposeAsync("many-1233", "many"))["categories"]![0]!["decision"]);
    }

    [Fact]
    public async Task No_more_is_taken_than_the_services_that_follow_can_apply()
    {
        await using var own = await OwnApp.StartAsync(new() { ["Consent:WaitForMilliseconds"] = "30000" });
        await own.DeclareAsync("paced");
        own.Around.Silent["profile"] = true;

        var importing = own.ImportAsync(Enumerable.Range(0, 450).Select(i => (object)JsonNode.Parse(Line($"paced-{i}", "paced"))!));
        foreach (var taken in (int[])[200, 400])
        {
            await UntilPublishedAsync($"paced-{taken - 1}");

            // Numbered behind all that the import wrote until then.
            await own.ImportAsync(JsonNode.Parse(Line($"behind-{taken}", "paced"))!);
            await UntilPublishedAsync($"behind-{taken}");
            Assert.DoesNotContain(own.RefOf($"paced-{taken}"), own.Around.Events.Select(published => published.SubjectRef));
            await own.PublishAsync("profile", new ConsentApplied
            {
                SubjectRef = own.RefOf($"paced-{taken - 1}"),
                Version = 1,
                Service = "profile",
                AppliedAt = own.Clock.GetUtcNow(),
            });
        }

        Assert.Equal(450, (int)(await importing)["imported"]!);

        Task UntilPublishedAsync(string customerId) => Eventually.Is(
            "a grant is published", () => Task.FromResult(own.Around.Events.Any(published => published.SubjectRef == own.RefOf(customerId))), ConsentApp.Soon);
    }

    [Fact]
    public async Task The_evidence_of_the_import_or_of_the_line_is_in_the_proof()
    {
        await app.DeclareAsync("proved");

        await ImportAsync([Line("proved-1", "proved"), Line("proved-2", "proved", more: ("evidence", "form-17"))], path: "/consents:import?evidence=file/4-2025");
        var (refused, problem) = await ImportAsync([Line("proved-3", "proved")], path: "/consents:import?evidence=%22yes%22");

        Assert.Equal("file/4-2025", (string?)(await app.HistoryAsync("proved-1"))[0]["evidence"]);
        Assert.Equal("form-17", (string?)(await app.HistoryAsync("proved-2"))[0]["evidence"]);
        Assert.Equal((HttpStatusCode.BadRequest, "bad-evidence"), (refused, ConsentApp.Slug(JsonNode.Parse(problem)!.AsObject())));
        Assert.Empty(await app.HistoryAsync("proved-3"));
    }

    [Fact]
    public async Task After_a_cut_the_same_lines_go_on_behind_the_last_chunk_that_was_written()
    {
        await app.DeclareAsync("cut");
        string[] lines = [.. Enumerable.Range(0, 1300).Select(i => Line($"cut-{i}", "cut", noticeVersion: i % 100 == 0 ? 2 : 1))];

        // Two chunks of 500 are complete; of the third the connection brings only a part.
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => ImportAsync(lines[..1200], key: "cut", breakOff: () => WrittenAsync("cut-998", "cut")));
        var kept = await Task.WhenAll(new[] { "cut-999", "cut-1001" }.Select(customer => app.ConsentsAsync(customer)));
        var resumed = await ImportByLineAsync(lines, key: "cut");
        var again = await ImportByLineAsync(lines, key: "cut");

        Assert.Equal((1, 0), ((long)kept[0]["version"]!, (long)kept[1]["version"]!));
        Assert.Equal((1000, 1001), ((long)resumed[^1]["resumedAt"]!, (long)resumed[0]["line"]!));
        Assert.Equal((1300, 1287, 0, 13), ((long)resumed[^1]["lines"]!, (long)resumed[^1]["imported"]!, (long)resumed[^1]["unchanged"]!, (long)resumed[^1]["refused"]!));
        Assert.Equal(1300, (long)Assert.Single(again)["resumedAt"]!);
        Assert.Equal(1287, (long)again[0]["imported"]!);
        Assert.Single(await app.HistoryAsync("cut-999"));
    }

    [Fact]
    public async Task Lines_added_behind_are_gone_on_with_and_other_lines_are_another_import()
    {
        await app.DeclareAsync("other");
        string[] lines = [Line("other-1", "other"), Line("other-2", "other"), Line("other-3", "other")];
        await ImportAsync(lines[..2], key: "other");

        var (changed, problem) = await ImportAsync([lines[0], lines[2], lines[1]], key: "other");
        var (shorter, _) = await ImportAsync(lines[..1], key: "other");
        var (proved, _) = await ImportAsync(lines, key: "other", path: "/consents:import?evidence=1");
        var (_, more) = await ImportAsync(lines, key: "other");
        var (_, byParameter) = await ImportAsync(lines, path: "/consents:import?id=other");
        var (_, ofSomebodyElse) = await ImportAsync(lines, key: "other", role: Roles.Operator);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (changed, ConsentApp.Slug(JsonNode.Parse(problem)!.AsObject())));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (shorter, proved));
        Assert.Equal("""{"imported":3,"refused":[],"resumedAt":2}""", more);
        Assert.Equal("""{"imported":3,"refused":[],"resumedAt":3}""", byParameter);
        Assert.Equal("""{"imported":3,"refused":[]}""", ofSomebodyElse);
    }

    [Fact]
    public async Task Two_requests_with_the_same_import_at_once_record_each_line_once()
    {
        await app.DeclareAsync("twice");
        string[] lines = [.. Enumerable.Range(0, 2000).Select(i => Line($"twice-{i}", "twice"))];

        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ImportAsync(lines, key: "twice")));
        var last = await ImportByLineAsync(lines, key: "twice");

        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer =>
            Assert.Equal((HttpStatusCode.Conflict, "import-running"), (answer.Status, ConsentApp.Slug(JsonNode.Parse(answer.Body)!.AsObject()))));
        Assert.Equal((2000, 2000, 0), ((long)last[^1]["lines"]!, (long)last[^1]["imported"]!, (long)last[^1]["unchanged"]!));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    public async Task An_id_that_is_none_is_refused(string key)
    {
        var (status, problem) = await ImportAsync([], path: $"/consents:import?id={Uri.EscapeDataString(key)}");

        Assert.Equal((HttpStatusCode.BadRequest, "bad-idempotency-key"), (status, ConsentApp.Slug(JsonNode.Parse(problem)!.AsObject())));
    }

    [Fact]
    public async Task A_caller_that_reads_nothing_before_everything_is_sent_is_not_stuck()
    {
        // Both ways it is far more than what sockets hold.
        const int Sent = 300_000;
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 60) + "\n", 1000)));
        using var client = app.As(Roles.Product);
        using var connection = new TcpClient();
        await connection.ConnectAsync(client.BaseAddress!.Host, client.BaseAddress.Port);
        await using var stream = connection.GetStream();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));

        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /consents:import HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {client.DefaultRequestHeaders.Authorization}\r\nAccept: application/x-ndjson\r\nContent-Length: {61 * Sent}\r\n\r\n"),
            deadline.Token);
        for (var sent = 0; sent < Sent; sent += 1000) await stream.WriteAsync(lines, deadline.Token);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(deadline.Token);

        Assert.Contains($$"""{"line":{{Sent}},"status":"refused","reason":"malformed-line"}""", answer, StringComparison.Ordinal);
        Assert.Contains($$$"""{"lines":{{{Sent}}},"imported":0,"unchanged":0,"refused":{{{Sent}}},"reasons":{"malformed-line":{{{Sent}}}}}""", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_export_has_everybodys_present_state_by_pseudonym()
    {
        await app.DeclareAsync("exporting");
        await ImportAsync([.. Enumerable.Range(0, 1100).Select(i => Line($"exporting-{i}", "exporting"))]);
        await app.RevokeAsync("exporting-7", "exporting");

        using var client = app.As(Roles.Operator);
        var text = await client.GetStringAsync(new Uri("/consents:export", UriKind.Relative));
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToDictionary(line => (string)line["subjectRef"]!);

        Assert.DoesNotContain("exporting-7", text, StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 1100), i => Assert.Equal(
            i == 7 ? ("revoked", 2) : ("granted", 1), ((string)lines[app.RefOf($"exporting-{i}")]["decisions"]![0]!["decision"]!, (int)lines[app.RefOf($"exporting-{i}")]["version"]!)));
        Assert.Equal(lines.Keys.Order(StringComparer.Ordinal), lines.Keys);
    }

    [Theory]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Auditor)]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Subject)]
    public async Task Nobody_else_exports_states(string role) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(role, HttpMethod.Get, "/consents:export", customerId: "somebody")).Status);

    private string Line(string customer, string purpose, int noticeVersion = 1, (string Name, JsonNode Value)? more = null)
    {
        var line = new JsonObject
        {
            ["customerId"] = customer,
            ["purpose"] = purpose,
            ["decision"] = "granted",
            ["noticeVersion"] = noticeVersion,
            ["language"] = "ru",
            ["channel"] = "import",
            ["decidedAt"] = Json.FormatTime(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero)),
        };
        if (more is { } member) line[member.Name] = member.Value;
        return line.ToJsonString();
    }

    private async Task WrittenAsync(string customer, string purpose) => await Eventually.Is(
        "the chunk was written", async () => (await app.PurposeAsync(customer, purpose))["categories"]![0]!["decision"] is not null, ConsentApp.Soon);

    private async Task<JsonObject[]> ImportByLineAsync(string[] lines, string? key = null)
    {
        var (status, body) = await ImportAsync(lines, key, accept: "application/x-ndjson");
        Assert.Equal(HttpStatusCode.OK, status);
        return [.. body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }

    private async Task<(HttpStatusCode Status, string Body)> ImportAsync(
        string[] lines, string? key = null, string accept = "application/json", string path = "/consents:import", string role = Roles.Product, Func<Task>? breakOff = null)
    {
        using var client = app.As(role);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new Lines(lines, breakOff) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        if (key is not null) request.Headers.Add(IdempotencyKeys.Header, key);
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private sealed class Lines : HttpContent
    {
        private readonly string[] lines;
        private readonly Func<Task>? breakOff;

        public Lines(string[] lines, Func<Task>? breakOff)
        {
            (this.lines, this.breakOff) = (lines, breakOff);
            Headers.ContentType = new("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            foreach (var chunk in lines.Chunk(100)) await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Concat(chunk.Select(line => line + "\n"))));
            if (breakOff is null) return;
            await stream.FlushAsync();
            await breakOff();
            throw new IOException("The connection is cut.");
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
