using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Retention.Domain;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class CertificateTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    private static readonly string[] Everyone = ["audit", "consent", "profile", "recommendation"];

    private MessageVerifier Verifier => new(new TrustedKeys(Path.Combine(app.KeysDirectory, "shared", "trust.json")).Find);

    [Fact]
    public async Task A_completed_case_has_a_certificate_that_verifies_with_the_public_keys_alone()
    {
        var certificate = await CertificateAsync(await CompleteAsync("anna"));

        Assert.Null(certificate.WhatIsWrong(Verifier));
        Assert.Equal(Everyone, certificate.Receipts.Select(receipt => receipt.Participant));
        Assert.Equal((app.RefOf("anna"), null), (certificate.SubjectRef, certificate.CustomerId));
    }

    [Fact]
    public async Task The_certificate_of_a_demand_names_the_customer_and_no_other_view_does()
    {
        var caseId = await DemandAsync("dasha");

        Assert.Equal("dasha", (await CertificateAsync(caseId)).CustomerId);
        Assert.DoesNotContain("dasha", (await app.CaseAsync(caseId)).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Any_change_of_it_is_noticed()
    {
        var certificate = await CertificateAsync(await CompleteAsync("boris"));
        var other = await CertificateAsync(await CompleteAsync("clara"));
        var passedOn = await CertificateAsync(await CompleteAsync("vlad", passedOnTo: "external/tickets"));
        var signer = app.Module("retention").Signer;
        ErasureCertificate[] changed =
        [
            certificate with { Signature = null },
            certificate with { CustomerId = "someone" },
            certificate with { CompletedAt = certificate.CompletedAt.AddDays(-1) },
            certificate with { Receipts = [certificate.Receipts[0] with { Residual = [] }, .. certificate.Receipts.Skip(1)] },
            app.Module("consent").Signer.Sign(certificate),

            // Signed by Retention itself, whose word alone must not be enough.
            signer.Sign(certificate with { Receipts = [.. certificate.Receipts.Skip(1)] }),
            signer.Sign(certificate with { Receipts = [other.Receipts[0], .. certificate.Receipts.Skip(1)] }),
            signer.Sign(certificate with { Receipts = [certificate.Receipts[0] with { Erased = [] }, .. certificate.Receipts.Skip(1)] }),
            signer.Sign(certificate with { MerkleRoot = other.MerkleRoot }),
            signer.Sign(certificate with { CaseId = other.CaseId }),
            signer.Sign(Rooted(passedOn with
            {
                Participants = Everyone,
                Receipts = [.. passedOn.Receipts.Where(receipt => !ExternalParticipant.Is(receipt.Participant))],
            })),
        ];

        Assert.Null(passedOn.WhatIsWrong(Verifier));
        Assert.All(changed, one => Assert.NotNull(one.WhatIsWrong(Verifier)));

        static ErasureCertificate Rooted(ErasureCertificate certificate) =>
            certificate with { MerkleRoot = Convert.ToHexStringLower(MerkleFrontier.Of(certificate.Receipts.Select(receipt => CanonicalJson.Of(receipt))).Root) };
    }

    [Fact]
    public async Task The_command_line_verifies_it_as_json_and_as_jws_and_refuses_what_was_added()
    {
        var caseId = await CompleteAsync("egor");
        var json = await BytesAsync($"/erasures/{caseId}/certificate", "application/json");
        var jws = await BytesAsync($"/erasures/{caseId}/certificate", "application/jose");
        var added = JsonNode.Parse(json)!.AsObject();
        added["note"] = "unsigned";

        Assert.Equal((0, "Right: 4 receipts"), await VerifyAsync(json));
        Assert.Equal((0, "Right: 4 receipts"), await VerifyAsync(Encoding.UTF8.GetBytes(JsonNode.Parse(json)!.ToJsonString(new() { WriteIndented = true }))));
        Assert.Equal((0, "Right: 4 receipts"), await VerifyAsync(jws));
        Assert.Equal(1, (await VerifyAsync(Encoding.UTF8.GetBytes(added.ToJsonString()))).Exit);
        jws[jws.Length / 2] = (byte)(jws[jws.Length / 2] == 'A' ? 'B' : 'A');
        Assert.Equal(1, (await VerifyAsync(jws)).Exit);
    }

    [Theory]
    [InlineData("ru", "text/html")]
    [InlineData("ru", "application/pdf")]
    [InlineData("en", "text/html")]
    [InlineData("en", "application/pdf")]
    public async Task The_act_and_the_log_hold_every_field_of_order_179(string language, string form)
    {
        var caseId = await DemandAsync("fedor");
        var certificate = await CertificateAsync(caseId);
        var text = await TextAsync($"/erasures/{caseId}/certificate?language={language}", form);

        Assert.All(Labels(language), label => Assert.Contains(label, text, StringComparison.Ordinal));
        string[] values = ["Example LLC", "1 Example Street", "fedor", certificate.SubjectRef, "viewing", "Personalization", "152", certificate.CompletedAt.Year.ToString(CultureInfo.InvariantCulture)];
        Assert.All(values, value => Assert.Contains(value, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_act_of_a_day_lists_its_cases()
    {
        var caseId = await DemandAsync("galya");
        var day = (await CertificateAsync(caseId)).CompletedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var act = JsonNode.Parse(await BytesAsync($"/erasures/act?day={day}", "application/json"))!;
        var empty = JsonNode.Parse(await BytesAsync("/erasures/act?day=2020-01-01", "application/json"))!;
        var text = await TextAsync($"/erasures/act?day={day}", "application/pdf");

        var entry = Assert.Single(act["entries"]!.AsArray(), entry => (string)entry!["caseId"]! == caseId)!;
        Assert.Equal(("galya", "viewing", "requested"), ((string)entry["customerId"]!, (string)entry["categories"]![0]!, (string)entry["reason"]!));
        Assert.Empty(empty["entries"]!.AsArray());

        // Narrow columns break it.
        Assert.Contains(caseId, string.Concat(text.Where(letter => !char.IsWhiteSpace(letter))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ru", "истёк срок хранения")]
    [InlineData("en", "retention period over")]
    public async Task What_retention_rules_ended_is_in_the_act_of_the_day(string language, string reason)
    {
        var day = new DateTimeOffset(2026, 2, language == "ru" ? 3 : 13, 12, 0, 0, TimeSpan.Zero);
        var subjectRef = app.RefOf($"expired-{language}");
        foreach (var (category, hours) in new[] { ("viewing", 0), ("contact", 1), ("viewing", 12) }) await ExpireAsync(category, day.AddHours(hours));
        var act = await Eventually.Is(
            "both are in the act", async () => JsonNode.Parse(await BytesAsync($"/erasures/act?day={day:yyyy-MM-dd}", "application/json"))!,
            act => act["entries"]!.AsArray() is [{ } line] && line["categories"]!.AsArray().Count == 2, RetentionApp.Soon);
        var next = JsonNode.Parse(await BytesAsync($"/erasures/act?day={day.AddDays(1):yyyy-MM-dd}", "application/json"))!;
        var text = await TextAsync($"/erasures/act?day={day:yyyy-MM-dd}&language={language}", "text/html");

        var entry = Assert.Single(act["entries"]!.AsArray())!;
        Assert.Equal((subjectRef, "termEnded", null, null), ((string?)entry["subjectRef"], (string?)entry["reason"], (string?)entry["caseId"], (string?)entry["customerId"]));
        Assert.Equal(day.AddHours(1), entry["completedAt"]!.GetValue<DateTimeOffset>());
        Assert.Contains(next["entries"]!.AsArray(), line => (string?)line!["subjectRef"] == subjectRef);
        Assert.NotEqual((string?)act["merkleRoot"], (string?)next["merkleRoot"]);
        Assert.Contains(subjectRef, text, StringComparison.Ordinal);
        Assert.Contains(reason, text, StringComparison.Ordinal);

        Task ExpireAsync(string category, DateTimeOffset at) => app.PublishAsync("profile", app.Module("profile").Signer.Sign(new SubjectDataExpired
        {
            SubjectRef = subjectRef,
            Epoch = 1,
            Version = 1,
            Participant = "profile",
            ErasedAt = at,
            RulesVersion = 1,
            Erased = [new ErasedData { Store = "profile_data", Category = category, Count = 2, Method = "erased" }],
        }));
    }

    [Fact]
    public async Task An_open_case_and_an_unknown_one_have_none()
    {
        var open = await app.RevokeAsync("zina");
        await app.UntilAsync(open, _ => true);

        Assert.Equal(HttpStatusCode.Conflict, await StatusAsync($"/erasures/{open}/certificate", Roles.Officer));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/erasures/er_unknown/certificate", Roles.Officer));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync($"/erasures/{open}/certificate", Roles.Product));
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync($"/erasures/{open}/certificate?language=de", Roles.Officer));
    }

    [Fact]
    public async Task After_three_years_the_case_its_certificate_and_their_key_are_gone_and_younger_ones_stay()
    {
        var certificate = await CertificateAsync(await CompleteAsync("ivan"));
        var module = app.Module("retention");
        var session = module.OpenSession();
        var closed = (await session.LoadAsync<ErasureCase>(certificate.CaseId, CancellationToken.None))!;
        var (old, young) = (closed with { Version = 901, CompletedAt = TimeProvider.System.GetUtcNow().AddYears(-3).AddMinutes(-1) }, closed with { Version = 902 });
        foreach (var one in new[] { old, young })
        {
            session.Store(one);
            session.Store(certificate with { CaseId = one.Id, Version = one.Version, CompletedAt = one.CompletedAt!.Value });
        }

        await session.CommitAsync(CancellationToken.None);
        await app.RestartAsync();
        await Eventually.Is("the old one is forgotten", () => StatusAsync($"/erasures/{old.Id}", Roles.Officer), status => status == HttpStatusCode.NotFound, RetentionApp.Soon);
        await Eventually.Is(
            "its key is destroyed", async () => await app.Module("retention").Keys.IsDestroyedAsync(old.DataKey!.Value, CancellationToken.None), gone => gone, RetentionApp.Soon);

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync($"/erasures/{old.Id}/certificate", Roles.Officer));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync($"/erasures/{young.Id}/certificate", Roles.Officer));
        Assert.False(await app.Module("retention").Keys.IsDestroyedAsync(young.DataKey!.Value, CancellationToken.None));
    }

    private static string[] Labels(string language) => language == "ru"
        ? ["Наименование (а)", "Адрес (а)", "по поручению (б)", "Идентификатор клиента (в)", "Уничтожил (г)", "Категории данных (д)", "Материальные носители (е)", "Информационная система (ж)",
            "Способ (з)", "Причина (и)", "Дата уничтожения (к)", "Выгрузка из журнала", "Субъект (а)", "Категории (б)", "Система (в)", "Причина (г)", "Дата (д)"]
        : ["Name (а)", "Address (а)", "for the operator (б)", "Customer id (в)", "Destroyed by (г)", "Categories of data (д)", "Paper carriers (е)", "Information system (ж)",
            "Method (з)", "Reason (и)", "Date of destruction (к)", "Export of the event log", "Person (а)", "Categories (б)", "System (в)", "Reason (г)", "Date (д)"];

    private async Task<string> CompleteAsync(string customerId, string? passedOnTo = null)
    {
        var caseId = await app.RevokeAsync(customerId);
        if (passedOnTo is not null)
        {
            await app.AnswerAsync(caseId, "profile", passedOnTo: [passedOnTo]);
            await app.UntilAsync(caseId, view => view["awaiting"]!.AsArray().Any(awaited => (string)awaited! == passedOnTo));
            await app.AnswerAsync(caseId, passedOnTo, signedBy: "profile");
        }

        await AnswerAllAsync(caseId, Everyone.Where(participant => passedOnTo is null || participant != "profile"));
        return caseId;
    }

    private async Task<string> DemandAsync(string customerId)
    {
        app.Around.Revoke = _ => Results.Json(new { version = 0, epoch = 0 });
        var caseId = ErasureCaseId.Of(app.RefOf(customerId), 0);
        using var content = new StringContent($$"""{"customerId":"{{customerId}}"}""", Encoding.UTF8, "application/json");
        using var response = await app.As(Roles.Product).PostAsync(new Uri("/erasures", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await AnswerAllAsync(caseId);
        return caseId;
    }

    private async Task AnswerAllAsync(string caseId, IEnumerable<string>? participants = null)
    {
        foreach (var participant in participants ?? Everyone) await app.AnswerAsync(caseId, participant);
        await app.UntilAsync(caseId, view => (string)view["state"]! == "completed");
    }

    private async Task<ErasureCertificate> CertificateAsync(string caseId) => ErasureCertificate.Read(await BytesAsync($"/erasures/{caseId}/certificate", "application/json"));

    private async Task<HttpStatusCode> StatusAsync(string path, string role)
    {
        using var response = await app.As(role).GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    private async Task<string> TextAsync(string path, string form)
    {
        var body = await BytesAsync(path, form);
        return form == "application/pdf" ? PdfText.Of(body) : WebUtility.HtmlDecode(Encoding.UTF8.GetString(body));
    }

    private async Task<byte[]> BytesAsync(string path, string form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue(form) } } };
        using var response = await app.As(Roles.Officer).SendAsync(request);
        Assert.Equal((HttpStatusCode.OK, form), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        return await response.Content.ReadAsByteArrayAsync();
    }

    private async Task<(int Exit, string Start)> VerifyAsync(byte[] certificate)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, certificate);
            var result = await CommandLine.RunAsync(
                TimeSpan.FromSeconds(30), null, new Dictionary<string, string?>(), "dotnet",
                Path.Combine(AppContext.BaseDirectory, "personalization.dll"), "verify-certificate", file, "--keys", app.KeysDirectory);
            return (result.ExitCode, string.Join(' ', result.Output.Trim().Split('\n')[^1].Split(' ').Take(3)));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
