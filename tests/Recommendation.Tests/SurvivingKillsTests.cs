using System.Text.Json.Nodes;
using Personalization.Platform.Http;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

/// <summary>An instance killed while it solves its model, and while it exchanges it, beside another one on the same store.</summary>
public sealed class SurvivingKillsTests : IAsyncLifetime
{
    private const int Items = 2_500;
    private const int Persons = 5;
    private const string Member = "member";
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(120);

    private readonly RecommendationApp other = new();
    private int items;
    private int added;

    public Task InitializeAsync() => other.InitializeAsync();

    public Task DisposeAsync() => other.DisposeAsync();

    [Fact]
    public async Task Whenever_one_dies_it_and_the_others_serve_a_whole_model_or_the_list_for_everybody()
    {
        // Enough items for a solution to take long enough to be met in the middle.
        for (var person = 0; person < Persons; person++) await LearnAsync($"reader-{person}", [.. Enumerable.Range(0, Items).Select(i => $"i{i}")]);
        await LearnAsync(Member, ["i0", "i1"]);
        items = (int)(await other.GetAsync("/recommendations/model"))["items"]!;

        var instance = await StartAsync();
        try
        {
            // While it solves its first model.
            await UntilAsync(instance, "it solves", model => model["solvingSince"] is not null);
            instance.Kill();
            instance.Dispose();
            instance = await StartAsync();
            await UntilWholeAsync(instance);

            // While it solves the next one.
            await AddAsync();
            await UntilAsync(instance, "it solves again", model => model["solvingSince"] is not null);
            instance.Kill();
            instance.Dispose();
            instance = await StartAsync();
            var version = await UntilWholeAsync(instance);

            // With the exchange: the next answer that it gives is the last one.
            await AddAsync();
            await UntilAsync(instance, "it exchanges its model", model => (string?)model["version"] != version);
            instance.Kill();
            instance.Dispose();
            instance = await StartAsync();
            await UntilWholeAsync(instance);
        }
        finally
        {
            instance.Dispose();
        }
    }

    /// <summary>The process with the least settings, as it is deployed.</summary>
    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
        "Personalization.Recommendation.dll", other.DataDirectory, "--ConsentStream:Url", other.Address.ToString(), "--Recommendation:MinSupport", "5");

    /// <summary>One who likes something makes every instance solve its model again.</summary>
    private Task AddAsync() => LearnAsync($"newcomer-{++added}", ["i0", "i1"]);

    private async Task LearnAsync(string customer, string[] liked)
    {
        // The process has a clock of its own. The one here stands still, and has to be among those that instances may have at the same time.
        if (TimeProvider.System.GetUtcNow().AddMinutes(1) - other.Now is { Ticks: > 0 } behind) await other.AdvanceAsync(behind);
        await other.GrantAsync(customer, "recommendations", "viewing");
        await other.LearnAsync([.. liked.Select(item => other.Signal(customer, item))]);
        await other.FollowAsync(customer, Recovery);
    }

    /// <summary>Looks from the first answer on until what is awaited; each answer on the way is from a whole model or from none.</summary>
    private async Task<JsonObject> UntilAsync(ServiceProcess instance, string what, Func<JsonObject, bool> isReached)
    {
        using var operators = ClientOf(instance, Roles.Operator);
        using var product = ClientOf(instance, Roles.Product);
        return await Eventually.Is(what, async () =>
        {
            var model = await ReadAsync(operators, "/recommendations/model");
            Assert.Contains((int)model["items"]!, new[] { 0, items });
            var answer = await ReadAsync(product, $"/recommendations/{Member}?limit=5");
            Assert.True(!RecommendationApp.IsPersonalized(answer) || (int)model["items"]! > 0 || (int)(await ReadAsync(operators, "/recommendations/model"))["items"]! > 0);
            Assert.True(RecommendationApp.IsPersonalized(await other.RecommendAsync(Member)), "The other instance stopped.");
            return model;
        }, isReached, Recovery);
    }

    /// <summary>Until the instance answers as the other one does, to the last bit; the model's version.</summary>
    private async Task<string> UntilWholeAsync(ServiceProcess instance)
    {
        var persons = await other.PersonsAsync();
        var model = await UntilAsync(instance, "its model is whole", model => (int)model["persons"]! == persons && model["solvingSince"] is null);
        using var product = ClientOf(instance, Roles.Product);
        Assert.Equal(
            (await other.RecommendAsync(Member))["items"]!.ToJsonString(),
            (await ReadAsync(product, $"/recommendations/{Member}?limit=5"))["items"]!.ToJsonString());
        return (string)model["version"]!;
    }

    private static async Task<JsonObject> ReadAsync(HttpClient client, string path) => JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative)))!.AsObject();

    private HttpClient ClientOf(ServiceProcess instance, string role)
    {
        var client = other.As(role);
        client.BaseAddress = instance.Address;
        return client;
    }
}
