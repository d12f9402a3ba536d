using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Consent.Tests;

/// <summary>Consent in a process of its own, with stand-ins for the services around it: two that serve, and Retention.</summary>
public class ConsentApp : IAsyncLifetime
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly string directory = Directory.CreateTempSubdirectory("consent-").FullName;
    private WebApplication? app;

    /// <summary>What went over the bus, and whether the serving services answer.</summary>
    internal Surroundings Around { get; } = new();

    public ShiftedTime Clock { get; } = new();

    public IServiceProvider Services => app!.Services;

    public ServiceModule Consent => Module("consent");

    /// <summary>Where the keys of the deployment are.</summary>
    public string KeysDirectory => Path.Combine(directory, "keys");

    /// <summary>Where the service's SQLite file is.</summary>
    public string DatabaseFile => Path.Combine(directory, "consent.db");

    /// <summary>Settings beside the defaults.</summary>
    protected virtual Task<Dictionary<string, string?>> SettingsAsync() => Task.FromResult(new Dictionary<string, string?>());

    public async Task InitializeAsync()
    {
        await Detached(StartAsync);

        // Longer than anything else: a database server that has just been started makes all collections first.
        await Eventually.Is("it is ready", async () => (await As(Roles.Operator).GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, 4 * Soon);
    }

    public async Task DisposeAsync()
    {
        // What is still being delivered would go on, and be retried, on what was disposed of.
        await app!.StopAsync();
        await app.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    public async Task RestartAsync()
    {
        await app!.DisposeAsync();
        await InitializeAsync();
    }

    public HttpClient As(string role, string? customerId = null, string? region = "ru")
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(KeysDirectory, "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["sub"] = customerId ?? role };
        if (region is not null) claims["region"] = region;
        if (customerId is not null) claims["customer_id"] = customerId;
        var token = issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5), claims);
        return new HttpClient { BaseAddress = new Uri(app!.Urls.First()), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    /// <summary>A client without a token.</summary>
    public HttpClient AsNobody() => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app!.Urls.First()) };

    public string RefOf(string customerId) => app!.Services.GetRequiredService<SubjectRefs>().Of(customerId);

    /// <summary>Declares a purpose with two categories unless told otherwise; <paramref name="more"/> are further members of the body.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Body)> DeclareAsync(string id, object? more = null, string text = "We use what you watch.")
    {
        var body = new JsonObject
        {
            ["lawfulBasis"] = "consent",
            ["categories"] = new JsonArray("viewing", "opinion"),
            ["notices"] = new JsonArray(Notice("ru", $"{id}: {text} (ru)"), Notice("en", $"{id}: {text}")),
        };
        foreach (var (name, value) in System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { }, Json.Options)!.AsObject()) body[name] = value?.DeepClone();
        return await SendAsync(Roles.Operator, HttpMethod.Put, $"/purposes/{id}", body);

        static JsonObject Notice(string language, string text) => new() { ["language"] = language, ["title"] = "What you watch", ["text"] = text };
    }

    /// <summary>Grants all categories, or some, on what is known now.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Body)> GrantAsync(string customerId, string purpose, string[]? categories = null, int noticeVersion = 1, object? more = null)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(
            new { decision = "granted", noticeVersion, language = "en", channel = "web", categories, decidedAt = Clock.GetUtcNow() }, Json.Options)!.AsObject();
        foreach (var (name, value) in System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { }, Json.Options)!.AsObject()) body[name] = value?.DeepClone();
        return await SendAsync(Roles.Product, HttpMethod.Put, $"/consents/{customerId}/{purpose}", body);
    }

    public Task<(HttpStatusCode Status, JsonObject Body)> DenyAsync(string customerId, string purpose, int noticeVersion = 1) => SendAsync(
        Roles.Product, HttpMethod.Put, $"/consents/{customerId}/{purpose}", new { decision = "denied", noticeVersion, language = "en", channel = "web" });

    public Task<(HttpStatusCode Status, JsonObject Body)> RevokeAsync(string customerId, string? purpose = null) =>
        SendAsync(Roles.Product, HttpMethod.Delete, purpose is null ? $"/consents/{customerId}" : $"/consents/{customerId}/{purpose}");

    /// <summary>Imports lines and returns what became of them.</summary>
    public async Task<JsonObject> ImportAsync(params IEnumerable<object> lines)
    {
        using var client = As(Roles.Operator);
        using var body = new StringContent(string.Join('\n', lines.Select(line => System.Text.Json.JsonSerializer.Serialize(line, Json.Options))), null, "application/x-ndjson");
        using var response = await client.PostAsync(new Uri("/consents:import", UriKind.Relative), body);
        return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync())!.AsObject();
    }

    public async Task<JsonObject> ConsentsAsync(string customerId)
    {
        var (status, body) = await SendAsync(Roles.Product, HttpMethod.Get, $"/consents/{customerId}");
        return status == HttpStatusCode.OK ? body : throw new InvalidOperationException($"GET /consents answered {status}: {body.ToJsonString()}");
    }

    /// <summary>What the answer says of one purpose.</summary>
    public async Task<JsonObject> PurposeAsync(string customerId, string purpose) =>
        (await ConsentsAsync(customerId))["purposes"]!.AsArray().Single(entry => (string?)entry!["purpose"] == purpose)!.AsObject();

    public async Task<JsonObject[]> HistoryAsync(string customerId) =>
        [.. (await SendAsync(Roles.Officer, HttpMethod.Get, $"/consents/{customerId}/history")).Body["items"]!.AsArray().Select(entry => entry!.AsObject())];

    /// <summary>Sends a body as JSON; an answer without a body is an empty object.</summary>
    public async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(
        string role, HttpMethod method, string path, object? body = null, string? customerId = null, params (string Name, string Value)[] headers)
    {
        using var client = As(role, customerId);
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        if (body is not null) request.Content = JsonContent.Create(body, options: Json.Options);
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject());
    }

    /// <summary>The slug of a problem's type.</summary>
    public static string Slug(JsonObject problem) => ((string)problem["type"]!)[Problems.TypePrefix.Length..];

    /// <summary>Erases as Retention would, and waits for Consent's receipt.</summary>
    public async Task<SubjectDataErased> EraseAsync(string customerId, long version, int epoch = 1, bool wholeEpoch = true)
    {
        var caseId = ErasureCaseId.Of(RefOf(customerId), version);
        var retention = Module("retention");
        await PublishAsync("retention", retention.Signer.Sign(new EraseSubject
        {
            CaseId = caseId,
            SubjectRef = RefOf(customerId),
            Epoch = epoch,
            Version = version,
            WholeEpoch = wholeEpoch,
            Narrowed = [],
            Reason = "revoked",
        }));
        return (await Eventually.Is("Consent answered", () => Task.FromResult(Around.Receipts.LastOrDefault(receipt => receipt.CaseId == caseId)), receipt => receipt is not null, Soon))!;
    }

    public async Task PublishAsync<T>(string module, T message)
        where T : class
    {
        var session = Module(module).OpenSession();
        session.Publish(message);
        await session.CommitAsync(CancellationToken.None);
    }

    public ServiceModule Module(string name) => app!.Services.GetRequiredKeyedService<ServiceModule>(name);

    // Apart from the test's async flow: MassTransit keeps its log context in it.
    protected static Task Detached(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }

    private async Task StartAsync()
    {
        var settings = new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Data:Directory"] = directory,

            // What is promised is that a decision is in force when it is answered with 200, not how busy this machine may be.
            ["Consent:WaitForMilliseconds"] = "10000",
            ["Logging:LogLevel:Default"] = Environment.GetEnvironmentVariable("LOGS") ?? "None",
        };
        foreach (var (name, value) in await SettingsAsync()) settings[name] = value;
        app = ServiceHost.Create(
            [], [new ConsentModule(), new FakeServing("Profile"), new FakeServing("Recommendation"), new FakeRetention()],
            builder =>
            {
                builder.Environment.EnvironmentName = Environments.Development;
                builder.Configuration.AddInMemoryCollection(settings);
            },
            services =>
            {
                services.AddSingleton<TimeProvider>(Clock);
                services.AddSingleton(Around);
            });
        await app.StartAsync();
    }
}

