using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.StandIns;
using Personalization.Testing;
using Xunit;

namespace Personalization.Profile.Tests;

/// <summary>What surrounds a Profile that runs in a process of its own, so that it can be killed.</summary>
public sealed class AroundProfile() : ServiceApp("profile", new CinemaStandIn())
{
    public override async Task InitializeAsync()
    {
        // One trust for both processes, written before either reads it.
        Provisioning.EnsureKeys(KeysDirectory, ["cinema", "consent", "profile", "retention"]);
        await base.InitializeAsync();
    }

    protected override async Task<IEnumerable<KeyValuePair<string, string?>>> SettingsAsync() => [KeyValuePair.Create("Broker:Uri", (string?)(await RabbitServer.UriAsync()).ToString())];
}

/// <summary>Profile killed between the receipt of an event and the last trace of what follows from it, and anywhere on the way of an erasure.</summary>
public abstract class SurvivingKillsContract : IAsyncLifetime
{
    private const int SigKill = 128 + 9;

    /// <summary>Published at once: a request's are one unit of work, those on the bus may be several.</summary>
    private const int Events = 3;

    /// <summary>A redelivered message may first have to wait for the dead process's transaction to be given up.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    /// <summary>Places in the order an event passes them: see FailingProfile of tests/Torture.</summary>
    private static readonly string[] Places = ["received", "read", "decided", "writing", "committed", "published", "forgotten"];

    /// <summary>Places in the order a command to erase passes them.</summary>
    private static readonly string[] ErasurePlaces = ["erasing", "erased", "recording", "recorded", "destroyed", "answering", "answered", "published", "forgotten"];

    private static readonly (string Door, string Place)[] Rounds = [.. new[] { "http", "bus" }.SelectMany(door => Places.Select(place => (door, place)))];

    private readonly AroundProfile around = new();
    private (string Store, string KeyStore) stores;

    protected string DataDirectory => around.DataDirectory;

    protected abstract bool IsAvailable { get; }

    protected abstract Task<(string Store, string KeyStore)> NewStoresAsync();

    public async Task InitializeAsync()
    {
        if (!IsAvailable || RabbitServer.Unavailable is not null) return;
        await around.InitializeAsync();
        stores = await NewStoresAsync();
    }

    public Task DisposeAsync() => IsAvailable && RabbitServer.Unavailable is null ? around.DisposeAsync() : Task.CompletedTask;

    [ContractFact]
    public async Task Each_acknowledged_event_has_effect_once_wherever_the_process_dies()
    {
        var profile = await StartAsync();
        try
        {
            await DeclareAsync(profile);
            foreach (var (door, place) in Rounds)
            {
                var customer = CustomerOf(door, place);
                await around.GrantAsync(customer, "recommendations", "viewing");
                JsonObject[] events = [.. Enumerable.Range(0, Events).Select(i => EventOf(customer, $"{customer}-{i}"))];

                await profile.TellAsync(place);
                var isAcknowledged = door == "http" ? await TryPostAsync(profile, events) : await ConfirmAsync(events);
                Assert.Equal(SigKill, await profile.WaitForExitAsync(ServiceApp.Soon));
                profile.Dispose();

                profile = await StartAsync();
                if (!isAcknowledged) Assert.True(await TryPostAsync(profile, events), $"{customer}: the publisher tries again");
                await AreStoredOnceAsync(profile, customer, events);
            }

            foreach (var (door, place) in Rounds) await AreToldOnceAsync(CustomerOf(door, place), Events);
            var published = Rounds.Length * Events;

            // By day, and this may be about midnight.
            Assert.Equal(published, (await Eventually.Is("all are counted", () => AcceptedAsync(profile), counts => counts.Sum() >= published, ServiceApp.Soon)).Sum());
        }
        finally
        {
            profile.Dispose();
        }
    }

