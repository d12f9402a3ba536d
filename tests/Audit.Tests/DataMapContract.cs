using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Audit.Tests;

/// <summary>The record of processing, made of what services announce.</summary>
public abstract class DataMapContract<TApp>(TApp app)
    where TApp : AuditApp
{
    [ContractFact]
    public async Task Auditors_officers_and_operators_read_what_is_held_and_why_in_three_forms_and_two_languages()
    {
        await AnnounceAsync(Shop("shop"));

        var map = await app.GetAsync("/audit/data-map", Roles.Officer);
        var shop = ServiceOf(map, "shop");
        Assert.Equal("s1", shop["region"]!.GetValue<string>());
        Assert.Equal("orders", shop["collections"]![0]!["name"]!.GetValue<string>());
        Assert.Equal(("data", "sealed", 7L, "2026-02-01"), (
            shop["collections"]![0]!["store"]!.GetValue<string>(), shop["collections"]![0]!["encryption"]!.GetValue<string>(),
            shop["collections"]![0]!["documents"]!.GetValue<long>(), shop["collections"]![0]!["oldestOn"]!.GetValue<string>()));

        var csv = await TextAsync("/audit/data-map?language=en", "text/csv");
        Assert.Contains(
            "shop,s1,data,orders,what was ordered,orders/itemId,purchase,ordinary,offers service,consent,30,\"by the retention rules, the shortest that applies\",sealed,"
            + "\"with the person's data, and then the key is destroyed\",GET /profiles/{customerId},,7,2026-02-01,2026-04-01,\"'=the item, \"\"quoted\"\"\"\r\n",
            csv, StringComparison.Ordinal);

        foreach (var (language, title, words) in new[]
        {
            ("ru", "Реестр обработки персональных данных", new[] { "что заказано", "прямой идентификатор", "Рога и копыта", "согласие", "purchase: 30 дн., затем 1826 дн. заблокировано: 402-FZ art. 29" }),
            ("en", "Record of processing", ["what was ordered", "direct identifier", "Рога и копыта", "consent", "purchase: 30 days, then frozen for 1826 days: 402-FZ art. 29", "the oldest of 2026-02-01"]),
        })
        {
            var page = await TextAsync($"/audit/data-map?language={language}", "text/html");
            Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
            Assert.Contains($"<h1>{title}</h1>", page, StringComparison.Ordinal);
            Assert.All(words, word => Assert.Contains(word, page, StringComparison.Ordinal));
            Assert.DoesNotContain(", RU", page, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(HttpStatusCode.OK, await app.StatusAsync("/audit/data-map", Roles.Operator));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/audit/data-map", Roles.Marketer));
        Assert.Equal(HttpStatusCode.Forbidden, await app.StatusAsync("/audit/data-map/changes", Roles.Operator));
        Assert.EndsWith("unknown-document-language", (await app.RefusedAsync("/audit/data-map?language=xx"))["type"]!.GetValue<string>(), StringComparison.Ordinal);
        using var client = Accepting("image/png");
        Assert.Equal(HttpStatusCode.NotAcceptable, (await client.GetAsync(new Uri("/audit/data-map", UriKind.Relative))).StatusCode);
    }

    [ContractFact]
    public async Task What_differs_from_the_last_map_is_an_event_in_the_log_once_and_counts_are_none()
    {
        var name = "changing";
        var first = Shop(name);
        await AnnounceAsync(first);
        var narrower = first with { AnnouncedAt = first.AnnouncedAt.AddMinutes(1), Collections = [first.Collections[0] with { Contents = first.Collections[0].Contents with { Keeping = Holds.UntilErased } }] };
        await AnnounceAsync(narrower);
        var grown = narrower with { AnnouncedAt = narrower.AnnouncedAt.AddMinutes(1), Collections = [narrower.Collections[0] with { Documents = 100, OldestOn = new DateOnly(2026, 2, 2) }] };
        await AnnounceAsync(grown);

        // Late and again.
        await app.PublishAsync("retention", first, narrower, grown);
        await app.UntilHandledAsync("retention");
        await AnnounceAsync(Shop("last"));

        var changes = (await app.GetAsync("/audit/data-map/changes", Roles.Auditor))["items"]!.AsArray().Where(change => change!["participant"]!.GetValue<string>() == name).ToArray();
        Assert.Equal(2, changes.Length);
        Assert.Equal("""[{"of":"map","kind":"added","members":[]}]""", changes[0]!["differences"]!.ToJsonString());
        Assert.Equal("""[{"of":"data/orders","kind":"changed","members":["keeping"]},{"of":"keys/data_keys","kind":"removed","members":[]}]""", changes[1]!["differences"]!.ToJsonString());
        var map = await app.GetAsync("/audit/data-map", Roles.Auditor);
        Assert.Equal(changes[1]!["fingerprint"]!.GetValue<string>(), ServiceOf(map, name)["fingerprint"]!.GetValue<string>());
        Assert.Equal(100, ServiceOf(map, name)["collections"]![0]!["documents"]!.GetValue<long>());

        // The stand-ins, Audit itself and these: each first map and the one change.
        var entries = (await app.GetAsync("/audit/entries?limit=1000", Roles.Auditor))["items"]!.AsArray();
        var told = (await app.GetAsync("/audit/data-map/changes", Roles.Auditor))["items"]!.AsArray().Count;
        await Eventually.Is(
            "each change is in the log, once",
            async () => (await app.GetAsync("/audit/entries?limit=1000", Roles.Auditor))["items"]!.AsArray().Count(entry => entry!["type"]!.GetValue<string>() == "DataMapChanged"),
            count => count == told, ServiceApp.Soon);
        Assert.All(entries, entry => Assert.Null(entry!["read"]));
    }

    [ContractFact]
    public async Task A_service_that_says_nothing_is_missed()
    {
        var map = await app.GetAsync("/audit/data-map", Roles.Auditor);

        // Two of those that hold data by the deployed list; no stand-in announces for them.
        Assert.Equal(["profile", "recommendation"], map["awaiting"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Contains("<p>Реестр неполон: больше двух суток нет сведений от сервисов profile, recommendation.</p>", await TextAsync("/audit/data-map", "text/html"), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Audit_announces_its_own_collections_which_are_those_of_its_stores()
    {
        var audit = ServiceOf(await app.GetAsync("/audit/data-map", Roles.Auditor), "audit");
        string[] Announced(string store) => [.. audit["collections"]!.AsArray().Where(entry => entry!["store"]!.GetValue<string>() == store).Select(entry => entry!["name"]!.GetValue<string>())];

        Assert.Equal((await app.Module("audit").Store.CountCollectionsAsync(CancellationToken.None)).Keys.Order(StringComparer.Ordinal), Announced("data"));
        Assert.Equal(["data_keys", "key_positions"], Announced("keys"));
        Assert.Contains("GET /audit/export: auditor, officer", audit.ToJsonString(), StringComparison.Ordinal);
    }

    private static JsonNode ServiceOf(JsonObject map, string name) => map["services"]!.AsArray().Single(service => service!["name"]!.GetValue<string>() == name)!;

    private DataMapAnnounced Shop(string name) => new()
    {
        Participant = name,
        Region = "s1",
        AnnouncedAt = app.Now.AddSeconds(1),
        Collections =
        [
            new DataMapEntry
            {
                Name = "orders",
                Store = "data",
                Encryption = "sealed",
                Contents = new CollectionContents
                {
                    What = Holds.Text("what was ordered", "что заказано"),
                    Data =
                    [
                        new HeldData
                        {
                            Name = "orders/itemId", Category = "purchase", Classification = DataClassification.Ordinary, Purposes = ["offers", "service"], Description = "=the item, \"quoted\"",
                        },
                        Holds.Data("customer-id", "customer-id", DataClassification.DirectIdentifier, Holds.Consent),
                    ],
                    Keeping = Holds.ByRetentionRules,
                    ExportedBy = "GET /profiles/{customerId}",
                },
                Documents = 7,
                OldestOn = new DateOnly(2026, 2, 1),
                ExpiresNextOn = new DateOnly(2026, 4, 1),
            },
            new DataMapEntry { Name = "data_keys", Store = "keys", Encryption = "wrapped", Contents = Holds.Nobody("keys", "ключи") },
        ],
        Purposes =
        [
            new MappedPurpose
            {
                Id = "offers", LawfulBasis = "consent", Categories = ["purchase"], Titles = new Dictionary<string, string> { ["ru"] = "Предложения", ["en"] = "Offers" },
                Recipients = ["Рога и копыта"], Processors = [], StorageLocations = ["RU"],
            },
        ],
        RetentionRules = [new RetentionRule { Purpose = "offers", Category = "purchase", KeepDays = 30, FreezeDays = 1826, LegalBasis = "402-FZ art. 29" }],
    };

    private async Task AnnounceAsync(DataMapAnnounced map)
    {
        await app.PublishAsync("retention", map);
        await Eventually.Is(
            "the announcement is kept", () => app.Module("audit").OpenSession().LoadAsync<KnownDataMap>(map.Participant, CancellationToken.None),
            known => known?.Announced.AnnouncedAt >= map.AnnouncedAt, ServiceApp.Soon);
    }

    private HttpClient Accepting(string form)
    {
        var client = app.As(Roles.Auditor);
        client.DefaultRequestHeaders.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(form));
        return client;
    }

    private async Task<string> TextAsync(string path, string form)
    {
        using var client = Accepting(form);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        Assert.Equal((HttpStatusCode.OK, form), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        return await response.Content.ReadAsStringAsync();
    }
}

public sealed class DataMapOnSqliteTests(SqliteAuditApp app) : DataMapContract<SqliteAuditApp>(app), IClassFixture<SqliteAuditApp>;

[RequiresMongo]
public sealed class DataMapOnMongoTests(MongoAuditApp app) : DataMapContract<MongoAuditApp>(app), IClassFixture<MongoAuditApp>;
