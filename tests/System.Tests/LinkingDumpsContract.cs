using System.Buffers.Text;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Personalization.Contracts;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Personalization.System.Tests;

public sealed class LinkingDumpsOfSqlite(SystemFixture<OneProcessSystem> fixture) : LinkingDumpsContract<OneProcessSystem>(fixture);

[RequiresBroker]
[RequiresMongo]
public sealed class LinkingDumpsOfMongo(SystemFixture<DistributedSystem> fixture) : LinkingDumpsContract<DistributedSystem>(fixture)
{
    [ContractFact]
    public async Task No_message_of_a_service_and_nothing_said_of_one_that_failed_names_the_person()
    {
        await using var connection = await new ConnectionFactory { Uri = System.Broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var ours = await TapAsync(channel, Topology.Subscriptions.Select(subscription => subscription.Message).Except([typeof(CustomerEvent)]).Distinct().Select(BrokerTopology.ExchangeOf));
        var publishers = await TapAsync(channel, [Topology.CustomerEvents]);

        await StoreAsync();
        var json = new BasicProperties { ContentType = "application/json" };
        await channel.BasicPublishAsync(Topology.CustomerEvents, "", mandatory: true, json, JsonSerializer.SerializeToUtf8Bytes(Users.Event(Customer, "f3"), Platform.Json.Options));
        await channel.BasicPublishAsync(Topology.CustomerEvents, "", mandatory: true, json, Encoding.UTF8.GetBytes($$"""{"subject":"{{Customer}}","email":"{{Email}}","time":"{{Phone}}"}"""));
        await channel.BasicPublishAsync("", FailingQueue, mandatory: true, new BasicProperties { ContentType = "application/vnd.masstransit+json" }, Encoding.UTF8.GetBytes(
            $$"""{"messageType":["urn:message:Personalization.Contracts.Consent:ConsentRevoked"],"message":{"decidedAt":"{{Email}}","consent":"{{Phone}}","narrowed":"{{Customer}}" } }"""));
        await ForgetAsync();

        var told = await Eventually.Is(
            "the services told of the erasure", () => TakeAsync(ours), text => text.Contains("ErasureCompleted", StringComparison.Ordinal), TimeSpan.FromSeconds(30));
        var failed = await Eventually.Is(
            "the message that failed is in its error queue", () => TakeAsync((channel, FailingQueue + "_error", new StringBuilder())), text => text.Length > 0, TimeSpan.FromSeconds(90));
        AssertNamesNobody("a message", told);
        AssertNamesNobody("the header of a message that failed", failed[..failed.IndexOf(Body, StringComparison.Ordinal)]);
        Assert.Contains("MT-Fault-Message=JsonException, error id ", failed, StringComparison.Ordinal);
        Assert.DoesNotContain("could not be converted", failed, StringComparison.Ordinal);

        // Where it was put it is found: in what a publisher sent, and in the body of what failed.
        Assert.Contains(Email, await TakeAsync(publishers), StringComparison.Ordinal);
        Assert.Contains(Email, failed[failed.IndexOf(Body, StringComparison.Ordinal)..], StringComparison.Ordinal);

        // What a publisher sent that can't be handled is in quarantine and nowhere else.
        foreach (var queue in new[] { "ingest-on-customer-event_error", "ingest-on-customer-event_skipped" })
        {
            await using var asking = await connection.CreateChannelAsync();
            await Assert.ThrowsAsync<OperationInterruptedException>(async () => await asking.QueueDeclarePassiveAsync(queue));
        }
    }

    private const string FailingQueue = "close-profile-gate-on-consent-revoked";
    private const string Body = "\nbody ";

    /// <summary>A queue that gets a copy of what is published to these exchanges from now on.</summary>
    private static async Task<(IChannel Channel, string Queue, StringBuilder Taken)> TapAsync(IChannel channel, IEnumerable<string> exchanges)
    {
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        foreach (var exchange in exchanges) await channel.QueueBindAsync(queue, exchange, "");
        return (channel, queue, new StringBuilder());
    }

    /// <summary>All that came to a queue so far: its headers, then its body.</summary>
    private static async Task<string> TakeAsync((IChannel Channel, string Queue, StringBuilder Taken) tap)
    {
        while (await tap.Channel.BasicGetAsync(tap.Queue, autoAck: true) is { } message)
        {
            foreach (var (name, value) in message.BasicProperties.Headers ?? new Dictionary<string, object?>())
                tap.Taken.Append(name).Append('=').Append(value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value).Append('\n');
            tap.Taken.Append(message.BasicProperties.Type).Append(message.BasicProperties.CorrelationId).Append(message.Exchange).Append(Body).Append(Encoding.UTF8.GetString(message.Body.Span)).Append('\n');
        }

        return tap.Taken.ToString();
    }
}

/// <summary>Somebody has dumps of Profile's and Recommendation's databases, all telemetry, a list of customers to try, and no key: whose data is it? P6 of the design.</summary>
public abstract class LinkingDumpsContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    protected const string Customer = "customer-canary-4711";
    protected const string Email = "canary.of.4711@example.org";
    protected const string Phone = "+79161234711";
    private const string Region = "ru";

