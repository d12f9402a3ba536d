using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

/// <summary>Recommendation in a process of its own, with viewers enough for a model.</summary>
public sealed class RecommendationApp() : ServiceApp("recommendation", new RecommendationModule(), new ProfileStandIn(), new AuditStandIn())
{
    public static readonly string[] Films = ["f1", "f2", "f3", "f4", "f5", "f6"];

    private int signals;

    /// <summary>The calls on the store.</summary>
    public StoreCalls Calls { get; } = new();

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        foreach (var film in Films) await PutAsync(film, new { title = $"Film {film}", year = 1999 });
        for (var person = 0; person < 8; person++)
        {
            var liked = Films.Where((_, index) => (index + person) % 4 != 0);
            await GrantAsync($"viewer-{person}", "recommendations", "viewing", "opinion");
            await LearnAsync([.. liked.Select(film => Signal($"viewer-{person}", film))]);
        }

        await FollowUntilAsync("all viewers are in the model", async () => await PersonsAsync() == 8);
    }

    /// <summary>A liking as Profile tells of it, under what the person allows now.</summary>
    public SignalRecorded Signal(string customer, string item, double? rating = null, DateTimeOffset? time = null, string? id = null)
    {
        var consent = ConsentOf(customer);
        return new SignalRecorded
        {
            SignalId = id ?? $"signal-{Interlocked.Increment(ref signals)}",
            SubjectRef = consent.SubjectRef,
            Epoch = consent.Epoch,
            ConsentVersion = consent.Version,
            EventType = "film.rated",
            ItemId = item,
            Category = "viewing",
            Purposes = ["marketing-groups", "recommendations"],
            Value = rating,
            ValueCategory = rating is null ? null : "opinion",
            ValuePurposes = rating is null ? null : ["recommendations"],
            Time = time ?? Now,
            ExpiresAt = Now.AddDays(30),
        };
    }

    /// <summary>Publishes signals, and waits until each is stored or refused.</summary>
    public async Task LearnAsync(params SignalRecorded[] told)
    {
        using var counts = new Counts(Module("recommendation").Meter);
        await PublishAsync("profile", told);
        await Eventually.Is("all signals are decided on", () => Task.FromResult(counts.Of("personalization.signals").Count), decided => decided >= told.Length, Soon);
    }

    /// <summary>Somebody who allows recommendations, has watched two films and is in the model.</summary>
    public async Task SettleAsync(string customer)
    {
        await GrantAsync(customer, "recommendations", "viewing", "opinion");
        await LearnAsync(Signal(customer, "f1", rating: 5), Signal(customer, "f2", rating: 4));
        await FollowAsync(customer);
    }

    /// <summary>Lets the instance take a person's signals into its model.</summary>
    public Task FollowAsync(string customer, TimeSpan? within = null) => FollowUntilAsync("the person is in the model", () => Task.FromResult(LikingsOf(customer).Count > 0), within);

    /// <summary>Lets the instance take in what was added, and solve its model from it; what is taken away needs no time.</summary>
    public async Task FollowUntilAsync(string what, Func<Task<bool>> isReached, TimeSpan? within = null) => await Eventually.Is(what, async () =>
    {
        if (await isReached() && !Get<ItemModel>().IsStale) return true;
        await AdvanceAsync(TimeSpan.FromSeconds(2));
        return false;
    }, within ?? Soon);

    protected override async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() =>
        [.. await base.SettingsAsync(), new("Recommendation:MinSupport", "5")];

    protected override void Replace(IServiceCollection services) => Calls.Record(services, "recommendation");

    public static bool IsPersonalized(JsonObject answer) => answer["personalized"]!.GetValue<bool>();

    public async Task<JsonObject> RecommendAsync(string customer, int limit = 5) => JsonNode.Parse(await RecommendTextAsync(customer, limit))!.AsObject();

    /// <summary>The answer, byte for byte.</summary>
    public async Task<string> RecommendTextAsync(string customer, int limit = 5)
    {
        var answer = await SendAsync(HttpMethod.Get, $"/recommendations/{customer}?limit={limit}", null, Roles.Product);
        answer.Expect(HttpStatusCode.OK);
        return answer.Text;
    }

    /// <summary>Persons in the model of the instance.</summary>
    public async Task<int> PersonsAsync() => (await GetAsync("/recommendations/model"))["persons"]!.GetValue<int>();

    /// <summary>What the instance's model holds of a person.</summary>
    public IReadOnlyCollection<string> LikingsOf(string customer) => Get<ItemModel>().LikingsOf(RefOf(customer));

    public async Task PutAsync(string item, object content) =>
        (await SendAsync(HttpMethod.Put, $"/items/{item}", Content(content), Roles.Operator)).Expect(HttpStatusCode.OK);

    public Task<SubjectHistory?> HistoryAsync(string customer) =>
        Module("recommendation").OpenSession().LoadAsync<SubjectHistory>(RefOf(customer), CancellationToken.None);

    /// <summary>The row of a person, readable or not.</summary>
    public async Task<StoredDocument?> RowAsync(string customer) =>
        (await Module("recommendation").Store.ReadAsync([new DocumentKey("subject_histories", RefOf(customer))], CancellationToken.None)).SingleOrDefault();
}

/// <summary>Stands in for Profile: tells what a recommender may learn.</summary>
internal sealed class ProfileStandIn : IModule
{
    public string Name => "Profile";

    public void Configure(ModuleBuilder module) => module.Publishes<SignalRecorded>();
}

/// <summary>Stands in for Audit: hears what was answered.</summary>
internal sealed class AuditStandIn : IModule
{
    public string Name => "Audit";

    public void Configure(ModuleBuilder module) => module.Consumer<RecordOn<RecommendationsAnswered>, RecommendationsAnswered>();
}