    [ContractFact]
    public async Task An_erasure_is_carried_out_and_answered_wherever_the_process_dies()
    {
        var profile = await StartAsync();
        try
        {
            await DeclareAsync(profile);
            foreach (var place in ErasurePlaces)
            {
                var customer = CustomerOf("erasure", place);
                await around.GrantAsync(customer, "recommendations", "viewing");
                JsonObject[] events = [.. Enumerable.Range(0, Events).Select(i => EventOf(customer, $"{customer}-{i}"))];
                Assert.True(await TryPostAsync(profile, events));
                await AreToldOnceAsync(customer, Events);
                var command = around.CommandOf(await around.RevokeAsync(customer));
                around.Around.Erasures.Enqueue(command);
                await profile.TellAsync(place);
                await around.PublishAsync("retention", command);
                Assert.Equal(SigKill, await profile.WaitForExitAsync(ServiceApp.Soon));
                profile.Dispose();

                // Ready means that the erasures it missed are done, whether the command is read again by then or not.
                profile = await StartAsync();
                Assert.Empty(await HeldAsync(profile, customer));
                var receipts = await Eventually.Is(
                    $"{place}: it is answered", () => Task.FromResult(around.Around.Heard<SubjectDataErased>().Where(receipt => receipt.CaseId == command.CaseId).ToArray()), heard => heard.Length > 0, Recovery);
                Assert.All(receipts, receipt =>
                {
                    Assert.Null(receipt.Failure);
                    Assert.All(receipt.Residual, searched => Assert.Equal(0, searched.Found));
                    Assert.Equal(Events, receipt.Erased.Where(erased => erased is { Store: "profile_data", Category: "viewing" }).Sum(erased => erased.Count));
                });
            }
        }
        finally
        {
            profile.Dispose();
        }
    }

