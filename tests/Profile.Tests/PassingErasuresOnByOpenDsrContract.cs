using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class PassingErasuresOnByOpenDsrWithSqliteTests(ProfileApp app) : PassingErasuresOnByOpenDsrContract(app), IClassFixture<ProfileApp>;

[RequiresMongo]
public sealed class PassingErasuresOnByOpenDsrWithMongoTests(MongoProfileApp app) : PassingErasuresOnByOpenDsrContract(app), IClassFixture<MongoProfileApp>;

/// <summary>Erasures that go on to processors which speak OpenDSR 2.0.</summary>
public abstract class PassingErasuresOnByOpenDsrContract(ProfileApp app) : IAsyncLifetime
{
    private const string Mailer = "external/mailer";
    private ProcessorStandIn processor = null!;

    public async Task InitializeAsync()
    {
        processor = await ProcessorStandIn.StartAsync(() => app.Now);
        (await RegisterAsync()).Expect(HttpStatusCode.OK);
    }

    public async Task DisposeAsync() => await processor.DisposeAsync();

    [ContractFact]
    public async Task A_processor_is_asked_as_OpenDSR_has_it_and_its_signed_callback_is_signed_for()
    {
        var revocation = await app.RevokeAsync(await SomebodyAsync("anna-dsr"));
        var own = await app.EraseAsync(revocation);
        var (authorization, body) = (await UntilAsync(() => processor.Received.ToArray(), received => received.Length > 0))[0];
        var request = JsonNode.Parse(body)!;
        var id = (string)request["subject_request_id"]!;
        var (pending, completed) = (processor.StatusOf(id, "in_progress"), processor.StatusOf(id, "completed"));

        var unsigned = await CallBackAsync(completed, processor.Signed(pending));
        var otherDomain = await CallBackAsync(completed, processor.Signed(completed, "other.example"));
        var unreadable = await CallBackAsync("[]"u8.ToArray(), processor.Signed("[]"u8.ToArray()));
        var unknown = processor.StatusOf("00000000-0000-4000-8000-000000000000", "completed");
        var ofNobody = await CallBackAsync(unknown, processor.Signed(unknown));
        var noted = await CallBackAsync(pending, processor.Signed(pending));
        var owes = await OwesAsync();
        var taken = await CallBackAsync(completed, processor.Signed(completed));
        var receipt = await ReceiptAsync(revocation);
        var again = await CallBackAsync(completed, processor.Signed(completed));

        Assert.Equal([Mailer], own.PassedOnTo!);
        Assert.Equal(("Bearer s3cret", "gdpr", "erasure", "2.0"), (authorization, (string?)request["regulation"], (string?)request["subject_request_type"], (string?)request["api_version"]));
        Assert.Equal("""[{"identity_type":"controller_customer_id","identity_value":"anna-dsr","identity_format":"raw"}]""", request["subject_identities"]!.ToJsonString());
        Assert.Equal("""["https://data.example.org/participants/mailer/callbacks"]""", request["status_callback_urls"]!.ToJsonString());
        Assert.Equal(("all", "revoked"), ((string?)request["extensions"]!["127.0.0.1"]!["scope"], (string?)request["extensions"]!["127.0.0.1"]!["reason"]));
        Assert.Equal(('4', true), (id[14], Guid.TryParseExact(id, "D", out _)));
        Assert.All([unsigned, otherDomain], refused => Assert.Equal((HttpStatusCode.Forbidden, "callback-unsigned"), (refused.Status, refused.Problem)));
        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NoContent, HttpStatusCode.NoContent, 1), (unreadable.Status, ofNobody.Status, noted.Status, owes));
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.NoContent), (taken.Status, again.Status));
        Assert.Equal([("mailer", "subject-request", 1L, "erased")], receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count, erased.Method)));
        Assert.Equal("profile", receipt.Signature!.Producer);
        Assert.Single(Receipts(revocation));
        await Eventually.Is("nobody has to know the customer id any more", OwesAsync, left => left == 0, ServiceApp.Soon);
    }

    [ContractFact]
    public async Task One_that_is_down_forges_or_cancels_owes_its_receipt_and_is_asked_until_it_says_that_it_is_done()
    {
        processor.IsUp = false;
        var revocation = await app.RevokeAsync(await SomebodyAsync("boris-dsr"));
        await app.EraseAsync(revocation);
        await app.AdvanceAsync(TimeSpan.FromSeconds(1));
        await app.RestartAsync();
        processor.IsUp = true;
        await UntilAsync(() => processor.Received.Count, received => received > 0);
        processor.Status = "cancelled";
        await AdvanceAsync(6);

        // Forged first: whoever asks meanwhile would hear, well signed, that it is done.
        processor.IsForged = true;
        processor.Status = "completed";
        await AdvanceAsync(6);
        var (owes, early) = (await OwesAsync(), Receipts(revocation).Count);
        processor.IsForged = false;
        await ReceiptAsync(revocation);

        Assert.Equal((1, 0), (owes, early));
        Assert.Single(processor.Received);
    }

    [ContractFact]
    public async Task It_is_asked_when_a_purpose_that_it_processes_for_is_taken_back_and_not_for_another()
    {
        var customer = await SomebodyAsync("vera-dsr");
        await app.GrantAsync(customer, "marketing-groups", "viewing");
        var other = await app.EraseAsync(await app.RevokeAsync(customer, "marketing-groups", "viewing"));
        await app.GrantAsync(customer, "marketing-groups", "viewing");
        var revocation = await app.RevokeAsync(customer, "recommendations", "viewing");
        var its = await app.EraseAsync(revocation);
        processor.Status = "completed";
        await ReceiptAsync(revocation);

        Assert.Null(other.PassedOnTo);
        Assert.Equal([Mailer], its.PassedOnTo!);
        Assert.Equal("narrowed", (string?)JsonNode.Parse(Assert.Single(processor.Received).Body)!["extensions"]!["127.0.0.1"]!["scope"]);
    }

    [ContractFact]
    public async Task Only_a_processor_whose_discovery_and_certificate_are_in_order_is_registered_and_nobody_reads_how_it_is_asked()
    {
        var listed = await app.GetAsync("/participants");
        var both = await RegisterAsync(new { url = processor.Url, secrets = new[] { ProductStandIn.Secret }, openDsr = new { authorization = "x", regulation = "none", purposes = Array.Empty<string>() } });
        processor.CertificateFor = "other.example";
        var foreign = await RegisterAsync();
        processor.CertificateFor = "127.0.0.1";
        processor.Discovery["processor_certificate"] = "http://other.example/cert.pem";
        var elsewhere = await RegisterAsync();
        processor.Discovery["processor_certificate"] = $"{processor.Url}/cert.pem";
        processor.Discovery["supported_subject_request_types"] = new JsonArray("access");
        var unable = await RegisterAsync();

        Assert.Contains("\"regulation\":\"gdpr\"", listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("certificateUntil", listed.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.BadRequest, "bad-participant", 3), (both.Status, both.Problem, JsonNode.Parse(both.Text)!["errors"]!.AsArray().Count));
        Assert.All([foreign, elsewhere, unable], refused => Assert.Equal((HttpStatusCode.BadRequest, "bad-opendsr-discovery"), (refused.Status, refused.Problem)));
    }

    private async Task<string> SomebodyAsync(string customer)
    {
        await app.GrantAsync(customer, "recommendations", "viewing");
        await app.PublishAsync(app.Event(customer, new { filmId = "f1" }));
        return customer;
    }

    private Task<Answer> RegisterAsync(object? registration = null) => app.SendAsync(
        HttpMethod.Put, "/participants/mailer", ServiceApp.Content(registration ?? new { url = processor.Url, openDsr = new { authorization = "Bearer s3cret", purposes = new[] { "recommendations" } } }), Roles.Operator);

    private async Task<Answer> CallBackAsync(byte[] body, IReadOnlyDictionary<string, string> headers)
    {
        using var content = ServiceApp.Text(Encoding.UTF8.GetString(body), "application/json");
        foreach (var (name, value) in headers) content.Headers.Add(name, value);

        // Without a token: it has none of ours.
        using var stranger = app.As(Roles.Product);
        stranger.DefaultRequestHeaders.Authorization = null;
        using var response = await stranger.PostAsync(new Uri("/participants/mailer/callbacks", UriKind.Relative), content);
        return await Answer.OfAsync(response);
    }

    private async Task<int> OwesAsync() =>
        (await app.GetAsync("/participants"))["items"]!.AsArray().Single(participant => (string?)participant!["name"] == "mailer")!["owes"]!.GetValue<int>();

    private IReadOnlyList<SubjectDataErased> Receipts(Revocation revocation) =>
        [.. app.Around.Heard<SubjectDataErased>().Where(receipt => receipt.CaseId == revocation.CaseId && receipt.Participant == Mailer)];

    private async Task<SubjectDataErased> ReceiptAsync(Revocation revocation) => (await UntilAsync(() => Receipts(revocation), found => found.Count > 0))[0];

    private async Task AdvanceAsync(int times)
    {
        for (var i = 0; i < times; i++) await app.AdvanceAsync(TimeSpan.FromMinutes(2));
    }

    /// <summary>Lets time pass until it is so.</summary>
    private Task<T> UntilAsync<T>(Func<T> probe, Func<T, bool> isSo) => Eventually.Is(
        "the processor is asked, or its receipt passed back",
        async () =>
        {
            await app.AdvanceAsync(TimeSpan.FromSeconds(5));
            return probe();
        },
        isSo, ServiceApp.Soon);
}
