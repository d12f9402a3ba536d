using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ICSharpCode.SharpZipLib.Zip;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

public sealed class ExportOfSqlite(SystemFixture<OneProcessSystem> fixture) : ExportContract<OneProcessSystem>(fixture);

[RequiresBroker]
[RequiresMongo]
public sealed class ExportOfMongo(SystemFixture<DistributedSystem> fixture) : ExportContract<DistributedSystem>(fixture);

/// <summary>A person asks for what is held of them and gets it from every service, and on its way nobody can read it.</summary>
public abstract class ExportContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    private const string Customer = "customer-canary-6116";
    private const string Email = "canary.of.6116@example.org";
    private const string Words = "Because of my canary, called so.";
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    private TSystem System => fixture.System;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync()
    {
        System.Undisturb();
        return Task.CompletedTask;
    }

    [ContractFact]
    public async Task Everything_that_the_services_hold_is_in_the_archive_and_in_nothing_that_leaves_them()
    {
        await StoreAsync();
        var sent = new ConcurrentQueue<string>();

        // Whoever doesn't answer within two seconds is asked again, and answers twice.
        var parts = new ConcurrentDictionary<string, bool>();
        System.Messages.Hold(message =>
        {
            if (message is SubjectDataExported part) parts[part.Participant] = true;
            sent.Enqueue(message.GetType().Name + JsonSerializer.Serialize(message, message.GetType(), Platform.Json.Options));
            return false;
        });

        var asked = await SendAsync(HttpMethod.Post, Roles.Subject, "/exports", new { customerId = Customer });
        var ready = await Eventually.Is(
            "the export is ready", () => SendAsync(HttpMethod.Get, Roles.Subject, $"/exports/{asked["exportId"]}", null), view => (string)view["state"]! == "ready", Within);
        var archive = await System.As(Roles.Subject, Customer).GetByteArrayAsync(To((string)ready["link"]!));

        Assert.Empty(ready["missing"]!.AsArray());
        var export = JsonNode.Parse(Open(archive, (string)asked["password"]!)["export.json"])!;
        var data = export["parts"]!.AsArray().ToDictionary(part => (string)part!["participant"]!, part => part!["data"]!.AsArray());
        Assert.Equal(["audit", "consent", "profile", "recommendation", "retention"], data.Keys.Order(StringComparer.Ordinal));
        Assert.Contains(data["profile"], datum => (string)datum!["name"]! == "film.rated/filmId" && (string)datum["value"]! == "f1" && (string)datum["category"]! == "viewing" && datum["until"] is not null);
        Assert.Contains(data["profile"], datum => (string)datum!["store"]! == "contact_entries" && (string)datum["value"]! == Email);
        Assert.Contains(data["consent"], datum => (string)datum!["name"]! == "decision" && (string)datum["value"]!["decision"]! == "granted");
        Assert.Contains(data["consent"], datum => (string)datum!["name"]! == "proof");
        Assert.Contains(data["recommendation"], datum => (string)datum!["name"]! == "signal" && (string)datum["value"]!["itemId"]! == "f1");
        Assert.Contains(data["recommendation"], datum => (string)datum!["name"]! == "recommendation" && datum["value"]!["reasons"]!.AsArray().Count > 0);
        Assert.Contains(data["retention"], datum => (string)datum!["name"]! == "objection" && (string)datum["value"]!["statement"]! == Words);
        Assert.Contains(data["audit"], datum => (string)datum!["name"]! == "read" && (string)datum["value"]!["role"]! == Roles.Product && datum["value"]!["reader"] is null);

        Assert.Equal(5, parts.Count);
        foreach (var canary in new[] { "canary", Convert.ToBase64String(Encoding.UTF8.GetBytes(Email))[..^4] })
        {
            Assert.DoesNotContain(sent, message => message.Contains(canary, StringComparison.Ordinal));
            Assert.DoesNotContain(System.Spans.All, span => span.Text.Contains(canary, StringComparison.Ordinal));
        }

        var dump = await System.DumpAsync("retention");
        foreach (var canary in new[] { Email, Words, (string)asked["password"]! }) Assert.Equal(-1, dump.AsSpan().IndexOf(Encoding.UTF8.GetBytes(canary)));
        using var again = await System.As(Roles.Subject, Customer).GetAsync(To((string)ready["link"]!));
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
    }

    [ContractFact]
    public async Task After_an_erasure_only_what_the_law_keeps_is_left_to_give()
    {
        const string gone = "customer-of-6117";
        await fixture.Cinema.GrantCurrentAsync(gone, "recommendations");
        await fixture.Cinema.PublishAsync(gone, "f2", rating: 5);
        var (_, revoked) = await fixture.Cinema.RevokeAsync(gone);
        await fixture.Cinema.UntilCompletedAsync((string)revoked["caseId"]!);

        var asked = await SendAsync(HttpMethod.Post, Roles.Subject, "/exports", new { customerId = gone }, gone);
        var ready = await Eventually.Is(
            "the export is ready", () => SendAsync(HttpMethod.Get, Roles.Subject, $"/exports/{asked["exportId"]}", null, gone), view => (string)view["state"]! == "ready", Within);
        var archive = await System.As(Roles.Subject, gone).GetByteArrayAsync(To((string)ready["link"]!));

        var parts = JsonNode.Parse(Open(archive, (string)asked["password"]!)["export.json"])!["parts"]!.AsArray();
        string[] held = [.. parts.SelectMany(part => part!["data"]!.AsArray()).Select(datum => (string)datum!["name"]!).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(["decision", "erasure", "proof"], held);
    }

    private static Uri To(string path) => new(path, UriKind.Relative);

    private static Dictionary<string, string> Open(byte[] archive, string password)
    {
        using var zip = new ZipFile(new MemoryStream(archive)) { Password = password };
        return zip.Cast<ZipEntry>().ToDictionary(entry => entry.Name, entry =>
        {
            using var reader = new StreamReader(zip.GetInputStream(entry));
            return reader.ReadToEnd();
        });
    }

    private async Task StoreAsync()
    {
        await SendAsync(HttpMethod.Put, Roles.Operator, "/purposes/recommendations", new
        {
            lawfulBasis = "consent",
            categories = new[] { "viewing", "opinion", "contact" },
            notices = new[] { new { language = "en", title = "recommendations", text = "We use what you watch and how we reach you." }, new { language = "ru", title = "recommendations", text = "Мы используем то, что вы смотрите, и как с вами связаться." } },
        });
        await SendAsync(HttpMethod.Put, Roles.Operator, "/retention-rules", new
        {
            rules = new[] { "viewing", "opinion", "contact" }.Select(category => new { purpose = "recommendations", category, keepDays = 365 })
                .Append(new { purpose = "marketing-groups", category = "viewing", keepDays = 30 }),
            reason = "Contacts are asked for.",
        });
        await SendAsync(HttpMethod.Put, Roles.Operator, "/contact-types/email", new { description = "Where news are sent.", category = "contact", purposes = new[] { "recommendations" } });
        await SendAsync(HttpMethod.Put, Roles.Officer, "/read-rules", new { rules = ReadRules.Standard.Rules.Append(new ReadRule { Role = "product", Purpose = "recommendations", Categories = ["contact"] }) });
        await fixture.Cinema.GrantCurrentAsync(Customer, "recommendations");
        await fixture.Cinema.PublishAsync(Customer, "f1", rating: 5);
        await Eventually.Is(
            "the contact is taken", async () => (await SendAsync(HttpMethod.Put, Roles.Product, $"/profiles/{Customer}/contacts", new { email = Email }))["stored"]!.AsArray().Count,
            count => count == 1, Within);
        await fixture.Cinema.UntilPersonalizedAsync(Customer);
        await SendAsync(HttpMethod.Post, Roles.Subject, "/objections", new { customerId = Customer, to = "decision", decision = new { modelVersion = "m1" }, statement = Words });
        await SendAsync(HttpMethod.Get, Roles.Product, $"/profiles/{Customer}/contacts?purpose=recommendations", null);
        await Eventually.Is(
            "the read is in the log",
            async () => JsonNode.Parse(await System.As(Roles.Auditor).GetStringAsync(To("/audit/entries?limit=1000")))!["items"]!.AsArray().Count(entry => (string?)entry!["read"]?["data"] == "contacts"),
            reads => reads > 0, Within);
    }

    private async Task<JsonObject> SendAsync(HttpMethod method, string role, string path, object? body, string? customer = null)
    {
        using var request = new HttpRequestMessage(method, To(path)) { Content = body is null ? null : Cinema.Json(body) };
        using var response = await System.As(role, role == Roles.Subject ? customer ?? Customer : null).SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }
}
