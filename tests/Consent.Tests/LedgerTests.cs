using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class LedgerTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    [Fact]
    public async Task An_export_verifies_and_holds_decisions_for_the_officer_only()
    {
        await app.DeclareAsync("exported");
        await app.GrantAsync("exported-1", "exported");
        await app.RevokeAsync("exported-1", "exported");
        await app.GrantAsync("exported-2", "exported");

        var (officer, auditor) = (await CheckedAsync(Roles.Officer), await CheckedAsync(Roles.Auditor));

        Assert.Equal((null, null), (officer.FirstWrong, auditor.FirstWrong));
        Assert.True(officer.Links >= 3, $"{officer.Links}");
        Assert.Equal((officer.Links, 0), (officer.Decisions, auditor.Decisions));
        Assert.Equal((officer.Links, "ru"), (auditor.Links, auditor.Header!.Region));
        Assert.True(officer.Header!.Through >= 3, $"{officer.Header.Through}");
    }

    [Theory]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Subject)]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Marketer)]
    public async Task Nobody_else_reads_the_ledger(string role)
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(role, HttpMethod.Get, "/ledger/export", customerId: "somebody")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(role, HttpMethod.Get, "/ledger/verify", customerId: "somebody")).Status);
    }

    [Fact]
    public async Task The_chain_still_verifies_after_an_erasure_and_after_the_proofs_went()
    {
        await app.DeclareAsync("erased");
        await app.GrantAsync("erased-1", "erased");
        var (_, revoked) = await app.RevokeAsync("erased-1", "erased");
        await app.EraseAsync("erased-1", (long)revoked["version"]!);
        var (afterErasure, storedThen) = (await CheckedAsync(Roles.Officer), await VerifyAsync());

        app.Clock.Advance(TimeSpan.FromDays(3 * 366));
        await app.RestartAsync();
        var place = app.Consent.OpenSession().Key<LedgerEntry>(LedgerLink.IdOf(app.RefOf("erased-1"), 1));
        await Eventually.Is("the proofs went", async () => (await app.Consent.Store.ReadAsync([place], CancellationToken.None)).Count == 0, ConsentApp.Soon);
        var (afterAll, storedNow) = (await CheckedAsync(Roles.Officer), await VerifyAsync());

        Assert.Equal((null, null), (afterErasure.FirstWrong, afterAll.FirstWrong));
        Assert.Equal((null, null), (storedThen["firstWrong"], storedNow["firstWrong"]));
        Assert.Equal(afterErasure.Links, afterAll.Links);
        Assert.InRange(afterAll.Decisions, 0, afterErasure.Decisions - 2);
        Assert.Equal(afterAll.Links, (long)storedNow["checked"]!);
    }

    [Fact]
    public async Task Decisions_made_meanwhile_break_neither_export_nor_check()
    {
        await app.DeclareAsync("meanwhile");
        using var stop = new CancellationTokenSource();
        var deciding = Task.WhenAll(Enumerable.Range(0, 3).Select(async writer =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await app.GrantAsync($"meanwhile-{writer}-{i % 7}", "meanwhile");
                await app.RevokeAsync($"meanwhile-{writer}-{i % 7}", "meanwhile");
            }
        }));
        var exports = new List<LedgerReport>();
        for (var i = 0; i < 30 || (i < 1000 && exports[^1].Links < exports[0].Links + 30); i++)
        {
            Assert.Null((await VerifyAsync())["firstWrong"]);
            exports.Add(await CheckedAsync(Roles.Auditor));
        }

        await stop.CancelAsync();
        await deciding;

        Assert.All(exports, export => Assert.Null(export.FirstWrong));
        Assert.All(exports, export => Assert.True(export.Links >= export.Header!.Through, $"{export.Links} links are less than number {export.Header.Through}"));
        Assert.True(exports[^1].Links > exports[0].Links, "Nothing was decided meanwhile.");
    }

    [Theory]
    [InlineData("a link's commitment", 2)]
    [InlineData("a link's predecessor, with its hash made anew", 2)]
    [InlineData("a link that isn't there", 2)]
    [InlineData("the last link that isn't there", 3)]
    [InlineData("a link that nobody decided", 4)]
    [InlineData("a link in another's place", 2)]
    [InlineData("a link that is no JSON", 2)]
    [InlineData("a byte of a sealed decision", 2)]
    [InlineData("another decision, in the subject's state alone", 3)]
    [InlineData("the end of another chain in the subject's state", 3)]
    [InlineData("no state of the subject", 1)]
    public async Task What_was_changed_in_the_store_is_found_and_named(string change, long version)
    {
        // One subject before and one after, so that what is found is not merely the first or the last.
        await app.DeclareAsync("stored");
        string[] subjects = ["stored-1", "stored-2", "stored-3"];
        if (await StoredAsync<ConsentRecord>(app.RefOf(subjects[0])) is null)
        {
            foreach (var subject in subjects)
            {
                await app.GrantAsync(subject, "stored");
                await app.RevokeAsync(subject, "stored");
                await app.GrantAsync(subject, "stored");
            }
        }

        var changed = app.RefOf(subjects.OrderBy(app.RefOf, StringComparer.Ordinal).ElementAt(1));
        var (first, second, last) = (await LinkAsync(1), await LinkAsync(2), await LinkAsync(3));
        Assert.Null((await VerifyAsync())["firstWrong"]);

        Func<Task> restore = change switch
        {
            "a link's commitment" => await ReplaceAsync(second, JsonOf(second, link => link["commitment"] = new string('a', 64))),
            "a link's predecessor, with its hash made anew" => await ReplaceAsync(second, Remade(second, link => link with { Previous = new string('b', 64) })),
            "a link that isn't there" => await ReplaceAsync(second, null),
            "the last link that isn't there" => await ReplaceAsync(last, null),
            "a link that nobody decided" => await AddAsync(LedgerLink.IdOf(changed, 4), Remade(last, link => link with { Version = 4, Previous = link.Hash })),
            "a link in another's place" => await ReplaceAsync(second, first.Body.ToArray()),
            "a link that is no JSON" => await ReplaceAsync(second, "{"u8.ToArray()),
            "a byte of a sealed decision" => await ReplaceAsync((await StoredAsync<LedgerEntry>(LedgerLink.IdOf(changed, 2)))!, null, body => body[^1] ^= 1),
            "another decision, in the subject's state alone" => await ReplaceStateAsync(state => state["decisions"]![0]!["grantedAt"] = "2020-01-01T00:00:00.0000000Z"),
            "the end of another chain in the subject's state" => await ReplaceStateAsync(state => state["ledgerHash"] = new string('c', 64)),
            "no state of the subject" => await ReplaceAsync((await StoredAsync<ConsentRecord>(changed))!, null),
            _ => throw new ArgumentOutOfRangeException(nameof(change)),
        };
        var found = await VerifyAsync();
        await restore();

        Assert.Equal((changed, version), ((string?)found["firstWrong"]?["subjectRef"], (long?)found["firstWrong"]?["version"]));
        Assert.Null((await VerifyAsync())["firstWrong"]);

        async Task<StoredDocument> LinkAsync(long at) => (await StoredAsync<LedgerLink>(LedgerLink.IdOf(changed, at)))!;

        async Task<Func<Task>> ReplaceStateAsync(Action<JsonNode> edit)
        {
            var state = (await StoredAsync<ConsentRecord>(changed))!;
            return await ReplaceAsync(state, JsonOf(state, edit));
        }
    }

    [Fact]
    public async Task The_command_line_checks_an_export_without_the_server()
    {
        await app.DeclareAsync("offline");
        await app.GrantAsync("offline-1", "offline");
        var export = await ExportAsync(Roles.Officer);
        var file = Path.Combine(Path.GetTempPath(), $"ledger-{Guid.NewGuid():N}.ndjson");
        try
        {
            await File.WriteAllBytesAsync(file, export);
            var (rightExit, right) = await RunAsync("verify-ledger", file, "--keys", app.KeysDirectory);
            export[export.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, export);
            var (wrongExit, wrong) = await RunAsync("verify-ledger", file, "--keys", app.KeysDirectory);
            var (missingExit, _) = await RunAsync("verify-ledger", file + ".missing", "--keys", app.KeysDirectory);

            Assert.StartsWith("Right: ", right.Split('\n')[^1], StringComparison.Ordinal);
            Assert.StartsWith($"Wrong at line {1 + export.AsSpan(0, export.Length / 2).Count((byte)'\n')}: ", wrong.Split('\n')[^1], StringComparison.Ordinal);
            Assert.Equal((0, 1, 1), (rightExit, wrongExit, missingExit));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task The_command_line_takes_a_key_set_instead_of_the_deployments_keys()
    {
        using var ledger = new SampleLedger();
        var folder = Directory.CreateTempSubdirectory("ledger-").FullName;
        try
        {
            var (file, keys) = (Path.Combine(folder, "ledger.ndjson"), Path.Combine(folder, "jwks.json"));
            await File.WriteAllBytesAsync(file, ledger.Export(subjects: 3, decisions: 2));
            await File.WriteAllTextAsync(keys, ledger.KeySet);

            var (own, output) = await RunAsync("verify-ledger", file, "--jwks", keys);
            var (foreign, _) = await RunAsync("verify-ledger", file, "--keys", app.KeysDirectory);
            using var audits = new SampleLedger("audit-1");
            await File.WriteAllBytesAsync(file, audits.Export(subjects: 3, decisions: 2));
            await File.WriteAllTextAsync(keys, audits.KeySet);
            var (ofAnotherService, _) = await RunAsync("verify-ledger", file, "--jwks", keys);

            Assert.Equal((0, "Right: 6 links of 3 subjects, 4 of them with their decision."), (own, output.Split('\n')[^1]));
            Assert.Equal((1, 1), (foreign, ofAnotherService));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<byte[]> ExportAsync(string role)
    {
        using var client = app.As(role);
        using var response = await client.GetAsync(new Uri("/ledger/export", UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, "application/x-ndjson"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task<LedgerReport> CheckedAsync(string role)
    {
        using var export = new MemoryStream(await ExportAsync(role));
        var trusted = new TrustedKeys(Path.Combine(app.KeysDirectory, "shared", "trust.json"));
        return await new LedgerVerifier(trusted.Find).VerifyAsync(PipeReader.Create(export), CancellationToken.None);
    }

    private async Task<JsonObject> VerifyAsync()
    {
        var (status, body) = await app.SendAsync(Roles.Auditor, HttpMethod.Get, "/ledger/verify");
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    private async Task<StoredDocument?> StoredAsync<T>(string id)
        where T : class, IDocument =>
        (await app.Consent.Store.ReadAsync([app.Consent.OpenSession().Key<T>(id)], CancellationToken.None)).SingleOrDefault();

    /// <summary>Writes past the service: another body, or none.</summary>
    /// <returns>Writes the document as it was.</returns>
    private async Task<Func<Task>> ReplaceAsync(StoredDocument stored, byte[]? body, Action<byte[]>? edit = null)
    {
        if (edit is not null) edit(body = stored.Body.ToArray());
        var write = body is null
            ? DocumentWrite.Delete(stored.Key, stored.Version)
            : DocumentWrite.Put(stored.Key, stored.Version, body, stored.IsSealed, stored.Fields);
        await app.Consent.Store.WriteAsync([write], CancellationToken.None);
        return () => app.Consent.Store.WriteAsync(
            [DocumentWrite.Put(stored.Key, body is null ? 0 : stored.Version + 1, stored.Body, stored.IsSealed, stored.Fields)], CancellationToken.None);
    }

    private async Task<Func<Task>> AddAsync(string id, byte[] body)
    {
        var key = app.Consent.OpenSession().Key<LedgerLink>(id);
        await app.Consent.Store.WriteAsync([DocumentWrite.Put(key, 0, body, isSealed: false, new Dictionary<string, string> { ["place"] = id })], CancellationToken.None);
        return () => app.Consent.Store.WriteAsync([DocumentWrite.Delete(key, 1)], CancellationToken.None);
    }

    private static byte[] JsonOf(StoredDocument stored, Action<JsonNode> edit)
    {
        var json = JsonNode.Parse(stored.Body.Span)!;
        edit(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static byte[] Remade(StoredDocument stored, Func<LedgerLink, LedgerLink> edit)
    {
        var link = edit(System.Text.Json.JsonSerializer.Deserialize<LedgerLink>(stored.Body.Span, Platform.Json.Options)!);
        return System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(link with { Hash = link.ComputeHash() }, Platform.Json.Options);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "personalization.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = (await process.StandardOutput.ReadToEndAsync()).TrimEnd();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Length == 0 ? await error : output);
    }
}
