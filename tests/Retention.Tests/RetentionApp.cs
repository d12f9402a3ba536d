using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Personalization.Contracts;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Testing;
using Xunit;

namespace Personalization.Retention.Tests;

/// <summary>Retention in a process of its own with stand-ins for the services around it, which say what the test makes them say.</summary>
public class RetentionApp : IAsyncLifetime
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    private readonly string directory = Directory.CreateTempSubdirectory("retention-").FullName;
    private WebApplication? app;
    private long readRules;

    /// <summary>What the stand-in of Consent answers and what went over the bus.</summary>
    internal Surroundings Around { get; } = new();

    /// <summary>What the services take for the time; tokens are checked by the real one.</summary>
    public ShiftedTime Time { get; } = new();

    public virtual async Task InitializeAsync()
    {
        await Detached(async () => app = await StartAsync());

        // Longer than anything else: a database server that has just been started makes all collections first.
        await Eventually.Is("it is ready", async () => (await As(Roles.Operator).GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, 4 * Soon);
    }

    public virtual async Task DisposeAsync()
    {
        await app!.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    public async Task RestartAsync()
    {
        await app!.DisposeAsync();
        await InitializeAsync();
    }

    /// <summary>A second process of the services on the same stores and keys, with a bus of its own.</summary>
    public async Task<WebApplication> StartAnotherAsync()
    {
        WebApplication? other = null;
        await Detached(async () => other = await StartAsync());
        return other!;
    }

    /// <param name="role">The caller's.</param>
    /// <param name="customerId">The person who calls, if one does.</param>
    /// <param name="named">Whether the token says who it is.</param>
    public HttpClient As(string role, string? customerId = null, bool named = true)
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(directory, "keys", "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru" };
        if (named) claims["sub"] = customerId ?? role;
        if (customerId is not null) claims["customer_id"] = customerId;
        var token = issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(5), claims);
        return new HttpClient { BaseAddress = new Uri(app!.Urls.First()), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    /// <summary>Where the keys of this deployment are.</summary>
    public string KeysDirectory => Path.Combine(directory, "keys");

    public string RefOf(string customerId) => app!.Services.GetRequiredService<SubjectRefs>().Of(customerId);

    /// <summary>A revocation as Consent publishes it; <paramref name="byBus"/> false: the message is lost, only the stream has it.</summary>
    public async Task<string> RevokeAsync(string customerId, long version = 2, bool epochEnded = true, bool isNarrowing = true, bool byBus = true)
    {
        var consent = Module("consent");
        var revoked = consent.Signer.Sign(new ConsentRevoked
        {
            Consent = new ConsentSnapshot { SubjectRef = RefOf(customerId), Version = version, Epoch = 1, Number = Around.Stream.Count + 1, Decisions = [] },
            Narrowed = isNarrowing ? [new NarrowedConsent { Purpose = "recommendations", Category = "viewing" }] : [],
            EpochEnded = epochEnded,
            DecidedAt = Time.GetUtcNow(),
        });
        if (byBus) await PublishAsync("consent", revoked);
        else Around.Stream.Enqueue(new ConsentStreamEntry { Revoked = revoked });
        return ErasureCaseId.Of(RefOf(customerId), version);
    }

    /// <summary>Announces read rules, and waits until they are adopted.</summary>
    public async Task AllowReadsAsync(params ReadRule[] rules)
    {
        var version = Interlocked.Increment(ref readRules);
        await PublishAsync("consent", new ReadRulesChanged { Version = version, Rules = rules, ChangedAt = Time.GetUtcNow() });
        await Eventually.Is(
            "the read rules are adopted", async () => (await ReadRules.OfAsync(Module("retention").OpenSession(), CancellationToken.None)).Version, adopted => adopted == version, Soon);
    }

    /// <summary>A participant's answer to the command of that case.</summary>
    public async Task AnswerAsync(string caseId, string participant, long found = 0, string? failure = null, string? signedBy = null, IReadOnlyList<string>? passedOnTo = null) =>
        await PublishAsync(signedBy ?? participant, Module(signedBy ?? participant).Signer.Sign(await ReceiptAsync(caseId, participant) with
        {
            Residual = [new ResidualScan { Searched = "profiles", Found = found }],
            Failure = failure,
            PassedOnTo = passedOnTo,
        }));

    /// <summary>What a participant would answer to the command of that case, not signed yet.</summary>
    public async Task<SubjectDataErased> ReceiptAsync(string caseId, string participant)
    {
        var command = await Eventually.Is("the command was sent", () => Task.FromResult(Around.Commands.FirstOrDefault(sent => sent.CaseId == caseId)), sent => sent is not null, Soon);
        return new SubjectDataErased
        {
            CaseId = caseId,
            SubjectRef = command!.SubjectRef,
            Epoch = command.Epoch,
            Version = command.Version,
            Participant = participant,
            ErasedAt = Time.GetUtcNow(),
            Erased = [new ErasedData { Store = "profiles", Category = "viewing", Count = 3, Method = "erased" }],
            Retained = [],
            Residual = [new ResidualScan { Searched = "profiles", Found = 0 }],
        };
    }

    /// <summary>A participant's part of an export, in as many pieces as it takes.</summary>
    public async Task GiveAsync(string exportId, string participant, string? signedBy = null, params ExportedDatum[] data)
    {
        var command = await Eventually.Is(
            "the command was sent", () => Task.FromResult(Around.Told.OfType<ExportSubject>().FirstOrDefault(sent => sent.ExportId == exportId)), sent => sent is not null, Soon);
        var part = new ExportedPart(
            participant, TimeProvider.System.GetUtcNow(), new Dictionary<string, Wording> { ["profile_data"] = Holds.Text("what customers did", "действия клиентов") }, data, []);
        var pieces = part.Seal(exportId, Convert.FromBase64String(command!.PublicKey)).Chunk(SubjectExport.PieceLength).ToArray();
        var answerId = Guid.NewGuid().ToString("N");

        // Backwards: whatever order they come in.
        foreach (var (index, piece) in pieces.Index().Reverse())
        {
            await PublishAsync(signedBy ?? participant, Module(signedBy ?? participant).Signer.Sign(new SubjectDataExported
            {
                ExportId = exportId,
                SubjectRef = command.SubjectRef,
                Participant = participant,
                AnswerId = answerId,
                Piece = index + 1,
                Pieces = pieces.Length,
                Content = Convert.ToBase64String(piece),
            }));
        }
    }

    /// <summary>Changes a stored document as time would.</summary>
    public async Task ChangeAsync<T>(string id, Func<T, T> change)
        where T : class, IDocument
    {
        for (var attempt = 0; ; attempt++)
        {
            var session = Module("retention").OpenSession();
            session.Store(change((await session.LoadAsync<T>(id, CancellationToken.None))!));
            try
            {
                await session.CommitAsync(CancellationToken.None);
                return;
            }
            catch (DocumentConflictException) when (attempt < 20)
            {
                // The service did something about it.
            }
        }
    }

    /// <summary>All bytes of the service's data files, write-ahead log included.</summary>
    public byte[] Files() => [.. Directory.GetFiles(directory, "retention.db*").Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)).SelectMany(file =>
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    })];

    public Task PublishAsync<T>(string module, T message)
        where T : class => PublishAsync(app!, module, message);

    public static async Task PublishAsync<T>(WebApplication instance, string module, T message)
        where T : class
    {
        var session = instance.Services.GetRequiredKeyedService<ServiceModule>(module).OpenSession();
        session.Publish(message);
        await session.CommitAsync(CancellationToken.None);
    }

    public static object Rule(string category, int keepDays, string? legalBasis = null) => new { purpose = "recommendations", category, keepDays, legalBasis };

    public async Task<(HttpStatusCode Status, JsonObject Answer)> ReplaceRulesAsync(string reason, params object[] rules)
    {
        using var response = await As(Roles.Operator).PutAsJsonAsync(new Uri("/retention-rules", UriKind.Relative), new { rules, reason });
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    public async Task<JsonObject> CaseAsync(string caseId) => (await As(Roles.Officer).GetFromJsonAsync<JsonObject>(new Uri($"/erasures/{caseId}", UriKind.Relative)))!;

    public Task<JsonObject> UntilAsync(string caseId, Func<JsonObject, bool> isReached) =>
        Eventually.Is("the case came to that state", () => CaseAsync(caseId), isReached, Soon);

    public WebApplication Instance => app!;

    public ServiceModule Module(string name) => app!.Services.GetRequiredKeyedService<ServiceModule>(name);

    // Apart from the test's async flow: MassTransit keeps its log context in it.
    private static Task Detached(Func<Task> work)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(work);
    }

    protected virtual Task<IReadOnlyDictionary<string, string?>> SettingsAsync() => Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>());

    private async Task<WebApplication> StartAsync()
    {
        var settings = await SettingsAsync();
        var created = ServiceHost.Create(
            [], [new RetentionModule(), new FakeConsent(), .. new[] { "Audit", "Profile", "Recommendation" }.Select(name => new FakeParticipant(name))],
            builder =>
            {
                builder.Environment.EnvironmentName = Environments.Development;
                builder.Services.AddSingleton<TimeProvider>(Time);
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["Data:Directory"] = directory,
                    ["Logging:LogLevel:Default"] = "None",
                    ["Retention:ResendAfterSeconds"] = "1",
                    ["Retention:ResendAtMostSeconds"] = "1",
                });
                builder.Configuration.AddInMemoryCollection(settings);
            },
            services => services.AddSingleton(Around));
        await created.StartAsync();
        return created;
    }
}

