using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>Profile in a process of its own, with a cinema that publishes ratings and declared what they say.</summary>
public class ProfileApp() : ServiceApp("profile", new ProfileModule(), new CinemaStandIn())
{
    private int events;

    /// <summary>What the service asked of its store, in order.</summary>
    public StoreCalls Calls { get; } = new();

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (await DeclareAsync("film.rated", new
        {
            description = "A customer rated a film.",
            fields = new Dictionary<string, object>
            {
                ["filmId"] = Field("string", "viewing", "recommendations", "marketing-groups"),
                ["rating"] = Field("number", "opinion", "recommendations"),
                ["device"] = Field("string", "technical", "analytics"),
                ["loudness"] = Field("integer", "technical", "recommendations"),
            },
            signal = new { itemField = "filmId", valueField = "rating" },
        })).Expect(HttpStatusCode.OK);
        await RuleAsync(
            1, ("recommendations", "viewing", 365), ("recommendations", "opinion", 300), ("recommendations", "technical", 5), ("marketing-groups", "viewing", 30));
    }

    public static object Field(string type, string category, params string[] purposes) => new { type, category, purposes, description = "What it says." };

    public Task<Answer> DeclareAsync(string type, object declaration) => SendAsync(HttpMethod.Put, $"/event-types/{type}", Content(declaration), Roles.Operator);

    /// <summary>Says who may read what of people's data beside what the roles are for, and nobody else anything.</summary>
    public Task<Answer> AllowReadsAsync(params (string Role, string Purpose, string[] Categories)[] rules) => SendAsync(
        HttpMethod.Put, "/read-rules", Content(new { rules = ReadRules.Standard.Rules.Concat(rules.Select(rule => new ReadRule { Role = rule.Role, Purpose = rule.Purpose, Categories = rule.Categories })) }), Roles.Officer);

    /// <summary>Reads of somebody's data that were told of.</summary>
    public IReadOnlyList<PersonalDataRead> ReadsOf(string customer) => [.. Around.Heard<PersonalDataRead>().Where(read => read.SubjectRef == RefOf(customer))];

    /// <summary>Announces retention rules, and waits until they are adopted.</summary>
    public Task RuleAsync(long version, params (string Purpose, string Category, int KeepDays)[] rules) =>
        RuleAsync(version, [.. rules.Select(rule => new RetentionRule { Purpose = rule.Purpose, Category = rule.Category, KeepDays = rule.KeepDays })]);

    /// <summary>The same with all that a rule can say.</summary>
    public async Task RuleAsync(long version, IReadOnlyList<RetentionRule> rules)
    {
        await PublishAsync("retention", new RetentionRulesChanged { Version = version, Rules = rules });
        await Eventually.Is(
            "the rules are adopted",
            async () => (await Module("profile").OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, CancellationToken.None))?.Version == version, Soon);
    }

    /// <summary>A CloudEvent in structured form.</summary>
    public JsonObject Event(string customer, object data, DateTimeOffset? time = null, string? id = null, string type = "film.rated") => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id ?? $"e{Interlocked.Increment(ref events)}",
        ["source"] = "/cinema",
        ["type"] = type,
        ["subject"] = customer,
        ["time"] = Json.FormatTime(time ?? Now),
        ["data"] = System.Text.Json.JsonSerializer.SerializeToNode(data, Json.Options),
    };

    /// <summary>The same event as .NET publishers send it.</summary>
    public static CustomerEvent Message(JsonObject json) => System.Text.Json.JsonSerializer.Deserialize<CustomerEvent>(json, Json.Options)!;

    /// <summary>Publishes one event over HTTP.</summary>
    public async Task<JsonObject> PublishAsync(JsonObject json, bool dryRun = false) =>
        (await PostAsync(Content(json, "application/cloudevents+json"), dryRun)).Expect(HttpStatusCode.OK);

    /// <summary>Publishes a batch over HTTP.</summary>
    public async Task<JsonObject> PublishAsync(IEnumerable<JsonNode?> batch, bool dryRun = false) =>
        (await PostAsync(Content(new JsonArray([.. batch]), "application/cloudevents-batch+json"), dryRun)).Expect(HttpStatusCode.OK);

    public Task<Answer> PostAsync(HttpContent content, bool dryRun = false, string role = Roles.Product) =>
        SendAsync(HttpMethod.Post, dryRun ? "/events?dryRun=true" : "/events", content, role);

    /// <summary>What waits in quarantine.</summary>
    public async Task<IReadOnlyList<JsonNode>> QuarantineAsync(string state = "waiting")
    {
        var items = new List<JsonNode>();
        for (var after = ""; ;)
        {
            var page = await GetAsync($"/quarantine?state={state}{after}");
            items.AddRange(page["items"]!.AsArray().OfType<JsonNode>());
            if ((string?)page["next"] is not { } next) return items;
            after = $"&after={Uri.EscapeDataString(next)}";
        }
    }

    /// <summary>What is held of a person, as they see it.</summary>
    public async Task<IReadOnlyList<JsonNode>> ProfileAsync(string customer) => [.. (await OwnAsync($"/profiles/{customer}", customer))["items"]!.AsArray().OfType<JsonNode>()];

    /// <summary>What an item of a profile says, whichever event it is of.</summary>
    public static string WithoutId(JsonNode item)
    {
        var said = item.DeepClone().AsObject();
        Assert.True(said.Remove("eventId"));
        return said.ToJsonString();
    }

    /// <summary>What a person gets of their own.</summary>
    public async Task<JsonObject> OwnAsync(string path, string customer)
    {
        using var client = As(Roles.Subject, customer);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return (await Answer.OfAsync(response)).Expect(HttpStatusCode.OK);
    }

    /// <summary>The rows held about a person, permitted or not, readable or not.</summary>
    public async Task<IReadOnlyList<StoredDocument>> RowsAsync(string customer)
    {
        Task<IReadOnlyList<StoredDocument>> Of(string collection) => Module("profile").Store.QueryAsync(
            new DocumentQuery(collection, "subject", AtMost: SubjectIndex.Through(RefOf(customer), 99), After: SubjectIndex.Before(RefOf(customer)), Limit: 10_000),
            CancellationToken.None);
        return [.. await Of(CollectionOf<ProfileDatum>()), .. await Of(CollectionOf<VaultEntry>())];
    }

    /// <summary>Waits until a person's profile has so many items.</summary>
    public Task<IReadOnlyList<JsonNode>> UntilHeldAsync(string customer, int items) =>
        Eventually.Is("the profile has as many items as expected", () => ProfileAsync(customer), held => held.Count == items, Soon);

    public IReadOnlyList<SignalRecorded> SignalsOf(string customer) => [.. Around.Heard<SignalRecorded>().Where(signal => signal.SubjectRef == RefOf(customer))];

    public IReadOnlyList<SegmentEntered> EnteredBy(string customer) => [.. Around.Heard<SegmentEntered>().Where(entered => entered.SubjectRef == RefOf(customer))];

    public IReadOnlyList<SegmentLeft> LeftBy(string customer) => [.. Around.Heard<SegmentLeft>().Where(left => left.SubjectRef == RefOf(customer))];

    /// <summary>Declares a segment of people for whom a rule holds.</summary>
    public Task<Answer> DeclareSegmentAsync(string id, string rule, string purpose = "marketing-groups", string role = Roles.Marketer) => SendAsync(
        HttpMethod.Put, $"/segments/{id}", Content(new { title = "Some people", purpose, channels = (string[])["email"], rule = JsonNode.Parse(rule) }), role);

    /// <summary>Lets the service look at everybody who is due.</summary>
    public async Task EvaluateAsync(TimeSpan? after = null)
    {
        // The lease runs out on a long way; the last second finds it renewed.
        var last = TimeSpan.FromSeconds(1);
        if (after > last) await AdvanceAsync(after.Value - last);
        await AdvanceAsync(last);
        await Eventually.Is(
            "everybody due is evaluated",
            async () => await Module("profile").OpenSession().CountAsync<DueEvaluation>("due", atMost: Json.FormatTime(Now))
                + await Module("profile").OpenSession().CountAsync<ChangedSubjects>("created")
                + await Module("profile").OpenSession().CountAsync<EvaluationPass>("all"),
            waiting => waiting == 0, Soon);
        await UntilHandledAsync("profile");
    }

    /// <summary>Lets the service pull all that the consent stream holds.</summary>
    public async Task FollowAsync()
    {
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        await Eventually.Is(
            "the stream is followed to its end",
            async () => (await Module("profile").OpenSession().LoadAsync<ConsentPosition>(ConsentPosition.Only, CancellationToken.None))?.Through ?? 0,
            through => through == Around.Stream.Count, Soon);
    }

    /// <summary>The segments that a person was found to belong to.</summary>
    public async Task<IReadOnlyList<string>> SegmentsOfAsync(string customer) =>
    [
        .. (await Module("profile").OpenSession().QueryRowsAsync<SegmentMember>("subject", after: SubjectIndex.Before(RefOf(customer)), atMost: SubjectIndex.Through(RefOf(customer), 99)))
            .Select(row => row.Id.Split('/')[1]),
    ];

    public string CollectionOf<T>() => Module("profile").Documents.All.Single(type => type.ClrType == typeof(T)).Collection;

    // The product services of tests are on this machine.
    protected override Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() =>
        Task.FromResult<IEnumerable<KeyValuePair<string, string?>>>([KeyValuePair.Create("Profile:HttpWebhooks", (string?)"true"), KeyValuePair.Create("Profile:PublicUrl", (string?)"https://data.example.org")]);

    protected override void Replace(IServiceCollection services) => Calls.Record(services, "profile");
}