    private async Task<ServiceProcess> StartAsync()
    {
        var started = await ServiceProcess.StartAsync(
            "Personalization.Torture.dll", around.DataDirectory, "profile", "--Broker:Uri", (await RabbitServer.UriAsync()).ToString(),
            "--ConsentStream:Url", around.Address.ToString(), "--ErasureSequence:Url", around.Address.ToString(), "--Profile:Store", stores.Store, "--Profile:KeyStore", stores.KeyStore);
        using var client = ClientOf(started, Roles.Operator);
        await Eventually.Is("Profile is ready", async () => (await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, ServiceApp.Soon);
        return started;
    }

    private async Task DeclareAsync(ServiceProcess profile)
    {
        using var client = ClientOf(profile, Roles.Operator);
        using var declaration = ServiceApp.Content(new
        {
            description = "A customer rated a film.",
            fields = new Dictionary<string, object> { ["filmId"] = ProfileApp.Field("string", "viewing", "recommendations") },
            signal = new { itemField = "filmId" },
        });
        using var declared = await client.PutAsync(new Uri("/event-types/film.rated", UriKind.Relative), declaration);
        (await Answer.OfAsync(declared)).Expect(HttpStatusCode.OK);
        await around.PublishAsync("retention", new RetentionRulesChanged
        {
            Version = 1,
            Rules = [new RetentionRule { Purpose = "recommendations", Category = "viewing", KeepDays = 3650 }],
        });
        await around.GrantAsync("first", "recommendations", "viewing");
        await Eventually.Is("the rules are adopted", () => PostAsync(profile, "?dryRun=true", EventOf("first", "first")), answer => answer?["accepted"]?.GetValue<int>() == 1, ServiceApp.Soon);
    }

    private async Task AreStoredOnceAsync(ServiceProcess profile, string customer, JsonObject[] events)
    {
        var held = await Eventually.Is($"{customer}: the events are stored", () => HeldAsync(profile, customer), items => items.Length >= events.Length, Recovery);
        Assert.Equal(events.Select(published => published["id"]!.GetValue<string>()), held);
    }

    private async Task<string[]> HeldAsync(ServiceProcess profile, string customer)
    {
        using var client = ClientOf(profile, Roles.Subject, customer);
        return
        [
            .. JsonNode.Parse(await client.GetStringAsync(new Uri($"/profiles/{customer}", UriKind.Relative)))!["items"]!.AsArray()
                .Select(item => item!["fields"]![0]!["value"]!.GetValue<string>()).Order(),
        ];
    }

    /// <summary>A message may be published again by whoever finds it not forgotten; it is the same signal then.</summary>
    private async Task AreToldOnceAsync(string customer, int events)
    {
        SignalRecorded[] Told() => [.. around.Around.Heard<SignalRecorded>().Where(signal => signal.SubjectRef == around.RefOf(customer)).Select(signal => signal with { Purposes = [] }).Distinct()];
        var told = await Eventually.Is($"{customer}: the signals are told", () => Task.FromResult(Told()), signals => signals.Length >= events, ServiceApp.Soon);
        Assert.Equal(events, told.Length);
    }

    private async Task<long[]> AcceptedAsync(ServiceProcess profile)
    {
        using var client = ClientOf(profile, Roles.Operator);
        using var response = await client.GetAsync(new Uri("/event-types/film.rated/stats?days=2", UriKind.Relative));
        return [.. (await Answer.OfAsync(response)).Expect(HttpStatusCode.OK)["items"]!.AsArray().Select(item => item!["accepted"]!.GetValue<long>())];
    }

    private static string CustomerOf(string door, string place) => $"{door}-{place}";

    /// <summary>Whether the broker took the events; it says so, or throws.</summary>
    private static async Task<bool> ConfirmAsync(JsonObject[] events)
    {
        await RabbitProfileApp.SendAsync("application/json", [.. events.Select(published => published.ToJsonString())]);
        return true;
    }

    /// <summary>Whether the service took the events, and said so before it died.</summary>
    private async Task<bool> TryPostAsync(ServiceProcess profile, JsonObject[] events) => (await PostAsync(profile, "", events))?["accepted"]?.GetValue<int>() == events.Length;

    private async Task<JsonObject?> PostAsync(ServiceProcess profile, string query, params JsonObject[] events)
    {
        using var client = ClientOf(profile, Roles.Product);
        using var batch = ServiceApp.Text(new JsonArray([.. events.Select(published => published.DeepClone())]).ToJsonString(), "application/cloudevents-batch+json");
        try
        {
            using var response = await client.PostAsync(new Uri($"/events{query}", UriKind.Relative), batch);
            return (await Answer.OfAsync(response)).Expect(HttpStatusCode.OK);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private JsonObject EventOf(string customer, string id) => new()
    {
        ["specversion"] = "1.0",
        ["id"] = id,
        ["source"] = "/cinema",
        ["type"] = "film.rated",
        ["subject"] = customer,
        ["time"] = Json.FormatTime(around.Now),
        ["data"] = new JsonObject { ["filmId"] = id },
    };

    private HttpClient ClientOf(ServiceProcess profile, string role, string? customer = null)
    {
        var client = around.As(role, customer);
        client.BaseAddress = profile.Address;
        return client;
    }
}

[RequiresBroker]
public sealed class SurvivingKillsOnSqliteTests : SurvivingKillsContract
{
    protected override bool IsAvailable => true;

    protected override Task<(string Store, string KeyStore)> NewStoresAsync() =>
        Task.FromResult(($"sqlite:{Path.Combine(DataDirectory, "profile.db")}", $"sqlite:{Path.Combine(DataDirectory, "profile-keys.db")}"));
}

[RequiresBroker]
[RequiresMongo]
public sealed class SurvivingKillsOnMongoTests : SurvivingKillsContract
{
    protected override bool IsAvailable => MongoServer.Unavailable is null;

    protected override async Task<(string Store, string KeyStore)> NewStoresAsync() => (await MongoServer.NewDatabaseAsync(), await MongoServer.NewDatabaseAsync());
}
