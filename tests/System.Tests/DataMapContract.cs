using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

public sealed class DataMapOfSqlite(SystemFixture<OneProcessSystem> fixture) : DataMapContract<OneProcessSystem>(fixture);

[RequiresBroker]
[RequiresMongo]
public sealed class DataMapOfMongo(SystemFixture<DistributedSystem> fixture) : DataMapContract<DistributedSystem>(fixture);

/// <summary>The data map of the running system is what its stores hold.</summary>
public abstract class DataMapContract<TSystem>(SystemFixture<TSystem> fixture) : IClassFixture<SystemFixture<TSystem>>, IAsyncLifetime
    where TSystem : HostedSystem, new()
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(90);

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task Every_collection_that_exists_in_a_store_is_in_the_map_and_no_other()
    {
        var map = await Eventually.Is(
            "every service has announced its map", MapAsync, map => Names(map["services"]!).Order(StringComparer.Ordinal).SequenceEqual(["audit", "consent", "profile", "recommendation", "retention"]), Within);
        string[] mapped =
        [
            .. from service in map["services"]!.AsArray()
               from collection in service!["collections"]!.AsArray()
               select $"{service["name"]}/{collection!["store"]}/{collection["name"]}",
        ];

        Assert.Equal((await fixture.System.CollectionsAsync()).Order(StringComparer.Ordinal), mapped.Order(StringComparer.Ordinal));
        Assert.True(mapped.Length > 50, $"Only {mapped.Length} collections were compared.");
        Assert.Empty(map["awaiting"]!.AsArray());
        Assert.All(map["services"]!.AsArray(), service => Assert.Equal(fixture.System.Region, service!["region"]!.GetValue<string>()));
    }

    [ContractFact]
    public async Task What_people_declared_is_in_the_map_within_a_minute()
    {
        var map = await Eventually.Is(
            "the cinema's purposes, periods and event type are in the map", MapAsync,
            map => Names(map["purposes"]!, "id").Contains("recommendations") && map["retentionRules"]!.AsArray().Count > 0 && Names(ProfileData(map)).Any(name => name.Contains('/', StringComparison.Ordinal)),
            Within);

        var field = ProfileData(map).AsArray().First(data => data!["name"]!.GetValue<string>().Contains('/', StringComparison.Ordinal))!;
        Assert.Contains("recommendations", field["purposes"]!.AsArray().Select(purpose => purpose!.GetValue<string>()));
        Assert.NotNull(field["category"]);
        Assert.NotNull(field["classification"]);
    }

    private static JsonNode ProfileData(JsonObject map) => map["services"]!.AsArray().Single(service => service!["name"]!.GetValue<string>() == "profile")!["collections"]!.AsArray()
        .Single(collection => collection!["name"]!.GetValue<string>() == "profile_data")!["contents"]!["data"]!;

    private static IEnumerable<string> Names(JsonNode items, string member = "name") => items.AsArray().Select(item => item![member]!.GetValue<string>());

    private async Task<JsonObject> MapAsync() => (await fixture.System.As(Roles.Auditor).GetFromJsonAsync<JsonObject>(new Uri("/audit/data-map", UriKind.Relative)))!;
}
