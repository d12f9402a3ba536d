using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>Erasures that go on to product services.</summary>
public abstract class PassingErasuresOnContract(ProfileApp app) : IAsyncLifetime
{
    private const string Orders = "external/orders";
    private ProductStandIn product = null!;

    public async Task InitializeAsync()
    {
        product = await ProductStandIn.StartAsync(() => app.Now);
        (await RegisterAsync("orders", product.Url)).Expect(HttpStatusCode.OK);
    }

    public async Task DisposeAsync() => await product.DisposeAsync();

    [ContractFact]
    public async Task A_product_service_is_told_whom_and_what_to_erase_and_its_receipt_is_signed_for()
    {
        var customer = await SomebodyAsync("anna-4711");
        var collected = app.Now;
        await app.AdvanceAsync(TimeSpan.FromMinutes(1));
        var revocation = await app.RevokeAsync(customer);
        var own = await app.EraseAsync(revocation);
        var receipt = await ReceiptAsync(revocation);

        var (headers, body) = Assert.Single(product.Received);
        Assert.True(WebhookSignature.Verify(
            [ProductStandIn.Secret], headers[WebhookSignature.IdHeader], headers[WebhookSignature.TimestampHeader], headers[WebhookSignature.Header], body, app.Now));
        var told = JsonNode.Parse(body)!["data"]!;
        Assert.Equal((revocation.CaseId, customer, "all", "revoked"), ((string?)told["caseId"], (string?)told["customerId"], (string?)told["scope"], (string?)told["reason"]));
        Assert.InRange(told["before"]!.GetValue<DateTimeOffset>(), collected, app.Now);
        Assert.Equal([Orders], own.PassedOnTo!);
        Assert.Contains(own.Retained, kept => (kept.Store, kept.Category, kept.Count) == ("erasure_notices", "customer-id", 1L));
        Assert.Equal(("profile", revocation.Version, revocation.Epoch), (receipt.Signature!.Producer, receipt.Version, receipt.Epoch));
        Assert.Equal([("orders", "purchase", 2L, "erased")], receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count, erased.Method)));
        await Eventually.Is("nobody has to know the customer id any more", async () => (await OwesAsync("orders"), await IsKeyLeftAsync(revocation)), left => left == (0, false), ServiceApp.Soon);
    }

    [ContractFact]
    public async Task A_receipt_that_was_passed_on_leaves_neither_key_nor_row_wherever_that_broke_off()
    {
        var told = product.Received.Count;
        var revocations = new List<Revocation>();
        foreach (var customer in new[] { "lida-4721", "mila-4722" })
        {
            var revocation = await app.RevokeAsync(await SomebodyAsync(customer));
            var session = app.Module("profile").OpenSession();
            session.Store(ErasureNotice.Of(app.CommandOf(revocation), "orders", customer, SubjectGate.Closed(revocation.SubjectRef), app.Now) with
            {
                Receipt = new ProductReceipt { CaseId = revocation.CaseId, ErasedAt = app.Now, Erased = [] },
                IsPassedBack = true,
            });
            await session.CommitAsync(CancellationToken.None);
            revocations.Add(revocation);
        }

        await app.Module("profile").Keys.DestroyAsync(new DataKeyId(revocations[1].SubjectRef, revocations[1].Epoch, $"erasure-notice-{revocations[1].Version}-orders"), CancellationToken.None);
        await Eventually.Is(
            "both are gone",
            async () =>
            {
                await app.AdvanceAsync(TimeSpan.FromSeconds(5));
                return (await OwesAsync("orders"), await IsKeyLeftAsync(revocations[0]));
            },
            left => left == (0, false), ServiceApp.Soon);

        Assert.Equal(told, product.Received.Count);
        Assert.All(revocations, revocation => Assert.Empty(Receipts(revocation)));
    }

    [ContractFact]
    public async Task A_service_that_is_down_for_the_whole_cascade_and_a_restart_owes_its_receipt_and_is_told_when_it_returns()
    {
        product.IsUp = false;
        var customer = await SomebodyAsync("boris-4712");
        var revocation = await app.RevokeAsync(customer);
        var own = await app.EraseAsync(revocation);
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await app.RestartAsync();
        var owes = await OwesAsync("orders");
        var removed = await app.SendAsync(HttpMethod.Delete, "/participants/orders", null, Roles.Operator);

        Assert.Equal([Orders], own.PassedOnTo!);
        Assert.Equal((1, HttpStatusCode.Conflict, "participant-owes-receipts"), (owes, removed.Status, removed.Problem));
        Assert.Empty(Receipts(revocation));
        product.IsUp = true;
        await ReceiptAsync(revocation);
        Assert.Equal(customer, (string?)JsonNode.Parse(product.Received.Single().Body)!["data"]!["customerId"]);
    }

    [ContractFact]
    public async Task A_receipt_may_come_later_if_it_is_signed_and_about_the_case()
    {
        product.Answer = (_, response) =>
        {
            response.StatusCode = (int)HttpStatusCode.Accepted;
            return Task.CompletedTask;
        };
        var revocation = await app.RevokeAsync(await SomebodyAsync("vera-4713"));
        await app.EraseAsync(revocation);
        await Eventually.Is("it is told", async () =>
        {
            await app.AdvanceAsync(TimeSpan.FromSeconds(1));
            return product.Received.Count;
        }, times => times > 0, ServiceApp.Soon);
        var told = JsonNode.Parse(product.Received.First().Body)!;
        var receipt = product.ReceiptFor(told);
        var other = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(receipt).Replace(revocation.CaseId, "er_00000000000000000000000000000000", StringComparison.Ordinal));

        var unsigned = await HandInAsync(receipt, product.Signed(other));
        var wrongKey = await HandInAsync(receipt, product.Signed(receipt, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        var unknown = await HandInAsync(other, product.Signed(other));
        var impossible = product.ReceiptFor(told, method: "hidden");
        var mismatching = await HandInAsync(impossible, product.Signed(impossible));
        var named = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(receipt).Replace("purchase", "vera-4713", StringComparison.Ordinal));
        var naming = await HandInAsync(named, product.Signed(named));
        var owes = await OwesAsync("orders");
        var taken = await HandInAsync(receipt, product.Signed(receipt));
        await ReceiptAsync(revocation);
        var again = await HandInAsync(receipt, product.Signed(receipt));

        Assert.Equal([(HttpStatusCode.Forbidden, "receipt-unsigned"), (HttpStatusCode.Forbidden, "receipt-unsigned")], [(unsigned.Status, unsigned.Problem), (wrongKey.Status, wrongKey.Problem)]);
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (unknown.Status, mismatching.Status, naming.Status));
        Assert.DoesNotContain("vera-4713", naming.Text, StringComparison.Ordinal);
        Assert.Equal((1, HttpStatusCode.NoContent, HttpStatusCode.NoContent), (owes, taken.Status, again.Status));
        Assert.Single(Receipts(revocation));
    }

    [ContractFact]
    public async Task An_answer_that_is_not_signed_or_tells_of_a_residue_leaves_the_receipt_owed()
    {
        var answers = 0;
        product.Answer = (told, response) => Interlocked.Increment(ref answers) switch
        {
            1 => product.ReceiptAsync(told, response, secret: "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
            2 => product.ReceiptAsync(told, response, found: 1),
            _ => product.ReceiptAsync(told, response),
        };
        var revocation = await app.RevokeAsync(await SomebodyAsync("gleb-4714"));
        await app.EraseAsync(revocation);
        var receipts = await UntilAsync(() => Receipts(revocation), found => found.Count == 2);

        Assert.Equal([1L, 0L], receipts.Select(receipt => Assert.Single(receipt.Residual).Found));
        Assert.Equal(3, product.Received.Count);
    }

    [ContractFact]
    public async Task A_narrowed_consent_is_passed_on_as_such_and_what_was_granted_since_stays()
    {
        var customer = await SomebodyAsync("dina-4715", "viewing", "opinion");
        var revocation = await app.RevokeAsync(customer, "recommendations", "opinion");
        await app.AdvanceAsync(TimeSpan.FromMinutes(2));
        await app.GrantAsync(customer, "recommendations", "opinion");
        var regranted = app.Now;
        await app.AdvanceAsync(TimeSpan.FromMinutes(2));
        await app.EraseAsync(revocation);
        await ReceiptAsync(revocation);

        var told = JsonNode.Parse(product.Received.Single().Body)!["data"]!;
        Assert.Equal(("narrowed", regranted), ((string?)told["scope"], told["before"]!.GetValue<DateTimeOffset>()));
        Assert.Equal("""[{"purpose":"recommendations","category":"opinion"}]""", told["narrowed"]!.ToJsonString());
    }

    [ContractFact]
    public async Task A_participant_is_registered_with_an_address_and_secrets_that_nobody_reads_again()
    {
        var bad = await app.SendAsync(HttpMethod.Put, "/participants/Orders", ServiceApp.Content(new { url = "ftp://orders", secrets = new[] { "secret" } }), Roles.Operator);
        var listed = await app.GetAsync("/participants");

        Assert.Equal((HttpStatusCode.BadRequest, "bad-participant"), (bad.Status, bad.Problem));
        Assert.Equal(3, JsonNode.Parse(bad.Text)!["errors"]!.AsArray().Count);
        Assert.Contains(Orders, listed.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("whsec_", listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/participants", Roles.Product));
    }

    private async Task<string> SomebodyAsync(string customer, params string[] categories)
    {
        await app.GrantAsync(customer, "recommendations", categories.Length == 0 ? ["viewing"] : categories);
        await app.PublishAsync(app.Event(customer, new { filmId = "f1" }));
        return customer;
    }

    private Task<Answer> RegisterAsync(string name, string url) =>
        app.SendAsync(HttpMethod.Put, $"/participants/{name}", ServiceApp.Content(new { url, secrets = new[] { ProductStandIn.Secret } }), Roles.Operator);

    private async Task<Answer> HandInAsync(byte[] receipt, IReadOnlyDictionary<string, string> headers)
    {
        using var content = ServiceApp.Text(Encoding.UTF8.GetString(receipt), "application/json");
        foreach (var (name, value) in headers) content.Headers.Add(name, value);
        return await app.SendAsync(HttpMethod.Post, "/participants/orders/receipts", content, Roles.Product);
    }

    private async Task<int> OwesAsync(string name) =>
        (await app.GetAsync("/participants"))["items"]!.AsArray().Single(participant => (string?)participant!["name"] == name)!["owes"]!.GetValue<int>();

    private async Task<bool> IsKeyLeftAsync(Revocation revocation) =>
        await app.Module("profile").Keys.FindAsync($"{revocation.SubjectRef}.{revocation.Epoch}.erasure-notice-{revocation.Version}-orders", CancellationToken.None) is not null;

    private IReadOnlyList<SubjectDataErased> Receipts(Revocation revocation) =>
        [.. app.Around.Heard<SubjectDataErased>().Where(receipt => receipt.CaseId == revocation.CaseId && receipt.Participant == Orders)];

    private async Task<SubjectDataErased> ReceiptAsync(Revocation revocation) => (await UntilAsync(() => Receipts(revocation), found => found.Count > 0))[0];

    /// <summary>Lets time pass until it is so.</summary>
    private Task<T> UntilAsync<T>(Func<T> probe, Func<T, bool> isSo) => Eventually.Is(
        "the product service's receipt is passed back",
        async () =>
        {
            await app.AdvanceAsync(TimeSpan.FromSeconds(5));
            return probe();
        },
        isSo, ServiceApp.Soon);
}

public sealed class PassingErasuresOnWithSqliteTests(ProfileApp app) : PassingErasuresOnContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class PassingErasuresOnWithMongoTests(MongoProfileApp app) : PassingErasuresOnContract(app), IClassFixture<MongoProfileApp>;

/// <summary>A deployment that says nothing of webhooks.</summary>
public sealed class HttpsProfileApp : ProfileApp
{
    protected override Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() => Task.FromResult(Enumerable.Empty<KeyValuePair<string, string?>>());
}

public sealed class RegisteringParticipantsTests(HttpsProfileApp app) : IClassFixture<HttpsProfileApp>
{
    [Fact]
    public async Task A_customer_id_goes_out_over_https_alone_unless_the_deployment_says_otherwise()
    {
        var plain = await RegisterAsync("http://orders.example/erasures");
        var secure = await RegisterAsync("https://orders.example/erasures");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (plain.Status, secure.Status));
    }

    private Task<Answer> RegisterAsync(string url) =>
        app.SendAsync(HttpMethod.Put, "/participants/orders", ServiceApp.Content(new { url, secrets = new[] { ProductStandIn.Secret } }), Roles.Operator);
}