internal sealed class Surroundings
{
    /// <summary>Consent events in the order they were published.</summary>
    public ConcurrentQueue<IConsentEvent> Events { get; } = new();

    public ConcurrentQueue<ConsentRenewalNeeded> Renewals { get; } = new();

    public ConcurrentQueue<RewardGranted> Rewards { get; } = new();

    public ConcurrentQueue<UseRestricted> Restricted { get; } = new();

    public ConcurrentQueue<RestrictionLifted> Lifted { get; } = new();

    public ConcurrentQueue<SubjectDataErased> Receipts { get; } = new();

    /// <summary>Services that don't say what they applied.</summary>
    public ConcurrentDictionary<string, bool> Silent { get; } = new();
}

/// <summary>A serving service whose gate is whatever it heard last.</summary>
internal sealed class FakeServing(string name) : IModule
{
    public string Name => name;

    public void Configure(ModuleBuilder module)
    {
        module.Publishes<ConsentApplied>();
        if (name == "Profile")
            module.Consumer<HearOnConsentGranted, ConsentGranted>().Consumer<HearOnConsentRevoked, ConsentRevoked>().Consumer<HearOnConsentExpired, ConsentExpired>();
        else
            module.Consumer<LearnOnConsentGranted, ConsentGranted>().Consumer<LearnOnConsentRevoked, ConsentRevoked>().Consumer<LearnOnConsentExpired, ConsentExpired>();
    }
}

