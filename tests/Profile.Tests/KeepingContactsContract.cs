using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

public sealed class KeepingContactsOnSqliteTests(CopiedSqliteProfileApp app) : KeepingContactsContract<CopiedSqliteProfileApp>(app)
{
    [ContractFact]
    public async Task No_contact_is_in_the_files_in_clear()
    {
        await App.GrantAsync("zoya", "recommendations", "contact");
        await PutAsync("zoya", new { email = "zoya.canary@example.org", phone = "+79161234567" });

        Assert.NotEmpty(await EntriesAsync("zoya"));
        foreach (var canary in new[] { "zoya.canary", "9161234567" }) Assert.True(App.FilesOf("profile").AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)) < 0, $"A file holds {canary}.");
    }
}

[RequiresMongo]
public sealed class KeepingContactsOnMongoTests(CopiedMongoProfileApp app) : KeepingContactsContract<CopiedMongoProfileApp>(app);

/// <summary>Contact data: kept only while a declared purpose that the person consents to justifies it, and read only for one.</summary>
public abstract class KeepingContactsContract<TApp>(TApp app) : IClassFixture<TApp>, IAsyncLifetime
    where TApp : CopiedProfileApp
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly object Both = new { email = "anna@example.org", phone = "+79161234567" };

    protected TApp App => app;

    public async Task InitializeAsync()
    {
        if (GetType().GetCustomAttributes(typeof(RequirementAttribute), inherit: true).Cast<RequirementAttribute>().Any(requirement => requirement.Unmet is not null)) return;
        await DeclareAsync("email", "recommendations", "marketing-groups", "analytics");
        await DeclareAsync("phone", "marketing-groups");
        var known = await app.Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, None);
        await app.RuleAsync(
            known!.Version + 1, ("recommendations", "viewing", 365), ("recommendations", "contact", 90), ("marketing-groups", "contact", 10), ("marketing-groups", "viewing", 30));
        (await app.AllowReadsAsync((Roles.Product, "recommendations", ["contact"]), (Roles.Officer, "marketing-groups", ["contact"]))).Expect(HttpStatusCode.OK);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task What_no_purpose_justifies_is_not_stored_and_why_is_said()
    {
        var unknown = await PutAsync("nobody-1", Both);
        await app.GrantAsync("boris", "recommendations", "viewing");
        var otherCategory = await PutAsync("boris", Both);
        await app.GrantAsync("boris", "analytics", "contact");
        var noRule = await PutAsync("boris", Both);
        await app.GrantAsync("boris", "recommendations", "contact");
        var one = await PutAsync("boris", Both);

        foreach (var answer in new[] { unknown, otherCategory })
            Assert.Equal("""{"stored":[],"refused":[{"type":"email","reason":"no-consent"},{"type":"phone","reason":"no-consent"}]}""", answer.ToJsonString());
        Assert.Contains("""{"type":"email","reason":"no-retention-rule"}""", noRule.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("""["recommendations"]""", Assert.Single(one["stored"]!.AsArray())!["purposes"]!.ToJsonString());
        Assert.Equal("phone", (string)Assert.Single(one["refused"]!.AsArray())!["type"]!);
        Assert.DoesNotContain("anna@example.org", one.ToJsonString(), StringComparison.Ordinal);
        Assert.Single(await EntriesAsync("boris"));
    }

    [ContractFact]
    public async Task A_contact_is_read_for_a_consented_purpose_by_whom_a_rule_allows_and_each_read_is_told_of()
    {
        await app.GrantAsync("vera", "recommendations", "contact");
        await app.GrantAsync("vera", "marketing-groups", "contact");
        await PutAsync("vera", Both);

        var product = await ReadAsync("vera", "recommendations", Roles.Product);
        var officer = await ReadAsync("vera", "marketing-groups", Roles.Officer);
        var wrongRole = await ReadAsync("vera", "recommendations", Roles.Officer);
        var noPurpose = await ReadAsync("vera", null, Roles.Product);
        var marketer = await ReadAsync("vera", "marketing-groups", Roles.Marketer);
        var own = await app.OwnAsync("/profiles/vera/contacts", "vera");
        var reads = await Eventually.Is("the reads are told of", () => Task.FromResult(app.ReadsOf("vera")), told => told.Count == 5, ServiceApp.Soon);

        Assert.Equal("anna@example.org", (string)Assert.Single(Items(product))!["value"]!);
        Assert.Equal(["anna@example.org", "+79161234567"], Items(officer).Select(item => (string)item!["value"]!));
        Assert.Equal(["purpose-not-allowed", "purpose-required", "forbidden"], new[] { wrongRole, noPurpose, marketer }.Select(answer => answer.Problem));
        Assert.Equal(2, own["items"]!.AsArray().Count);
        Assert.Equal(
            ["marketer marketing-groups refused ", "officer marketing-groups shown contact", "officer recommendations refused ", "product  refused ", "product recommendations shown contact"],
            reads.Select(read => $"{read.Role} {read.Purpose} {read.Outcome} {string.Join(' ', read.Categories)}").Order(StringComparer.Ordinal));
        Assert.All(reads, read => Assert.Equal("contacts", read.Data));
    }

    [ContractFact]
    public async Task Revoking_a_purpose_takes_it_from_each_contact_and_erases_what_has_none_left()
    {
        await app.GrantAsync("galya", "recommendations", "contact", "viewing");
        await app.GrantAsync("galya", "marketing-groups", "contact");
        await PutAsync("galya", Both);

        var revocation = await app.RevokeAsync("galya", "marketing-groups");
        var closed = await ReadAsync("galya", "marketing-groups", Roles.Officer);
        var receipt = await app.EraseAsync(revocation);
        var left = await app.OwnAsync("/profiles/galya/contacts", "galya");
        var whole = await app.EraseAsync(await app.RevokeAsync("galya"));

        Assert.Equal("no-consent-for-purpose", closed.Problem);
        Assert.Equal([("contact_entries", "contact", 1L)], receipt.Erased.Select(erased => (erased.Store, erased.Category, erased.Count)));
        Assert.Equal("""["recommendations"]""", Assert.Single(left["items"]!.AsArray())!["purposes"]!.ToJsonString());
        Assert.Contains(whole.Erased, erased => (erased.Store, erased.Category, erased.Count) == ("contact_entries", "contact", 1L));
        Assert.All(whole.Residual, place => Assert.Equal(0, place.Found));
        Assert.Contains(whole.Residual, place => place.Searched == "contact_entries");
        Assert.Empty(await EntriesAsync("galya"));
    }

    [ContractFact]
    public async Task A_contact_that_its_rule_keeps_no_longer_is_not_shown_and_then_deleted()
    {
        await app.GrantAsync("dina", "recommendations", "contact");
        await app.GrantAsync("dina", "marketing-groups", "contact");
        var stored = await PutAsync("dina", Both);
        await app.AdvanceAsync(TimeSpan.FromDays(10));
        var expired = await ReadAsync("dina", "recommendations", Roles.Product);
        await app.AdvanceAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(2, stored["stored"]!.AsArray().Count);
        Assert.Empty(Items(expired));
        await Eventually.Is("they are deleted", async () => (await EntriesAsync("dina")).Count, count => count == 0, ServiceApp.Soon);
    }

    [ContractFact]
    public async Task Contacts_are_replaced_as_a_whole_and_what_is_none_is_refused_without_being_repeated()
    {
        await app.GrantAsync("egor", "marketing-groups", "contact");
        await PutAsync("egor", Both);

        foreach (var wrong in new object[] { new { email = "not-an-address-4711" }, new { phone = "89161234567" }, new Dictionary<string, string> { ["egor@example.org"] = "email" } })
        {
            var answer = await app.SendAsync(HttpMethod.Put, "/profiles/egor/contacts", ServiceApp.Content(wrong), Roles.Product);
            Assert.Equal((HttpStatusCode.BadRequest, "bad-contacts"), (answer.Status, answer.Problem));
            foreach (var echo in new[] { "not-an-address-4711", "89161234567", "egor@" }) Assert.DoesNotContain(echo, answer.Text, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await EntriesAsync("egor")).Count);
        await PutAsync("egor", new { email = "egor@example.org" });
        var own = await app.OwnAsync("/profiles/egor/contacts", "egor");
        Assert.Equal("egor@example.org", (string)Assert.Single(own["items"]!.AsArray())!["value"]!);
        Assert.Single(await EntriesAsync("egor"));
        Assert.Equal(HttpStatusCode.Forbidden, (await app.SendAsync(HttpMethod.Put, "/profiles/egor/contacts", ServiceApp.Content(Both), Roles.Operator)).Status);
    }

    [ContractFact]
    public async Task Only_email_and_phone_can_be_declared_and_what_is_declared_is_listed()
    {
        var wrong = await app.SendAsync(
            HttpMethod.Put, "/contact-types/passport", ServiceApp.Content(new { description = "", category = "Contact data", purposes = Array.Empty<string>() }), Roles.Operator);
        var listed = await app.GetAsync("/contact-types", Roles.Product);

        Assert.Equal("bad-declaration", wrong.Problem);
        Assert.Equal(["type", "description", "category", "purposes"], JsonNode.Parse(wrong.Text)!["errors"]!.AsArray().Select(error => (string)error!["path"]!));
        Assert.Equal(["email", "phone"], listed["items"]!.AsArray().Select(type => (string)type!["type"]!));
    }

    [ContractFact]
    public async Task Without_a_lease_nobody_but_the_person_reads_them()
    {
        await app.GrantAsync("lev", "recommendations", "contact");
        await PutAsync("lev", new { email = "lev@example.org" });
        await app.CutOffAsync();
        try
        {
            var answer = await ReadAsync("lev", "recommendations", Roles.Product);

            Assert.Equal((HttpStatusCode.ServiceUnavailable, "consent-unknown"), (answer.Status, answer.Problem));
            Assert.Single((await app.OwnAsync("/profiles/lev/contacts", "lev"))["items"]!.AsArray());
        }
        finally
        {
            await app.MendAsync();
        }
    }

    protected async Task<JsonObject> PutAsync(string customer, object contacts) =>
        (await app.SendAsync(HttpMethod.Put, $"/profiles/{customer}/contacts", ServiceApp.Content(contacts), Roles.Product)).Expect(HttpStatusCode.OK);

    protected Task<IReadOnlyList<StoredDocument>> EntriesAsync(string customer) => app.Module("profile").Store.QueryAsync(
        new DocumentQuery(app.CollectionOf<ContactEntry>(), "subject", After: SubjectIndex.Before(app.RefOf(customer)), AtMost: SubjectIndex.Through(app.RefOf(customer), 99)), None);

    private static JsonArray Items(Answer answer) => answer.Expect(HttpStatusCode.OK)["items"]!.AsArray();

    private Task<Answer> ReadAsync(string customer, string? purpose, string role) =>
        app.SendAsync(HttpMethod.Get, $"/profiles/{customer}/contacts{(purpose is null ? "" : $"?purpose={purpose}")}", null, role);

    private async Task DeclareAsync(string type, params string[] purposes) => (await app.SendAsync(
        HttpMethod.Put, $"/contact-types/{type}", ServiceApp.Content(new { description = "Where news are sent.", category = "contact", purposes }), Roles.Operator)).Expect(HttpStatusCode.OK);
}
