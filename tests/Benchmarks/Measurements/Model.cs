using System.Diagnostics;
using Personalization.Benchmarks.Harness;
using Personalization.Recommendation;
using Personalization.Recommendation.Domain;

namespace Personalization.Benchmarks.Measurements;

/// <summary>Forgetting one person, in turn with training anew without them; what a solution takes.</summary>
internal sealed class Model : IMeasurement
{
    private const int LikingsEach = 120;
    private const int ForgottenEach = 100;
    private const int Asked = 1_000;

    public string Name => "model";

    public string What => "solving the recommendation model, and forgetting one person, by the number of items";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        foreach (var (items, persons) in new[] { (3_700, 6_000), (10_000, 20_000) })
            await bench.PartAsync($"{items:N0} items, {persons:N0} persons who like {LikingsEach} each", () => MeasureAsync(bench, items, persons, cancellationToken));
    }

    private static async Task MeasureAsync(Bench bench, int items, int persons, CancellationToken cancellationToken)
    {
        var random = new Random(1);
        string[][] rows = [.. Enumerable.Range(0, persons).Select(_ => Row(random, items))];
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var model = new ItemModel(new RecommendationOptions { MinSupport = 2, Lambda = 400 });
        for (var person = 0; person < persons; person++) model.Set(PersonOf(person), rows[person]);
        var likings = GC.GetTotalMemory(forceFullCollection: true) - empty;
        model.Solve(cancellationToken);
        var held = GC.GetTotalMemory(forceFullCollection: true) - empty;
        if (model.Content.Items < items * 0.99) throw new InvalidOperationException("The model is smaller than it was to be.");

        var solving = new Figure("solving anew", "ms");
        var choosing = new Figure("solving anew after somebody left, lambda chosen on the way", "ms");
        var forgetting = new Figure("forgetting one person", "ms");
        var answering = new Figure("answer of 20 items from 120 likings, p99", "ms");
        var chosen = new ItemModel(new RecommendationOptions { MinSupport = 2 });
        for (var person = 0; person < persons; person++) chosen.Set(PersonOf(person), rows[person]);
        var (next, left) = (0, 0);
        await bench.AlternateAsync(
            () => Add(solving, 1, () => model.Solve(cancellationToken)),
            () =>
            {
                chosen.Set(PersonOf(left++), []);
                Add(choosing, 1, () => chosen.Solve(cancellationToken));
                if (chosen.Content.Inversions < 2) throw new InvalidOperationException("Lambda was not chosen.");
                return Task.CompletedTask;
            },
            () =>
            {
                var (version, before) = (model.Content.Version, model.Content.Persons);
                Add(forgetting, ForgottenEach, () =>
                {
                    for (var i = 0; i < ForgottenEach; i++) model.Set(PersonOf(next++), []);
                });
                if (model.Content.Version == version || model.Content.Persons != before - ForgottenEach) throw new InvalidOperationException("They were not forgotten.");
                return Task.CompletedTask;
            },
            () =>
            {
                var times = Enumerable.Range(0, Asked).Select(i =>
                {
                    WeightedLiking[] asked = [.. rows[i].Select(itemId => new WeightedLiking(itemId, 1))];
                    var started = Stopwatch.GetTimestamp();
                    var best = model.Recommend(asked, rows[i], _ => true, 20);
                    foreach (var item in best.Items) best.Explain(item, 3);
                    return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
                }).ToArray();
                answering.Add(Figure.Percentile(times, 99));
                return Task.CompletedTask;
            });
        Bench.Show(solving);
        Bench.Show(choosing, over: solving);
        Bench.Show(forgetting, over: solving);
        Bench.Show(answering);
        Bench.Show($"{held / 1e6:N0} MB held by a model, {likings / 1e6:N0} MB of it who likes what ({likings / persons:N0} bytes a person) and {Squared(items) * sizeof(int) / 2 / 1e6:N0} MB G");
        Bench.Show($"{Squared(items) * (sizeof(int) / 2 + sizeof(double) / 2 + sizeof(float)) / 1e6:N0} MB more while it is solved; {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:N0} MB the most this process had so far, with two models");
    }

    private static double Squared(int items) => (double)items * items;

    private static Task Add(Figure figure, int times, Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        figure.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds / times);
        return Task.CompletedTask;
    }

    /// <summary>Of the length of a pseudonym.</summary>
    private static string PersonOf(int person) => $"ru.1.{person:x43}";

    /// <summary>Few items are liked by many.</summary>
    private static string[] Row(Random random, int items)
    {
        var row = new HashSet<string>();
        while (row.Count < LikingsEach) row.Add($"item-{(int)(Math.Pow(random.NextDouble(), 2) * items)}");
        return [.. row];
    }
}