/// <summary>One that sends a case again only when a test says so.</summary>
public class PatientRetentionApp : RetentionApp
{
    protected override Task<IReadOnlyDictionary<string, string?>> SettingsAsync() => Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>
    {
        ["Retention:ResendAfterSeconds"] = "3600",
        ["Retention:ResendAtMostSeconds"] = "3600",
    });
}

/// <summary>The same on MongoDB.</summary>
public class PatientMongoRetentionApp : PatientRetentionApp
{
    private string store = "";
    private string keyStore = "";

    public override async Task InitializeAsync()
    {
        if (MongoServer.Unavailable is not null) return;
        if (store.Length == 0) (store, keyStore) = (await MongoServer.NewDatabaseAsync(), await MongoServer.NewDatabaseAsync());
        await base.InitializeAsync();
    }

    public override Task DisposeAsync() => MongoServer.Unavailable is null ? base.DisposeAsync() : Task.CompletedTask;

    protected override async Task<IReadOnlyDictionary<string, string?>> SettingsAsync() =>
        new Dictionary<string, string?>(await base.SettingsAsync()) { ["Retention:Store"] = store, ["Retention:KeyStore"] = keyStore };
}

/// <summary>One in which a demand can be taken back for a day.</summary>
public sealed class CoolingOffApp : PatientRetentionApp
{
    /// <summary>The setting.</summary>
    public static readonly KeyValuePair<string, string?> ForADay = new("Retention:CoolingOffHours", "24");

