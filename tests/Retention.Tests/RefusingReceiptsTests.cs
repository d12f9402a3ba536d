using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class RefusingReceiptsTests(RetentionApp app) : IClassFixture<RetentionApp>
{
    [Fact]
    public Task One_without_a_signature_is_refused() => IsRefusedAsync("anna", "unsigned", "audit", receipt => receipt);

    [Fact]
    public Task One_signed_with_a_key_that_nobody_trusts_is_refused() => IsRefusedAsync("boris", "unknown-key", "audit", receipt =>
    {
        var keys = Directory.CreateTempSubdirectory("stranger-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            File.WriteAllText(Path.Combine(keys.FullName, "audit-77.pem"), key.ExportPkcs8PrivateKeyPem());
            using var stranger = new MessageSigner("audit", keys.FullName, TimeProvider.System);
            return stranger.Sign(receipt);
        }
        finally
        {
            keys.Delete(recursive: true);
        }
    });

    [Fact]
    public Task One_signed_by_another_service_is_refused() => IsRefusedAsync("vera", "wrong-signer", "audit", receipt => app.Module("profile").Signer.Sign(receipt));

    [Fact]
    public Task One_that_was_changed_after_it_was_signed_is_refused() =>
        IsRefusedAsync("gleb", "changed", "audit", receipt => app.Module("audit").Signer.Sign(receipt) with { Erased = [] });

    [Fact]
    public Task One_about_another_subject_is_refused() =>
        IsRefusedAsync("dina", "mismatch", "audit", receipt => app.Module("audit").Signer.Sign(receipt with { SubjectRef = app.RefOf("somebody-else") }));

    [Fact]
    public Task One_about_another_epoch_is_refused() =>
        IsRefusedAsync("egor", "mismatch", "audit", receipt => app.Module("audit").Signer.Sign(receipt with { Epoch = receipt.Epoch + 1 }));

    [Fact]
    public Task One_about_another_change_of_the_consent_is_refused() =>
        IsRefusedAsync("zoya", "mismatch", "audit", receipt => app.Module("audit").Signer.Sign(receipt with { Version = receipt.Version + 1 }));

    [Fact]
    public async Task One_of_a_case_that_is_not_known_is_listed_and_told_of_without_what_it_names()
    {
        var receipt = app.Module("audit").Signer.Sign(await app.ReceiptAsync(await app.RevokeAsync("inna"), "audit") with { CaseId = ErasureCaseId.Of("nobody", 1) });
        await app.PublishAsync("audit", receipt);
        var told = await ToldAsync(refused => refused.Problem == "unknown-case");
        var listed = await app.As(Roles.Operator).GetFromJsonAsync<JsonObject>(new Uri("/erasures/refused-receipts?limit=500", UriKind.Relative));

        Assert.Equal((null, "audit"), (told.CaseId, told.Participant));
        Assert.Equal("unknown-case", Assert.Single(listed!["items"]!.AsArray(), item => item!["digest"]!.GetValue<string>() == told.Digest)!["problem"]!.GetValue<string>());
        Assert.DoesNotContain(receipt.SubjectRef, listed.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(receipt.CaseId, listed.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Roles.Product)]
    [InlineData(Roles.Marketer)]
    public async Task The_list_is_for_officers_and_operators(string role)
    {
        using var response = await app.As(role).GetAsync(new Uri("/erasures/refused-receipts", UriKind.Relative));

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    /// <summary>The case waits on, shows it and says of whom; an event tells of it, once however often it comes; and the genuine receipt counts afterwards.</summary>
    private async Task IsRefusedAsync(string customer, string problem, string participant, Func<SubjectDataErased, SubjectDataErased> forge)
    {
        var caseId = await app.RevokeAsync(customer);
        var forged = forge(await app.ReceiptAsync(caseId, participant));
        await app.PublishAsync(participant, forged);
        var shown = await app.UntilAsync(caseId, view => view["refused"] is not null);
        await app.PublishAsync(participant, forged);
        await app.AnswerAsync(caseId, participant);
        var answered = await app.UntilAsync(caseId, view => view["receipts"]!.AsArray().Count == 1);
        var told = await ToldAsync(refused => refused.CaseId == caseId);

        var refused = Assert.Single(shown["refused"]!.AsArray())!;
        Assert.Equal((problem, participant), (refused["problem"]!.GetValue<string>(), refused["participant"]!.GetValue<string>()));
        Assert.Equal("awaiting", shown["state"]!.GetValue<string>());
        Assert.Contains(participant, shown["awaiting"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.DoesNotContain(participant, answered["awaiting"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal((problem, participant), (told.Problem, told.Participant));
        Assert.Single(app.Around.Told.OfType<ErasureReceiptRefused>(), refused => refused.CaseId == caseId);
    }

    private async Task<ErasureReceiptRefused> ToldAsync(Func<ErasureReceiptRefused, bool> isIt) => (await Eventually.Is(
        "the refusal was told of", () => Task.FromResult(app.Around.Told.OfType<ErasureReceiptRefused>().FirstOrDefault(isIt)), told => told is not null, RetentionApp.Soon))!;
}