internal sealed class FakeRetention : IModule
{
    public string Name => "Retention";

    public void Configure(ModuleBuilder module) => module
        .Publishes<EraseSubject>()
        .Publishes<RetentionRulesChanged>()
        .Consumer<RecordOnSubjectDataErased, SubjectDataErased>()
        .Consumer<RecordOnConsentRenewalNeeded, ConsentRenewalNeeded>()
        .Consumer<RecordOnRestrictionLifted, RestrictionLifted>()
        .Consumer<RecordOnRewardGranted, RewardGranted>()
        .Consumer<RecordOnUseRestricted, UseRestricted>()
        .Endpoint(routes => routes
            // Open to everybody: the test's clock runs ahead of the one that tokens are checked by.
            .MapGet("/internal/erasures", () => new ErasureSequencePage { Erasures = [], Through = "" })
            .AllowAnonymous());
}

internal abstract class Hear<T>(Surroundings around, DocumentSession session, TimeProvider time, string service, bool records) : IConsumer<T>
    where T : class, IConsentEvent
{
    public Task Consume(ConsumeContext<T> context)
    {
        if (records) around.Events.Enqueue(context.Message);
        if (around.Silent.ContainsKey(service)) return Task.CompletedTask;
        session.Publish(new ConsentApplied { SubjectRef = context.Message.SubjectRef, Version = context.Message.Version, Service = service, AppliedAt = time.GetUtcNow() });
        return Task.CompletedTask;
    }
}

internal sealed class HearOnConsentGranted(Surroundings around, DocumentSession session, TimeProvider time) : Hear<ConsentGranted>(around, session, time, "profile", true);

internal sealed class HearOnConsentRevoked(Surroundings around, DocumentSession session, TimeProvider time) : Hear<ConsentRevoked>(around, session, time, "profile", true);

internal sealed class HearOnConsentExpired(Surroundings around, DocumentSession session, TimeProvider time) : Hear<ConsentExpired>(around, session, time, "profile", true);

internal sealed class LearnOnConsentGranted(Surroundings around, DocumentSession session, TimeProvider time) : Hear<ConsentGranted>(around, session, time, "recommendation", false);

internal sealed class LearnOnConsentRevoked(Surroundings around, DocumentSession session, TimeProvider time) : Hear<ConsentRevoked>(around, session, time, "recommendation", false);

internal sealed class LearnOnConsentExpired(Surroundings around, DocumentSession session, TimeProvider time) : Hear<ConsentExpired>(around, session, time, "recommendation", false);

internal sealed class RecordOnSubjectDataErased(Surroundings around) : IConsumer<SubjectDataErased>
{
    public Task Consume(ConsumeContext<SubjectDataErased> context)
    {
        around.Receipts.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOnConsentRenewalNeeded(Surroundings around) : IConsumer<ConsentRenewalNeeded>
{
    public Task Consume(ConsumeContext<ConsentRenewalNeeded> context)
    {
        around.Renewals.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOnUseRestricted(Surroundings around) : IConsumer<UseRestricted>
{
    public Task Consume(ConsumeContext<UseRestricted> context)
    {
        around.Restricted.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOnRestrictionLifted(Surroundings around) : IConsumer<RestrictionLifted>
{
    public Task Consume(ConsumeContext<RestrictionLifted> context)
    {
        around.Lifted.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOnRewardGranted(Surroundings around) : IConsumer<RewardGranted>
{
    public Task Consume(ConsumeContext<RewardGranted> context)
    {
        around.Rewards.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}
