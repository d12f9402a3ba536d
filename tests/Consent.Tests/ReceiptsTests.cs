using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class ReceiptsTests(ConsentApp app) : IClassFixture<ConsentApp>
{
    private const string Record = "application/json";
    private const string Signed = "application/jose";

    // ISO/IEC TS 27560:2023, the mandatory fields.
    private static readonly string[] OfHeader = ["schema_version", "record_id", "receipt_id", "pii_principal_id"];

    private static readonly string[] OfProcessing =
    [
        "privacy_notice", "language", "purpose", "pii_information", "pii_controllers", "storage_locations", "retention_period", "jurisdiction", "recipient_third_parties", "withdrawal_method",
    ];

    private static readonly string[] OfParty = ["party_id", "party_name", "party_address", "party_contact", "party_type"];
    private static readonly string[] OfEvent = ["event_time", "validity_duration", "entity_id", "event_type", "event_state"];

    [Fact]
    public async Task A_grant_has_every_field_of_the_standard()
    {
        await app.DeclareAsync("r-granted", new { validDays = 365 });
        var id = IdOf(await app.GrantAsync("r-granted-person", "r-granted", ["viewing"]));

        var record = await RecordAsync("r-granted-person", id);

        AssertComplete(record, app.RefOf("r-granted-person"), id, "r-granted");
        Assert.Equal(["given viewing P365D", "refused opinion P0D"], EventsOf(record));
        Assert.Equal(["viewing granted", "opinion denied"], StatesOf(record));
    }

    [Fact]
    public async Task A_refusal_has_every_field_of_the_standard()
    {
        await app.DeclareAsync("r-denied");
        var id = IdOf(await app.DenyAsync("r-denied-person", "r-denied"));

        var record = await RecordAsync("r-denied-person", id);

        AssertComplete(record, app.RefOf("r-denied-person"), id, "r-denied");
        Assert.Equal(["refused opinion,viewing P0D"], EventsOf(record));
    }

    [Fact]
    public async Task A_withdrawal_keeps_what_was_there_before_and_the_notice_it_was_agreed_to()
    {
        await app.DeclareAsync("r-revoked");
        await app.DenyAsync("r-revoked-person", "r-revoked");
        await app.GrantAsync("r-revoked-person", "r-revoked");
        await app.DeclareAsync("r-revoked", text: "Another text.");
        var id = IdOf(await app.RevokeAsync("r-revoked-person", "r-revoked"));

        var record = await RecordAsync("r-revoked-person", id);

        AssertComplete(record, app.RefOf("r-revoked-person"), id, "r-revoked");
        Assert.Equal(["refused opinion,viewing P0D", "given opinion,viewing until_withdrawn", "withdrawn opinion,viewing P0D"], EventsOf(record));
        Assert.Equal((1, "en"), ((int)Only(record)["privacy_notice"]!["version"]!, (string?)Only(record)["language"]));
        Assert.Contains("We use what you watch.", (string?)Only(record)["privacy_notice"]!["text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fewer_categories_are_a_withdrawal_of_the_rest()
    {
        await app.DeclareAsync("r-narrowed");
        await app.GrantAsync("r-narrowed-person", "r-narrowed");
        var id = IdOf(await app.GrantAsync("r-narrowed-person", "r-narrowed", ["viewing"]));

        Assert.Equal(["given opinion,viewing until_withdrawn", "withdrawn opinion P0D"], EventsOf(await RecordAsync("r-narrowed-person", id)));
    }

    [Fact]
    public async Task Agreeing_to_a_new_notice_reaffirms()
    {
        await app.DeclareAsync("r-renewed");
        await app.GrantAsync("r-renewed-person", "r-renewed");
        await app.DeclareAsync("r-renewed", text: "The same in other words, and more.");
        var id = IdOf(await app.GrantAsync("r-renewed-person", "r-renewed", noticeVersion: 2));

        var record = await RecordAsync("r-renewed-person", id);

        AssertComplete(record, app.RefOf("r-renewed-person"), id, "r-renewed");
        Assert.Equal(["given opinion,viewing until_withdrawn", "reaffirmed opinion,viewing until_withdrawn"], EventsOf(record));
        Assert.Equal(2, (int)Only(record)["privacy_notice"]!["version"]!);
    }

    [Fact]
    public async Task What_ended_by_itself_says_whether_its_time_was_over_or_its_terms_had_changed()
    {
        await app.DeclareAsync("r-expiring", new { validDays = 1 });
        await app.DeclareAsync("r-lapsing", new { onMaterialChange = "lapse", renewWithinDays = 1 });
        await app.GrantAsync("r-ending-person", "r-expiring");
        await app.GrantAsync("r-ending-person", "r-lapsing");
        await app.DeclareAsync("r-lapsing", new { onMaterialChange = "lapse", renewWithinDays = 1 }, text: "Something else.");
        await Eventually.Is("the person is asked", () => Task.FromResult(app.Around.Renewals.Any(renewal => renewal.Purpose == "r-lapsing")), ConsentApp.Soon);
        app.Clock.Advance(TimeSpan.FromDays(2));
        var history = await Eventually.Is("both ended", () => app.HistoryAsync("r-ending-person"), entries => entries.Length == 3, ConsentApp.Soon);
        var id = (string)history[^1]["receiptId"]!;

        var record = await RecordAsync("r-ending-person", id);

        AssertComplete(record, app.RefOf("r-ending-person"), id, "r-expiring", "r-lapsing");
        Assert.Equal(["given opinion,viewing P1D", "expired opinion,viewing P0D"], EventsOf(record));
        Assert.Equal(["given opinion,viewing until_withdrawn", "invalidated opinion,viewing P0D"], EventsOf(record, 1));
        Assert.Equal("example-controller", (string?)record["processing"]![1]!["events"]![1]!["entity_id"]);
        Assert.Equal(1, (int)record["processing"]![1]!["privacy_notice"]!["version"]!);
    }

    [Fact]
    public async Task A_history_is_read_from_its_newest_end_too_page_by_page()
    {
        await app.DeclareAsync("r-often");
        for (var i = 0; i < 4; i++) await (i % 2 == 0 ? app.GrantAsync("r-often-person", "r-often") : app.RevokeAsync("r-often-person", "r-often"));
        var oldestFirst = (await app.HistoryAsync("r-often-person")).Select(entry => (long)entry["version"]!).ToArray();

        var pages = new List<long[]>();
        for (var before = "9223372036854775807"; before is not null;)
        {
            var page = (await app.SendAsync(Roles.Subject, HttpMethod.Get, $"/consents/r-often-person/history?before={before}&limit=3", customerId: "r-often-person")).Body;
            pages.Add([.. page["items"]!.AsArray().Select(entry => (long)entry!["version"]!)]);
            before = (string?)page["next"];
        }

        Assert.Equal([1, 2, 3, 4], oldestFirst);
        Assert.Equal([[4, 3, 2], [1]], pages);
    }

    [Fact]
    public async Task Revoking_everything_is_one_receipt_with_each_purpose_apart()
    {
        await app.DeclareAsync("r-all-one", new { recipients = new[] { "A partner" }, processors = new[] { "A host" } });
        await app.DeclareAsync("r-all-two");
        await app.GrantAsync("r-all-person", "r-all-one");
        await app.GrantAsync("r-all-person", "r-all-two", ["viewing"]);
        var id = IdOf(await app.RevokeAsync("r-all-person"));

        var record = await RecordAsync("r-all-person", id);

        AssertComplete(record, app.RefOf("r-all-person"), id, "r-all-one", "r-all-two");
        Assert.Equal(["A partner recipient", "A host processor"], Only(record)["recipient_third_parties"]!.AsArray().Select(party => $"{party!["party_name"]} {party["party_role"]}"));
        Assert.Equal(["given viewing until_withdrawn", "refused opinion P0D", "withdrawn viewing P0D"], EventsOf(record, 1));
    }

    [Fact]
    public async Task A_notice_that_was_shown_is_told_before_the_decision_on_it()
    {
        await app.DeclareAsync("r-served");
        var (_, served) = await app.SendAsync(Roles.Product, HttpMethod.Post, "/purposes/r-served/served", new { noticeVersion = 1, language = "en", channel = "web" });
        var id = IdOf(await app.GrantAsync("r-served-person", "r-served", more: new { servedNoticeId = (string)served["servedNoticeId"]! }));

        var record = await RecordAsync("r-served-person", id);

        AssertComplete(record, app.RefOf("r-served-person"), id, "r-served");
        Assert.Equal(["requested opinion,viewing P0D", "given opinion,viewing until_withdrawn"], EventsOf(record));
        Assert.Equal((string?)served["servedAt"], (string?)Only(record)["events"]![0]!["event_time"]);
        Assert.Equal((string?)served["servedNoticeId"], (string?)Only(record)["events"]![1]!["served_notice_id"]);
    }

    [Fact]
    public async Task What_a_browser_refused_names_the_notice_that_was_in_force_then()
    {
        await app.DeclareAsync("r-shared", new { type = "sharing" });
        await app.DeclareAsync("r-shared", new { type = "sharing" }, text: "Another text.");
        var id = IdOf(await app.SendAsync(Roles.Product, HttpMethod.Post, "/consents/r-shared-person/signals/gpc"));
        await app.DeclareAsync("r-shared", new { type = "sharing" }, text: "A third text.");

        var record = await RecordAsync("r-shared-person", id);

        AssertComplete(record, app.RefOf("r-shared-person"), id, "r-shared");
        Assert.Equal(["refused opinion,viewing P0D"], EventsOf(record));
        Assert.Equal((2, "gpc"), ((int)Only(record)["privacy_notice"]!["version"]!, (string?)Only(record)["events"]![0]!["channel"]));
    }

    [Fact]
    public async Task A_withdrawal_on_paper_tells_when_it_was_received_and_where_the_paper_is()
    {
        await app.DeclareAsync("r-paper");
        await app.GrantAsync("r-paper-person", "r-paper");
        var receivedAt = app.Clock.GetUtcNow().AddDays(-1);
        var id = IdOf(await app.SendAsync(Roles.Officer, HttpMethod.Post, "/consents/r-paper-person/withdrawals", new { channel = "paper", evidence = "letter-17", receivedAt, purpose = "r-paper" }));

        var happened = Only(await RecordAsync("r-paper-person", id))["events"]![1]!;

        Assert.Equal((receivedAt, "paper", "letter-17"), (happened["event_time"]!.GetValue<DateTimeOffset>(), (string?)happened["channel"], (string?)happened["evidence"]));
        Assert.True(happened["recorded_at"]!.GetValue<DateTimeOffset>() > receivedAt);
    }

    [Fact]
    public async Task It_says_how_long_data_are_kept_by_the_rules_in_force_with_the_decision()
    {
        await app.DeclareAsync("r-kept");
        var before = IdOf(await app.GrantAsync("r-kept-person", "r-kept", ["viewing"]));
        await AdoptAsync(1, new RetentionRule { Purpose = "r-kept", Category = "viewing", KeepDays = 180 });
        var under = IdOf(await app.GrantAsync("r-kept-person", "r-kept"));
        await AdoptAsync(2, new RetentionRule { Purpose = "r-kept", Category = "viewing", KeepDays = 30 });
        await AdoptAsync(1, new RetentionRule { Purpose = "r-kept", Category = "viewing", KeepDays = 7 });
        var after = IdOf(await app.RevokeAsync("r-kept-person", "r-kept"));

        Assert.Equal(["P0D", "P0D"], await PeriodsAsync(before));
        Assert.Equal(["P0D", "P180D"], await PeriodsAsync(under));
        Assert.Equal(["P0D", "P30D"], await PeriodsAsync(after));

        async Task<string[]> PeriodsAsync(string id) =>
            [.. Only(await RecordAsync("r-kept-person", id))["retention_period"]!.AsArray().OrderBy(period => (string?)period!["pii_type"]).Select(period => (string)period!["duration"]!)];

        async Task AdoptAsync(long version, params RetentionRule[] rules)
        {
            await app.PublishAsync("retention", new RetentionRulesChanged { Version = version, Rules = rules });
            await Eventually.Is(
                "the rules are adopted", async () => (await app.Consent.OpenSession().LoadAsync<Domain.RetentionPeriods>(Domain.RetentionPeriods.Only, CancellationToken.None))?.Version >= version,
                ConsentApp.Soon);
        }
    }

    [Fact]
    public async Task It_stays_the_same_to_the_last_byte_whatever_is_declared_or_decided_later()
    {
        await app.DeclareAsync("r-same", new { recipients = new[] { "A partner" } });
        var id = IdOf(await app.GrantAsync("r-same-person", "r-same"));
        var before = await RecordAsync("r-same-person", id);

        await app.DeclareAsync("r-same", new { categories = new[] { "viewing" }, jurisdictions = new[] { "DE" } }, text: "Another text.");
        await app.RevokeAsync("r-same-person");

        Assert.Equal(before.ToJsonString(), (await RecordAsync("r-same-person", id)).ToJsonString());
    }

    [Fact]
    public async Task Somebody_with_the_receipt_and_the_key_set_alone_can_verify_it()
    {
        await app.DeclareAsync("r-signed");
        var id = IdOf(await app.GrantAsync("r-signed-person", "r-signed"));
        var (_, receipt) = await GetAsync("r-signed-person", id, Signed);
        var directory = Directory.CreateTempSubdirectory("receipt-").FullName;
        var (keys, jws) = (Path.Combine(directory, "jwks.json"), Path.Combine(directory, "receipt.jws"));
        await File.WriteAllTextAsync(keys, await KeySetAsync(app));
        await File.WriteAllBytesAsync(jws, receipt);

        var (code, said) = await ReadElsewhereAsync(keys, jws);
        var parts = Text(receipt).Split('.');
        parts[1] = Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("\"given\"", "\"asked\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(jws, string.Join('.', parts));
        var (codeOfChanged, saidOfChanged) = await ReadElsewhereAsync(keys, jws);
        Directory.Delete(directory, recursive: true);

        Assert.Equal((await RecordAsync("r-signed-person", id)).ToJsonString(), JsonNode.Parse(said)!.ToJsonString());
        Assert.Equal(0, code);
        Assert.Equal((1, "SecurityTokenInvalidSignatureException"), (codeOfChanged, saidOfChanged.Trim()));
    }

    [Fact]
    public async Task Its_header_names_algorithm_key_and_kind()
    {
        await app.DeclareAsync("r-header");
        var id = IdOf(await app.GrantAsync("r-header-person", "r-header"));

        var token = new JsonWebToken(Encoding.ASCII.GetString((await GetAsync("r-header-person", id, Signed)).Body));

        Assert.Equal(("ES256", "consent-1", "consent-receipt+jws"), (token.Alg, token.Kid, token.Typ));
    }

    [Fact]
    public async Task A_changed_byte_anywhere_fails()
    {
        await app.DeclareAsync("r-changed");
        var id = IdOf(await app.GrantAsync("r-changed-person", "r-changed"));
        var (_, receipt) = await GetAsync("r-changed-person", id, Signed);
        var keys = await KeySetAsync(app);

        var accepted = new List<int>();
        // Not the last digit of a part: some of its bits mean nothing in base64url.
        for (var i = 0; i < receipt.Length; i += 7)
        {
            if (receipt[i] == '.' || i + 1 == receipt.Length || receipt[i + 1] == '.') continue;
            var changed = receipt.ToArray();
            changed[i] = (byte)(changed[i] == 'A' ? 'B' : 'A');
            if (await IsValidAsync(keys, changed)) accepted.Add(i);
        }

        Assert.True(await IsValidAsync(keys, receipt));
        Assert.Empty(accepted);
    }

    [Fact]
    public async Task The_key_set_is_of_all_services_and_not_of_the_token_issuer()
    {
        using var client = app.AsNobody();
        using var response = await client.GetAsync(new Uri("/.well-known/jwks.json", UriKind.Relative));
        var keys = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["keys"]!.AsArray();

        Assert.Equal(["consent-1", "profile-1", "recommendation-1", "retention-1"], keys.Select(key => (string)key!["kid"]!));
        Assert.All(keys, key => Assert.Equal(("EC", "P-256", "ES256", "sig"), ((string)key!["kty"]!, (string)key["crv"]!, (string)key["alg"]!, (string)key["use"]!)));
        Assert.All(keys, key => Assert.Null(key!["d"]));
        Assert.Equal("public, max-age=300", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task A_receipt_signed_by_a_key_of_the_past_still_verifies()
    {
        var rotating = new ConsentApp();
        await rotating.InitializeAsync();
        try
        {
            await rotating.DeclareAsync("rotated");
            var id = IdOf(await rotating.GrantAsync("rotated-person", "rotated"));
            var (_, old) = await GetAsync(rotating, "rotated-person", id, Signed);
            var signing = Path.Combine(rotating.KeysDirectory, "consent", "signing");
            using (var next = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256))
                await File.WriteAllTextAsync(Path.Combine(signing, "consent-2.pem"), next.ExportPkcs8PrivateKeyPem());

            await rotating.RestartAsync();
            File.Delete(Path.Combine(signing, "consent-1.pem"));
            await rotating.RestartAsync();
            var (_, current) = await GetAsync(rotating, "rotated-person", id, Signed);
            var keys = await KeySetAsync(rotating);

            Assert.Equal(("consent-1", "consent-2"), (new JsonWebToken(Encoding.ASCII.GetString(old)).Kid, new JsonWebToken(Encoding.ASCII.GetString(current)).Kid));
            Assert.True(await IsValidAsync(keys, old));
            Assert.True(await IsValidAsync(keys, current));
            Assert.Equal(new JsonWebToken(Encoding.ASCII.GetString(old)).EncodedPayload, new JsonWebToken(Encoding.ASCII.GetString(current)).EncodedPayload);
        }
        finally
        {
            await rotating.DisposeAsync();
        }
    }

    [Fact]
    public async Task After_an_erasure_the_officer_can_still_open_it()
    {
        await app.DeclareAsync("r-erased");
        var granted = IdOf(await app.GrantAsync("r-erased-person", "r-erased"));
        var before = await RecordAsync("r-erased-person", granted);
        var (_, revoked) = await app.RevokeAsync("r-erased-person");
        await app.EraseAsync("r-erased-person", (long)revoked["version"]!);

        var after = await RecordAsync("r-erased-person", granted);
        var last = await RecordAsync("r-erased-person", (string)revoked["receiptId"]!);
        var (pdf, _) = await GetAsync("r-erased-person", granted, "application/pdf");

        Assert.Equal(before.ToJsonString(), after.ToJsonString());
        Assert.Equal(["given opinion,viewing until_withdrawn", "withdrawn opinion,viewing P0D"], EventsOf(last));
        Assert.Equal(HttpStatusCode.OK, pdf);
    }

    [Fact]
    public async Task Once_its_proof_is_gone_there_is_no_receipt()
    {
        var old = new ConsentApp();
        await old.InitializeAsync();
        try
        {
            await old.DeclareAsync("forgotten");
            var granted = IdOf(await old.GrantAsync("forgotten-person", "forgotten"));
            var (_, revoked) = await old.RevokeAsync("forgotten-person");
            await old.EraseAsync("forgotten-person", (long)revoked["version"]!);
            old.Clock.Advance(TimeSpan.FromDays(3 * 366));
            await old.RestartAsync();

            await Eventually.Is("the proof is forgotten", async () => (await GetAsync(old, "forgotten-person", granted, Record)).Status == HttpStatusCode.NotFound, ConsentApp.Soon);
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(old, "forgotten-person", (string)revoked["receiptId"]!, Record)).Status);
        }
        finally
        {
            await old.DisposeAsync();
        }
    }

    [Fact]
    public async Task Somebody_elses_receipt_looks_like_none()
    {
        await app.DeclareAsync("r-own");
        var id = IdOf(await app.GrantAsync("r-own-person", "r-own"));
        await app.GrantAsync("r-own-other", "r-own");

        var (own, _) = await GetAsync("r-own-person", id, Record, Roles.Subject);
        using var stranger = app.As(Roles.Subject, "r-own-other");
        using var forbidden = await stranger.GetAsync(new Uri($"/consents/r-own-person/receipts/{id}", UriKind.Relative));
        var (others, othersBody) = await GetAsync("r-own-other", id, Record, Roles.Product);
        var (none, noneBody) = await GetAsync("r-own-other", "rc_none", Record, Roles.Product);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.NotFound), (own, forbidden.StatusCode, others, none));
        Assert.Equal(Said(noneBody), Said(othersBody));
        Assert.DoesNotContain(id, Text(othersBody), StringComparison.Ordinal);

        static string Said(byte[] problem)
        {
            var members = JsonNode.Parse(problem)!.AsObject();
            Assert.True(members.Remove("traceId"));
            return members.ToJsonString();
        }
    }

    [Theory]
    [InlineData(Roles.Operator)]
    [InlineData(Roles.Marketer)]
    [InlineData(Roles.Auditor)]
    public async Task Nobody_else_reads_receipts(string role) => Assert.Equal(HttpStatusCode.Forbidden, (await GetAsync("somebody", "rc_any", Record, role)).Status);

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/jose", "application/jose")]
    [InlineData("application/pdf", "application/pdf")]
    [InlineData("text/html", "text/html; charset=utf-8")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8")]
    [InlineData("application/json;q=0.1, application/pdf;q=0.5, text/xml", "application/pdf")]
    [InlineData("*/*;q=0.5, application/json;q=0", "application/jose")]
    [InlineData("application/xml", null)]
    [InlineData("text/plain, application/json;q=0", null)]
    [InlineData("not a header", null)]
    public async Task The_caller_chooses_the_form(string? accept, string? contentType)
    {
        await app.DeclareAsync("r-forms");
        var id = (await app.GrantAsync("r-forms-person", "r-forms")).Body["receiptId"] is { } granted
            ? (string)granted!
            : (string)(await app.HistoryAsync("r-forms-person"))[0]["receiptId"]!;

        using var client = app.As(Roles.Officer);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/consents/r-forms-person/receipts/{id}", UriKind.Relative));
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await client.SendAsync(request);

        Assert.Equal(contentType is null ? HttpStatusCode.NotAcceptable : HttpStatusCode.OK, response.StatusCode);
        if (contentType is null) Assert.Equal("not-acceptable", ConsentApp.Slug(JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject()));
        else Assert.Equal((contentType, "Accept"), (response.Content.Headers.ContentType!.ToString(), response.Headers.Vary.Single()));
    }

    [Fact]
    public async Task No_form_of_it_holds_the_customer_id()
    {
        await app.DeclareAsync("r-pseudonymous");
        var id = IdOf(await app.GrantAsync("customer-4711-of-the-shop", "r-pseudonymous"));

        foreach (var form in new[] { Record, Signed, "text/html", "application/pdf" })
        {
            var (_, body) = await GetAsync("customer-4711-of-the-shop", id, form);
            var said = form switch
            {
                Signed => Base64UrlEncoder.Decode(new JsonWebToken(Text(body)).EncodedPayload),
                "application/pdf" => PdfText.Of(body) + Encoding.Latin1.GetString(body),
                _ => Text(body),
            };
            Assert.Contains(app.RefOf("customer-4711-of-the-shop"), said.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.DoesNotContain("4711", said, StringComparison.Ordinal);
        }
    }

    private static async Task<(int Code, string Said)> ReadElsewhereAsync(string keys, string receipt)
    {
        // An empty environment in another directory: it can know nothing but its two arguments.
        var start = new ProcessStartInfo(Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Personalization.ReceiptReader.dll"), keys, receipt },
            WorkingDirectory = Path.GetDirectoryName(keys)!,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Clear();
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { } root) start.Environment["DOTNET_ROOT"] = root;
        using var reader = Process.Start(start)!;
        var (said, wrong) = (reader.StandardOutput.ReadToEndAsync(), reader.StandardError.ReadToEndAsync());
        await reader.WaitForExitAsync();
        return (reader.ExitCode, await said + await wrong);
    }

    private static async Task<bool> IsValidAsync(string keys, byte[] receipt) => (await new JsonWebTokenHandler().ValidateTokenAsync(Text(receipt), new TokenValidationParameters
    {
        IssuerSigningKeys = new JsonWebKeySet(keys).GetSigningKeys(),
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
        ValidTypes = ["consent-receipt+jws"],
        RequireExpirationTime = false,
        ValidateAudience = false,
        ValidateIssuer = false,
        ValidateLifetime = false,
    })).IsValid;

    private static async Task<string> KeySetAsync(ConsentApp app)
    {
        using var client = app.AsNobody();
        return await client.GetStringAsync(new Uri("/.well-known/jwks.json", UriKind.Relative));
    }

    private static void AssertComplete(JsonObject record, string subjectRef, string id, params string[] purposes)
    {
        AssertHas(record, OfHeader);
        Assert.Equal((subjectRef, id), ((string?)record["pii_principal_id"], (string?)record["receipt_id"]));
        Assert.Equal(purposes, record["processing"]!.AsArray().Select(processing => (string)processing!["purpose"]!));
        foreach (var processing in record["processing"]!.AsArray().Select(processing => processing!.AsObject()))
        {
            AssertHas(processing, OfProcessing);
            Assert.All(processing["pii_information"]!.AsArray(), pii => AssertHas(pii!.AsObject(), "pii_type"));
            Assert.NotEmpty(processing["pii_information"]!.AsArray());
            Assert.Equal(processing["pii_information"]!.AsArray().Select(pii => (string?)pii!["pii_type"]), processing["retention_period"]!.AsArray().Select(kept => (string?)kept!["pii_type"]));
            AssertHas(Assert.Single(processing["pii_controllers"]!.AsArray())!.AsObject(), OfParty);
            AssertHas(processing["authority_party"]!.AsObject(), OfParty);
            AssertHas(processing["withdrawal_method"]!.AsObject(), "endpoint", "page");
            Assert.NotEmpty(processing["storage_locations"]!.AsArray());
            Assert.NotEmpty(processing["jurisdiction"]!.AsArray());
            Assert.All(processing["events"]!.AsArray(), happened => AssertHas(happened!.AsObject(), OfEvent));
            Assert.Equal(id, (string?)processing["events"]!.AsArray()[^1]!["receipt_id"]);
        }
    }

    private static void AssertHas(JsonObject part, params string[] fields) => Assert.All(fields, field => Assert.False(part[field] is null || part[field]!.ToJsonString() == "\"\"", field));

    private static string[] EventsOf(JsonObject record, int processing = 0) =>
        [.. record["processing"]![processing]!["events"]!.AsArray().Select(happened =>
            $"{happened!["event_state"]} {string.Join(',', happened["pii_types"]!.AsArray().Select(type => (string)type!).Order())} {happened["validity_duration"]}")];

    private static IEnumerable<string> StatesOf(JsonObject record) => Only(record)["pii_information"]!.AsArray().Select(pii => $"{pii!["pii_type"]} {pii["state"]}");

    private static JsonObject Only(JsonObject record) => record["processing"]![0]!.AsObject();

    private static string IdOf((HttpStatusCode Status, JsonObject Body) answer) => (string)answer.Body["receiptId"]!;

    private static string Text(byte[] body) => Encoding.UTF8.GetString(body);

    private async Task<JsonObject> RecordAsync(string customerId, string id)
    {
        var (status, body) = await GetAsync(customerId, id, Record);
        return status == HttpStatusCode.OK ? JsonNode.Parse(body)!.AsObject() : throw new InvalidOperationException($"The receipt was answered with {status}: {Text(body)}");
    }

    private Task<(HttpStatusCode Status, byte[] Body)> GetAsync(string customerId, string id, string accept, string role = Roles.Officer) => GetAsync(app, customerId, id, accept, role);

    private static async Task<(HttpStatusCode Status, byte[] Body)> GetAsync(ConsentApp app, string customerId, string id, string accept, string role = Roles.Officer)
    {
        using var client = app.As(role, role == Roles.Subject ? customerId : null);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"/consents/{customerId}/receipts/{id}", UriKind.Relative)) { Headers = { { "Accept", accept } } };
        using var response = await client.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync());
    }
}
