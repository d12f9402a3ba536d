using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Http;
using Personalization.Recommendation.Domain;
using Personalization.StandIns;
using Personalization.Testing;

namespace Personalization.Recommendation.Tests;

/// <summary>Several persons erased together, on several instances with one store, against an instance that never saw them.</summary>
public sealed class ForgettingInBatchesTests(RecommendationApp app) : IClassFixture<RecommendationApp>
{
    private static readonly string[] Leaving = ["leaving-0", "leaving-1", "leaving-2", "leaving-3"];

    [Fact]
    public async Task Every_instance_is_at_once_without_them_and_in_the_end_to_the_last_bit_as_if_they_had_never_been()
    {
        var (other, client) = await app.StartAnotherAsync(Roles.Operator);
        await using var _ = other;
        using var __ = client;
        string[] staying = ["staying-0", "staying-1"];
        foreach (var (customer, i) in Leaving.Concat(staying).Select((customer, i) => (customer, i)))
        {
            await app.GrantAsync(customer, "recommendations", "viewing");
            await app.LearnAsync([.. RecommendationApp.Films.Where((_, film) => (film * 3 + i) % 5 < 3).Select(film => app.Signal(customer, film))]);
        }

        ItemModel[] models = [app.Get<ItemModel>(), other.Services.GetRequiredService<ItemModel>()];
        await app.FollowUntilAsync("both instances have learnt all", () => Task.FromResult(models.All(model => model.Content.Persons == 14 && !model.IsStale)));
        var before = WeightsOf(models[0]);
        Assert.Equal(before, WeightsOf(models[1]));

        // The clock stands still. Half of them one after the other, half at the same time; each instance hears of it when it is asked.
        await app.EraseAsync(await app.RevokeAsync(Leaving[0]));
        await client.GetStringAsync(new Uri("/recommendations/model", UriKind.Relative));
        await app.EraseAsync(await app.RevokeAsync(Leaving[1]));
        await Task.WhenAll((await Task.WhenAll(Leaving[2..].Select(customer => app.RevokeAsync(customer)))).Select(app.EraseAsync));
        await client.GetStringAsync(new Uri("/recommendations/model", UriKind.Relative));
        var downdated = models.Select(WeightsOf).ToArray();
        Assert.All(models, model => Assert.All(Leaving, customer => Assert.Empty(model.LikingsOf(app.RefOf(customer)))));

        var (never, asked) = await app.StartAnotherAsync(Roles.Operator);
        await using var ___ = never;
        using var ____ = asked;
        var fresh = never.Services.GetRequiredService<ItemModel>();
        var expected = WeightsOf(fresh);
        var largest = expected.Values.Max(Math.Abs);
        Assert.Contains(expected, weight => Math.Abs(weight.Value - before[weight.Key]) > 1e-2 * largest);
        foreach (var weights in downdated)
        {
            Assert.Equal(expected.Keys.Order(), weights.Keys.Order());
            foreach (var (pair, weight) in expected) Assert.Equal(weight, weights[pair], 1e-6 * largest);
        }

        await app.FollowUntilAsync("both have solved again", () => Task.FromResult(models.All(model => !model.IsStale)));
        foreach (var model in models)
        {
            Assert.Equal(fresh.Gram(), model.Gram());
            Assert.Equal(expected, WeightsOf(model));
        }
    }

    private static Dictionary<(string, string), double> WeightsOf(ItemModel model) =>
        RecommendationApp.Films.SelectMany(liked => new[] { 1, -1 }.SelectMany(sign =>
            model.Recommend([new WeightedLiking(liked, sign)], [liked], _ => true, 100).Items.Select(item => (Pair: (liked, item.ItemId), Weight: sign * item.Score))))
        .ToDictionary(weight => weight.Pair, weight => weight.Weight);
}