    protected override async Task<IReadOnlyDictionary<string, string?>> SettingsAsync() => new Dictionary<string, string?>(await base.SettingsAsync()) { [ForADay.Key] = ForADay.Value };
}

/// <summary>The same on MongoDB.</summary>
public sealed class CoolingOffMongoApp : PatientMongoRetentionApp
{
    protected override async Task<IReadOnlyDictionary<string, string?>> SettingsAsync() =>
        new Dictionary<string, string?>(await base.SettingsAsync()) { [CoolingOffApp.ForADay.Key] = CoolingOffApp.ForADay.Value };
}

internal sealed class Surroundings
{
    /// <summary>What Consent was asked about demands: <c>restrict</c>, <c>revoke</c> or <c>lift</c>, and whose.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Whose use is restricted, by customer id: the restriction.</summary>
    public ConcurrentDictionary<string, string> Restricted { get; } = new();

    /// <summary>Product services that are registered with Profile, as cases name them.</summary>
    public ConcurrentQueue<string> Registered { get; } = new();

    /// <summary>Whether Consent answers at all.</summary>
    public bool IsConsentDown { get; set; }

    /// <summary>The consent version of each restriction.</summary>
    public ConcurrentDictionary<string, long> Versions { get; } = new();

    /// <summary>Whether Consent restricts, and its answer is lost.</summary>
    public bool IsRestrictionLost { get; set; }

    /// <summary>Whether Consent does all but lift restrictions.</summary>
    public bool IsLiftingDown { get; set; }

    public ConcurrentQueue<ConsentStreamEntry> Stream { get; } = new();

    public ConcurrentQueue<EraseSubject> Commands { get; } = new();

    public ConcurrentQueue<ErasureCompleted> Completed { get; } = new();

    public ConcurrentQueue<RetentionRulesChanged> Rules { get; } = new();

    public ConcurrentQueue<string> Revoked { get; } = new();

    public ConcurrentQueue<object> Told { get; } = new();

    public Func<string, IResult> Revoke { get; set; } = _ => Results.StatusCode(500);

    public Func<string, string, IResult> RevokePurpose { get; set; } = (_, _) => Results.StatusCode(500);
}

internal sealed class FakeConsent : IModule
{
    public string Name => "Consent";

    public void Configure(ModuleBuilder module) => module
        .Publishes<ConsentRevoked>()
        .Publishes<SubjectDataErased>()
        .Publishes<SubjectDataExported>()
        .Publishes<ReadRulesChanged>()
        .Consumer<RecordOnEraseSubject, EraseSubject>()
        .Consumer<RecordOnErasureCompleted, ErasureCompleted>()
        .Consumer<RecordOn<ErasureCancelled>, ErasureCancelled>()
        .Consumer<RecordOn<ErasureDueSoon>, ErasureDueSoon>()
        .Consumer<RecordOn<ErasureOverdue>, ErasureOverdue>()
        .Consumer<RecordOn<ErasureReceiptRefused>, ErasureReceiptRefused>()
        .Consumer<RecordOn<LegalHoldsChanged>, LegalHoldsChanged>()
        .Consumer<RecordOn<ExportCompleted>, ExportCompleted>()
        .Consumer<RecordOn<ExportSubject>, ExportSubject>()
        .Consumer<RecordOn<ObjectionReceived>, ObjectionReceived>()
        .Consumer<RecordOn<ObjectionResolved>, ObjectionResolved>()
        .Consumer<RecordOn<PersonalDataRead>, PersonalDataRead>()
        .Consumer<RecordOn<StaffReadDecided>, StaffReadDecided>()
        .Consumer<RecordOnRetentionRulesChanged, RetentionRulesChanged>()
        .Endpoint(Map);

