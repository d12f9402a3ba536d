using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.StandIns;

/// <summary>What a revocation was, so that Retention's command can follow from it.</summary>
public sealed record Revocation(string SubjectRef, int Epoch, long Version, bool WholeEpoch, IReadOnlyList<NarrowedConsent> Narrowed)
{
    public string CaseId => ErasureCaseId.Of(SubjectRef, Version);
}

/// <summary>One service in a process of its own, with stand-ins for those around it and a clock that stands still unless the test moves it.</summary>
public abstract class ServiceApp(string service, params IModule[] modules) : IAsyncLifetime
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, ConsentSnapshot> consents = [];
    private readonly string directory = Directory.CreateTempSubdirectory("service-").FullName;
    private WebApplication? app;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public Surroundings Around { get; } = new();

    public DateTimeOffset Now => Time.GetUtcNow();

    public Uri Address => new(app!.Urls.First());

    /// <summary>Where the services' data files are.</summary>
    public string DataDirectory => directory;

    /// <summary>Where the services' keys are, in the layout of a deployment.</summary>
    public string KeysDirectory => Path.Combine(directory, "keys");

    protected IServiceProvider Services => app!.Services;

    public virtual async Task InitializeAsync()
    {
        await Detached(StartAsync);
        await UntilReadyAsync();
    }

    public virtual async Task DisposeAsync()
    {
        await app!.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    public async Task RestartAsync()
    {
        await RestartAsync(() => Task.CompletedTask);
        await UntilReadyAsync();
    }

    /// <summary>Stops the service, lets something happen to its stores, and starts it; returns before it is ready.</summary>
    public async Task RestartAsync(Func<Task> meanwhile)
    {
        await app!.DisposeAsync();
        await meanwhile();
        await Detached(StartAsync);
    }

    /// <summary>A second process of the service on the same store and keys, with a bus of its own. Its answers are asked for through the client returned.</summary>
    public async Task<(WebApplication Instance, HttpClient Client)> StartAnotherAsync(string role)
    {
        WebApplication? other = null;
        await Detached(async () => other = await CreateAsync());
        var client = As(role);
        client.BaseAddress = new Uri(other!.Urls.First());
        await Eventually.Is("the other instance is ready", async () => (await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, Soon);
        return (other, client);
    }

    public HttpClient As(string role, string? customer = null, bool named = true)
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(directory, "keys", "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru" };
        if (named) claims["sub"] = customer ?? role;
        if (customer is not null) claims["customer_id"] = customer;
        var token = issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5), claims);
        return new HttpClient { BaseAddress = Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    public string RefOf(string customer) => Services.GetRequiredService<SubjectRefs>().Of(customer);

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public ServiceModule Module(string name) => Services.GetRequiredKeyedService<ServiceModule>(name);

    /// <summary>Moves the clock, and waits until the service has asked Consent again.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        // Every tick of every timer happens: of days, only those of the last minute.
        var last = TimeSpan.FromTicks(Math.Min(by.Ticks, TimeSpan.TicksPerMinute));
        Time.AdjustTime(Now + by - last);
        Time.Advance(last);
        await UntilReadyAsync();
    }

    /// <summary>Cuts the service off from Consent and lets its lease end.</summary>
    public async Task CutOffAsync()
    {
        Around.IsConsentReachable = false;
        Time.Advance(ConsentLease.Duration + TimeSpan.FromSeconds(1));
        await Eventually.Is("the lease ended", async () => await StatusAsync("/health/ready") == HttpStatusCode.ServiceUnavailable, Soon);
    }

    public Task MendAsync()
    {
        Around.IsConsentReachable = true;
        return AdvanceAsync(TimeSpan.FromSeconds(1));
    }

    /// <summary>Grants categories of a purpose; returns when the service has it.</summary>
    public async Task GrantAsync(string customer, string purpose, params string[] categories) => await GrantUntilAsync(customer, purpose, null, categories);

    public async Task GrantUntilAsync(string customer, string purpose, DateTimeOffset? validUntil, params string[] categories)
    {
        var before = ConsentOf(customer);
        var granted = categories.Select(category => new CategoryConsent
        {
            Purpose = purpose,
            Category = category,
            Decision = ConsentDecision.Granted,
            GrantedAt = Now,
            ValidUntil = validUntil,
        });
        var next = Next(before, [.. before.Decisions.Where(decision => decision.Purpose != purpose || !categories.Contains(decision.Category)), .. granted]);
        next = next with { Epoch = IsOpen(before) ? before.Epoch : before.Epoch + 1 };
        var message = Module("consent").Signer.Sign(new ConsentGranted { Consent = next, Narrowed = [], EpochEnded = false, DecidedAt = Now });
        await DecideAsync(next, new ConsentStreamEntry { Granted = message }, message);
    }

    /// <summary>Refuses what was never granted; returns when the service has it.</summary>
    public async Task DenyAsync(string customer, string purpose, params string[] categories)
    {
        var before = ConsentOf(customer);
        var next = Next(before, [.. before.Decisions, .. categories.Select(category => new CategoryConsent { Purpose = purpose, Category = category, Decision = ConsentDecision.Denied })]);
        var message = Module("consent").Signer.Sign(new ConsentRevoked { Consent = next, Narrowed = [], EpochEnded = false, DecidedAt = Now });
        await DecideAsync(next, new ConsentStreamEntry { Revoked = message }, message);
    }

    /// <summary>Revokes all, or a purpose, or one category of it; returns when the service has it, or at once if the message is lost on the way.</summary>
    public async Task<Revocation> RevokeAsync(string customer, string? purpose = null, string? category = null, bool byBus = true)
    {
        var before = ConsentOf(customer);
        bool Ends(CategoryConsent decision) => decision.Decision == ConsentDecision.Granted
            && (purpose is null || decision.Purpose == purpose) && (category is null || decision.Category == category);
        NarrowedConsent[] narrowed = [.. before.Decisions.Where(Ends).Select(decision => new NarrowedConsent { Purpose = decision.Purpose, Category = decision.Category })];
        var next = Next(before, [.. before.Decisions.Select(decision => Ends(decision) ? decision with { Decision = ConsentDecision.Revoked, GrantedAt = null, ValidUntil = null } : decision)]);
        var message = Module("consent").Signer.Sign(new ConsentRevoked { Consent = next, Narrowed = narrowed, EpochEnded = !IsOpen(next), DecidedAt = Now });
        await DecideAsync(next, new ConsentStreamEntry { Revoked = message }, byBus ? message : null);
        return new Revocation(next.SubjectRef, next.Epoch, next.Version, !IsOpen(next), narrowed);
    }

    /// <summary>Keeps from use what is granted, or of a category of it; returns when the service has it.</summary>
    public async Task RestrictAsync(string customer, string? category = null)
    {
        var before = ConsentOf(customer);
        var next = Next(before, [.. before.Decisions.Select(decision => decision.Decision == ConsentDecision.Granted && (category is null || decision.Category == category) ? decision with { IsRestricted = true } : decision)]);
        var message = Module("consent").Signer.Sign(new ConsentRevoked { Consent = next, Narrowed = [], EpochEnded = false, DecidedAt = Now });
        await DecideAsync(next, new ConsentStreamEntry { Revoked = message }, message);
    }

    /// <summary>Lifts every restriction; returns when the service has it.</summary>
    public async Task LiftAsync(string customer)
    {
        var before = ConsentOf(customer);
        var next = Next(before, [.. before.Decisions.Select(decision => decision with { IsRestricted = null })]);
        var message = Module("consent").Signer.Sign(new ConsentGranted { Consent = next, Narrowed = [], EpochEnded = false, DecidedAt = Now });
        await DecideAsync(next, new ConsentStreamEntry { Granted = message }, message);
    }

    /// <summary>Sends the command that follows from a revocation, which is in the erasure sequence from then on; the receipt.</summary>
    public async Task<SubjectDataErased> EraseAsync(Revocation revocation)
    {
        IReadOnlyList<SubjectDataErased> Receipts() => [.. Around.Heard<SubjectDataErased>().Where(receipt => receipt.CaseId == revocation.CaseId && receipt.Participant == service)];
        var before = Receipts().Count;
        var command = CommandOf(revocation);
        Around.Erasures.Enqueue(command);
        await PublishAsync("retention", command);
        return (await Eventually.Is("the service answers with a receipt", () => Task.FromResult(Receipts()), receipts => receipts.Count > before, Soon))[^1];
    }

    /// <summary>The command that follows from a revocation.</summary>
    public EraseSubject CommandOf(Revocation revocation) => Module("retention").Signer.Sign(new EraseSubject
    {
        CaseId = revocation.CaseId,
        SubjectRef = revocation.SubjectRef,
        Epoch = revocation.Epoch,
        Version = revocation.Version,
        WholeEpoch = revocation.WholeEpoch,
        Narrowed = revocation.Narrowed,
        Reason = "revoked",
    });

    /// <summary>The command for somebody who never decided anything and demands to be forgotten.</summary>
    public Task<SubjectDataErased> EraseUnknownAsync(string customer) => EraseAsync(new Revocation(RefOf(customer), 0, 0, true, []));

    /// <summary>A data key as the key store holds it.</summary>
    public async Task<IReadOnlyList<StoredDocument>> ReadKeyStoreAsync(string module, string keyId)
    {
        await using var store = DocumentStores.Open($"sqlite:{Path.Combine(directory, "keys", module, "data-keys.db")}");
        await store.InitializeAsync([SubjectKeys.Schema], CancellationToken.None);
        return await store.ReadAsync([new DocumentKey(SubjectKeys.Schema.Name, keyId)], CancellationToken.None);
    }

    public async Task PublishAsync<T>(string module, params T[] messages)
        where T : class
    {
        var session = Module(module).OpenSession();
        foreach (var message in messages) session.Publish(message);
        await session.CommitAsync(CancellationToken.None);
    }

    /// <summary>Waits until every message that a stand-in sent was handled.</summary>
    public Task UntilHandledAsync(string module) => Eventually.Is(
        "all its messages are handled", () => Module(module).OpenSession().CountAsync<OutboxEntry>("created"), waiting => waiting == 0, Soon);

    public async Task<HttpStatusCode> StatusAsync(string path, string role = Roles.Operator, string? customer = null)
    {
        using var client = As(role, customer);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    public async Task<JsonObject> GetAsync(string path, string role = Roles.Operator) => (await SendAsync(HttpMethod.Get, path, null, role)).Expect(HttpStatusCode.OK);

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, string role)
    {
        using var client = As(role);
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using var response = await client.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    public static StringContent Content(object body, string type = "application/json") => Text(JsonSerializer.Serialize(body, Json.Options), type);

    public static StringContent Text(string body, string? type)
    {
        var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        return content;
    }

    /// <summary>All bytes of a service's data files, write-ahead log included, or of its key store's.</summary>
    public byte[] FilesOf(string module, bool keys = false)
    {
        var folder = keys ? Path.Combine(directory, "keys", module) : directory;
        return [.. Directory.GetFiles(folder, keys ? "data-keys.db*" : $"{module}.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)).SelectMany(Read)];

        static byte[] Read(string file)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
    }

    protected virtual Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() => Task.FromResult(Enumerable.Empty<KeyValuePair<string, string?>>());

    protected virtual void Replace(IServiceCollection services)
    {
    }

    private static bool IsOpen(ConsentSnapshot consent) => consent.Decisions.Any(decision => decision.Decision == ConsentDecision.Granted);

    protected ConsentSnapshot ConsentOf(string customer)
    {
        var subject = RefOf(customer);
        return consents.GetValueOrDefault(subject) ?? new ConsentSnapshot { SubjectRef = subject, Version = 0, Epoch = 0, Number = 0, Decisions = [] };
    }

    private ConsentSnapshot Next(ConsentSnapshot before, IReadOnlyList<CategoryConsent> decisions) =>
        before with { Version = before.Version + 1, Number = Around.Stream.Count + 1, Decisions = decisions };

    private async Task DecideAsync<T>(ConsentSnapshot next, ConsentStreamEntry entry, T? message)
        where T : class
    {
        consents[next.SubjectRef] = next;
        Around.Stream.Enqueue(entry);
        if (message is null) return;
        await PublishAsync("consent", message);
        await Eventually.Is(
            "the service applied the decision",
            () => Task.FromResult(Around.Heard<ConsentApplied>().Any(applied => applied.SubjectRef == next.SubjectRef && applied.Version == next.Version && applied.Service == service)),
            Soon);
    }

    // Longer than anything else: a database server that has just been started makes all collections first.
    public Task UntilReadyAsync()
    {
        var probes = 0;
        return Eventually.Is("it is ready", async () =>
        {
            if (await StatusAsync("/health/ready") == HttpStatusCode.OK) return true;

            // What a busy machine cut short at its deadline is repeated with the next tick, and here nothing ticks by itself.
            if (++probes % 50 == 0) Time.Advance(TimeSpan.FromSeconds(1));
            return false;
        }, 4 * Soon);
    }

    // Apart from the test's async flow: MassTransit keeps its log context in it.
    private static Task Detached(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }

    private async Task StartAsync() => app = await CreateAsync();

    private async Task<WebApplication> CreateAsync()
    {
        var settings = await SettingsAsync();
        var created = ServiceHost.Create(
            [], [.. modules, new ConsentStandIn(), new RetentionStandIn()],
            builder =>
            {
                builder.Environment.EnvironmentName = Environments.Development;
                builder.Services.AddSingleton<TimeProvider>(Time);
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["Data:Directory"] = directory,
                    ["Logging:LogLevel:Default"] = "None",
                });
                builder.Configuration.AddInMemoryCollection(settings);
            },
            services =>
            {
                services.AddSingleton(Around);
                Replace(services);
            });
        await created.StartAsync();
        return created;
    }
}

/// <summary>What an HTTP request was answered with.</summary>
public sealed record Answer(HttpStatusCode Status, string Text)
{
    /// <summary>The end of the problem's type.</summary>
    public string? Problem => JsonNode.Parse(Text)?["type"]?.GetValue<string>() is { } type && type.StartsWith(Problems.TypePrefix, StringComparison.Ordinal) ? type[Problems.TypePrefix.Length..] : null;

    public static async Task<Answer> OfAsync(HttpResponseMessage response) => new(response.StatusCode, await response.Content.ReadAsStringAsync());

    public JsonObject Expect(HttpStatusCode expected)
    {
        Assert.True(Status == expected, $"Answered {(int)Status}: {Text}");
        return JsonNode.Parse(Text)!.AsObject();
    }
}