/// <summary>Profile on MongoDB where there is one; where there is none its tests are skipped.</summary>
public sealed class MongoProfileApp : ProfileApp
{
    private IReadOnlyList<KeyValuePair<string, string?>>? settings;

    // The same databases after a restart.
    protected override async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() => settings ??= MongoServer.Unavailable is not null
        ? []
        :
        [
            .. await base.SettingsAsync(),
            KeyValuePair.Create("Profile:Store", (string?)await MongoServer.NewDatabaseAsync()),
            KeyValuePair.Create("Profile:KeyStore", (string?)await MongoServer.NewDatabaseAsync()),
        ];
}

/// <summary>A product service on the bus, and somebody who hears of signals and segments.</summary>
internal sealed class CinemaStandIn : IModule
{
    public string Name => "Cinema";

    public void Configure(ModuleBuilder module) => module
        .Publishes<CustomerEvent>()
        .Consumer<RecordOn<AudienceOpened>, AudienceOpened>()
        .Consumer<RecordOn<FieldsMinimized>, FieldsMinimized>()
        .Consumer<RecordOn<PersonalDataRead>, PersonalDataRead>()
        .Consumer<RecordOn<QuarantineResolved>, QuarantineResolved>()
        .Consumer<RecordOn<SegmentEntered>, SegmentEntered>()
        .Consumer<RecordOn<SegmentLeft>, SegmentLeft>()
        .Consumer<RecordOn<SignalRecorded>, SignalRecorded>()
        .Consumer<RecordOn<WithdrawalRecorded>, WithdrawalRecorded>();
}