    // Open to everybody: the test's clock may run ahead of the one that tokens are checked by.
    private static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/internal/consent-stream", (long after, Surroundings around) => new ConsentStreamPage
        {
            Head = around.Stream.Count,
            Through = around.Stream.Count,
            Entries = [.. around.Stream.Where(entry => entry.Event.Consent.Number > after)],
        }).AllowAnonymous();
        routes.MapDelete("/consents/{customerId}", (string customerId, Surroundings around) =>
        {
            around.Revoked.Enqueue(customerId);
            if (around.IsConsentDown) return Results.StatusCode(503);
            around.Asked.Enqueue($"revoke {customerId}");
            return around.Revoke(customerId);
        }).AllowAnonymous();
        routes.MapPost("/restrictions", (JsonObject asked, Surroundings around) =>
        {
            var (customerId, reason) = ((string)asked["customerId"]!, (string)asked["reason"]!);
            around.Asked.Enqueue($"restrict {customerId} {reason}");
            var restrictionId = around.Restricted.GetOrAdd(customerId, _ => Guid.CreateVersion7().ToString("N"));

            // Each restriction makes a version.
            return around.IsRestrictionLost
                ? Results.StatusCode(503)
                : Results.Json(new { restriction = new { restrictionId }, version = around.Versions.GetOrAdd(restrictionId, _ => 4 + around.Asked.Count(earlier => earlier == $"lift {customerId}")) });
        }).AllowAnonymous();
        routes.MapDelete("/restrictions/{restrictionId}", (string restrictionId, Surroundings around) =>
        {
            if (around.IsConsentDown || around.IsLiftingDown) return Results.StatusCode(503);
            var (customerId, _) = around.Restricted.FirstOrDefault(restricted => restricted.Value == restrictionId);
            if (customerId is null || !around.Restricted.TryRemove(customerId, out _)) return Results.NotFound();
            around.Asked.Enqueue($"lift {customerId}");
            return Results.Json(new { version = 6 });
        }).AllowAnonymous();
        routes.MapDelete("/consents/{customerId}/{purpose}", (string customerId, string purpose, Surroundings around) => around.RevokePurpose(customerId, purpose))
            .AllowAnonymous();
        routes.MapGet("/purposes", () => Results.Json(new
        {
            items = new object[]
            {
                new { id = "recommendations", type = "personalization", categories = new[] { "viewing", "opinion" } },
                new { id = "newsletter", type = "marketing", categories = Array.Empty<string>() },
                new { id = "offers", type = "marketing", categories = Array.Empty<string>() },
            },
        })).AllowAnonymous();
    }
}

internal sealed class FakeParticipant(string name) : IModule
{
    public string Name => name;

    public void Configure(ModuleBuilder module)
    {
        module.Publishes<SubjectDataErased>().Publishes<SubjectDataExpired>().Publishes<SubjectDataExported>();
        if (name == "Profile") module.Endpoint(MapProfile);
    }

    private static void MapProfile(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/internal/retention-preview", (JsonObject asked) => Results.Json(new { counts = new[] { new { category = (string?)asked["rules"]![0]!["category"], people = 40 } }, lookedAt = 7 }))
            .AllowRoles(Roles.Service);

        // Open to everybody, as Consent is.
        routes.MapGet("/participants", (Surroundings around) => Results.Json(new { items = around.Registered.Select(name => new { participant = name }) })).AllowAnonymous();
    }
}

internal sealed class RecordOnEraseSubject(Surroundings around) : IConsumer<EraseSubject>
{
    public Task Consume(ConsumeContext<EraseSubject> context)
    {
        around.Commands.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOnErasureCompleted(Surroundings around) : IConsumer<ErasureCompleted>
{
    public Task Consume(ConsumeContext<ErasureCompleted> context)
    {
        around.Completed.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOn<T>(Surroundings around) : IConsumer<T>
    where T : class
{
    public Task Consume(ConsumeContext<T> context)
    {
        around.Told.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

internal sealed class RecordOnRetentionRulesChanged(Surroundings around) : IConsumer<RetentionRulesChanged>
{
    public Task Consume(ConsumeContext<RetentionRulesChanged> context)
    {
        around.Rules.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}