    // What is public, or can be guessed, and might have been taken for a key.
    private static readonly string[] GuessedKeys = ["", Region, "s1", "s1_", "subject-ref-1", "personalization", "secret", "salt"];

    protected TSystem System => fixture.System;

    protected Cinema Users => fixture.Cinema;

    public Task InitializeAsync()
    {
        System.Metrics.Open();
        System.Logs.Level = LogLevel.Trace;
        return fixture.OpenAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task No_direct_identifier_is_in_the_dumps_and_without_the_key_nobody_in_them_is_found()
    {
        await StoreAsync();
        var (profile, recommendation) = (await System.DumpAsync("profile"), await System.DumpAsync("recommendation"));
        var subject = new SubjectRefs(Path.Combine(System.KeysDirectory, "shared", "subject-ref-1.key"), Region).Of(Customer);

        // The search finds what is there: the person's pseudonym, which with the key takes one step from the customer id.
        Assert.True(Canary.Holds(profile, subject), "Profile's dump does not hold the person at all.");
        Assert.True(Canary.Holds(recommendation, subject), "Recommendation's dump does not hold the person at all.");

        foreach (var (service, dump) in new[] { ("profile", profile), ("recommendation", recommendation) })
        {
            foreach (var identifier in new[] { Customer, Email, Email.Split('@')[0], Phone, Phone[1..] })
            {
                foreach (var form in Canary.Forms(identifier)) Assert.False(Canary.Holds(dump, form), $"{service}: a direct identifier is in the dump.");
                foreach (var (how, hash) in Guesses(identifier)) Assert.False(HoldsHash(dump, hash), $"{service}: {how} of a direct identifier is in the dump.");
            }
        }
    }

    [ContractFact]
    public async Task The_attempt_would_find_an_identifier_that_is_only_hashed()
    {
        await StoreAsync();
        var dump = await System.DumpAsync("profile");

        foreach (var (how, hash) in Guesses(Customer))
        {
            foreach (var planted in new[] { Convert.ToHexString(hash), Convert.ToHexStringLower(hash), Convert.ToBase64String(hash), Base64Url.EncodeToString(hash.AsSpan(0, 20)) })
                Assert.True(HoldsHash([.. dump, .. Encoding.UTF8.GetBytes(planted)], hash), $"{how} would not be found.");
        }

        foreach (var form in Canary.Forms(Email)) Assert.True(Canary.Holds([.. dump, .. Encoding.UTF8.GetBytes(form)], form));
    }

    [ContractFact]
    public async Task No_log_line_span_or_metric_names_the_person_or_the_pseudonym_whatever_is_done_with_them()
    {
        await StoreAsync();
        await fixture.Cinema.PublishAsync(Email, "f1");
        await fixture.Cinema.RecommendAsync(Customer);
        await fixture.Cinema.ChoicesPageAsync(Customer);
        using var contacts = await System.As(Roles.Product).GetAsync(To($"/profiles/{Customer}/contacts?purpose=recommendations"));
        using var refused = await System.As(Roles.Marketer).GetAsync(To($"/profiles/{Customer}?purpose={Email}"));
        using var unread = await System.As(Roles.Product).PostAsync(To("/events"), Cinema.Json(new { subject = Customer, email = Email, time = Phone }));
        await ForgetAsync();

        var telemetry = await TelemetryAsync();
        foreach (var (kind, known) in new[] { ("log", "store ready"), ("span", "DELETE /consents/{customerId}"), ("metric", "personalization_gate_duration_seconds_bucket") })
            Assert.Contains(known, telemetry[kind], StringComparison.Ordinal);
        foreach (var (kind, text) in telemetry)
        {
            AssertNamesNobody($"a {kind}", text);
            Assert.False(text.Contains("s1_", StringComparison.Ordinal), $"A {kind} holds a pseudonym: {Around(text, "s1_")}");
        }
    }

    [ContractFact]
    public async Task A_name_in_a_log_line_a_span_or_a_metric_would_be_found()
    {
        using var source = new ActivitySource("Personalization.Canary");
        using var meter = new Meter("Personalization.Canary");
        System.Logs.CreateLogger("Personalization.Canary").Log(LogLevel.Information, default, "finch.in.a.log@example.org", null, (text, _) => text);
        source.StartActivity("canary")!.SetTag("messaging.destination.name", "finch.in.a.span@example.org").Dispose();
        meter.CreateCounter<int>("personalization.canary").Add(1, new KeyValuePair<string, object?>("of", "finch.in.a.metric@example.org"));

        foreach (var (kind, text) in await TelemetryAsync()) Assert.Contains($"finch.in.a.{kind}@example.org", text, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task Reading_a_contact_is_in_the_audit_log_with_purpose_and_outcome_and_without_the_person()
    {
        await StoreAsync();
        using var product = await System.As(Roles.Product).GetAsync(To($"/profiles/{Customer}/contacts?purpose=recommendations"));
        using var refused = await System.As(Roles.Operator).GetAsync(To($"/profiles/{Customer}?purpose=recommendations"));

        // Other tests read too.
        var reads = await Eventually.Is(
            "both reads are in the log",
            async () => await ReadsAsync(),
            found => found.Any(read => read.Contains("""{"data":"contacts","role":"product","outcome":"shown","categories":["contact"]""") && read.Contains("\"purpose\":\"recommendations\""))
                && found.Any(read => read.Contains("\"role\":\"operator\",\"outcome\":\"refused\"") && read.Contains("\"reason\":\"purpose-not-allowed\"")),
            TimeSpan.FromSeconds(60));

        Assert.Contains(Email, await product.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(reads, read => read.Contains(Customer) || read.Contains("s1_") || read.Contains(Email));
    }

    /// <summary>The person takes everything back, and what follows is done.</summary>
    protected async Task ForgetAsync()
    {
        var (_, revoked) = await fixture.Cinema.RevokeAsync(Customer);
        await fixture.Cinema.UntilCompletedAsync((string)revoked["caseId"]!);
    }

    /// <summary>In no form is an identifier in it.</summary>
    protected static void AssertNamesNobody(string what, string text)
    {
        foreach (var identifier in new[] { Customer, Email, Email.Split('@')[0], Phone, Phone[1..] })
        {
            foreach (var form in Canary.Forms(identifier)) Assert.False(text.Contains(form, StringComparison.Ordinal), $"In {what} there is a direct identifier: {Around(text, form)}");
        }
    }

    private static string Around(string text, string found) => text.IndexOf(found, StringComparison.Ordinal) is var at and >= 0 ? text[Math.Max(0, at - 300)..Math.Min(text.Length, at + 300)] : "";

    private async Task<Dictionary<string, string>> TelemetryAsync()
    {
        using var http = new HttpClient();
        return new()
        {
            ["log"] = System.Logs.ToString(),
            ["span"] = string.Join('\n', System.Spans.All.Select(span => span.Text)),
            ["metric"] = await http.GetStringAsync(System.Metrics.Address),
        };
    }

    private static Uri To(string path) => new(path, UriKind.Relative);

    protected async Task StoreAsync()
    {
        await SendAsync(Roles.Operator, "/purposes/recommendations", new
        {
            lawfulBasis = "consent",
            categories = new[] { "viewing", "opinion", "contact" },
            notices = new[] { new { language = "en", title = "recommendations", text = "We use what you watch and how we reach you." }, new { language = "ru", title = "recommendations", text = "Мы используем то, что вы смотрите, и как с вами связаться." } },
        });
        await SendAsync(Roles.Operator, "/retention-rules", new
        {
            rules = new[] { "viewing", "opinion", "contact" }.Select(category => new { purpose = "recommendations", category, keepDays = 365 })
                .Append(new { purpose = "marketing-groups", category = "viewing", keepDays = 30 }),
            reason = "Contacts are asked for.",
        });
        foreach (var type in new[] { "email", "phone" })
            await SendAsync(Roles.Operator, $"/contact-types/{type}", new { description = "Where news are sent.", category = "contact", purposes = new[] { "recommendations" } });
        await SendAsync(Roles.Officer, "/read-rules", new { rules = ReadRules.Standard.Rules.Append(new ReadRule { Role = "product", Purpose = "recommendations", Categories = ["contact"] }) });
        await fixture.Cinema.GrantCurrentAsync(Customer, "recommendations");
        await fixture.Cinema.PublishAsync(Customer, "f1", rating: 5);
        await Eventually.Is(
            "contacts are taken", async () => (await SendAsync(Roles.Product, $"/profiles/{Customer}/contacts", new { email = Email, phone = Phone }))["stored"]!.AsArray().Count,
            count => count == 2, TimeSpan.FromSeconds(30));
        await fixture.Cinema.UntilPersonalizedAsync(Customer);
    }

    private async Task<JsonObject> SendAsync(string role, string path, object body)
    {
        using var content = Cinema.Json(body);
        using var response = await System.As(role).PutAsync(To(path), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"PUT {path} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private async Task<IReadOnlyList<string>> ReadsAsync()
    {
        var reads = new List<string>();
        for (long? after = 0; after is not null;)
        {
            var page = JsonNode.Parse(await System.As(Roles.Auditor).GetStringAsync(To($"/audit/entries?limit=1000&after={after}")))!;
            reads.AddRange(page["items"]!.AsArray().Where(entry => entry!["read"] is not null).Select(entry => entry!.ToJsonString()));
            after = (long?)page["next"];
        }

        return reads;
    }

    /// <summary>Hashes of an identifier that need no secret.</summary>
    private static IEnumerable<(string How, byte[] Hash)> Guesses(string identifier)
    {
        foreach (var text in new[] { identifier, $"{Region}\n{identifier}", $"{Region}:{identifier}", $"{Region}{identifier}", identifier.ToUpperInvariant() })
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            yield return ("SHA-256", SHA256.HashData(bytes));
            yield return ("SHA-512", SHA512.HashData(bytes));
            foreach (var key in GuessedKeys) yield return ("HMAC-SHA-256 under a guessed key", HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), bytes));
        }
    }

    private static bool HoldsHash(byte[] dump, byte[] hash) =>
        dump.AsSpan().IndexOf(hash.AsSpan(0, 16)) >= 0
        || Canary.Holds(dump, Convert.ToHexStringLower(hash)[..32]) || Canary.Holds(dump, Convert.ToHexString(hash)[..32])
        || Canary.Holds(dump, Convert.ToBase64String(hash)[..20]) || Canary.Holds(dump, Base64Url.EncodeToString(hash)[..20]);
}
