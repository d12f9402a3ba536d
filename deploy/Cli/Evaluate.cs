using System.Diagnostics;
using System.Globalization;
using Personalization.Recommendation;
using Personalization.Recommendation.Domain;

namespace Personalization.Cli;

/// <summary>Measures the model that serves against simple and strong ones on the same data, and prints a Markdown table.</summary>
internal static class Evaluate
{
    private const int LeastSupport = 2;

    // Settings to choose from, by the same measure on the training data alone. iALS's start from those of the paper for a set of this kind.
    private static readonly double[] Shrinkages = [0.1, 10, 50, 200];
    private static readonly int[] NeighbourCounts = [20, 100, 500];
    private static readonly double[] Alphas = [0.1, 0.3, 1];
    private static readonly double[] Lambdas = [0.0025, 0.005, 0.01, 0.02];
    private const double FirstLambda = 0.005;
    private const int TuningDimensions = 64;
    private const int TuningEpochs = 8;
    private const int Dimensions = 128;
    private const int Epochs = 12;
    private static readonly RecommendationOptions Defaults = new();

    public static int Run(IReadOnlyList<string> arguments, CancellationToken stop)
    {
        foreach (var split in Splits(arguments))
        {
            stop.ThrowIfCancellationRequested();
            Print(split, stop);
        }

        return 0;
    }

    private static IEnumerable<EvaluationSplit> Splits(IReadOnlyList<string> arguments)
    {
        var file = arguments.Count > 0 && !arguments[0].StartsWith("--", StringComparison.Ordinal) ? arguments[0] : null;
        var options = new Arguments(file is null ? arguments : [.. arguments.Skip(1)], ["--train", "--test"]);
        if ((options["--train"] is null) != (options["--test"] is null) || file is not null && options["--train"] is not null)
            throw new UsageException("evaluate takes nothing, or a file, or both --train FILE and --test FILE.");
        if (options["--train"] is { } train)
        {
            yield return EvaluationSplit.Of("split as given", Interactions.Read(train, Defaults.PositiveFrom), Interactions.Read(options["--test"]!, Defaults.PositiveFrom));
            yield break;
        }

        var all = Interactions.Read(file ?? Path.Combine(AppContext.BaseDirectory, "samples", "movielens-small.csv.gz"), Defaults.PositiveFrom);
        var hasTimes = all[0].Time is not null;
        yield return EvaluationSplit.Newest(hasTimes ? "time split: the newest fifth of each user's likings" : "a fifth of each user's likings, by chance", all, onlyOne: false);
        yield return EvaluationSplit.Newest(hasTimes ? "leave one out: the newest of each user's likings" : "leave one out: one of each user's likings, by chance", all, onlyOne: true);
    }

    private static void Print(EvaluationSplit split, CancellationToken stop)
    {
        var users = split.Test.Count(row => row.Length > 0);
        Console.WriteLine();
        Console.WriteLine(Text($"{split.Name}: {split.Training.Length:N0} users and {split.Items.Length:N0} items in {split.Training.Sum(row => row.Length):N0} training likings; {split.Test.Sum(row => row.Length):N0} held out, of {users:N0} users"));
        Console.WriteLine();
        Console.WriteLine("| model | NDCG@10 | NDCG@100 | Recall@20 | HR@10 | coverage | novelty | seconds |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var validation = split.Validation();
        var started = Stopwatch.GetTimestamp();
        foreach (var (name, metrics) in Models(split, validation, stop))
        {
            Console.WriteLine(Text(
                $"| {name} | {metrics.Ndcg10:0.0000} | {metrics.Ndcg100:0.0000} | {metrics.Recall20:0.0000} | {metrics.HitRate10:0.0000} | {metrics.Coverage:0.000} | {metrics.Novelty:0.00} | {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} |"));
            stop.ThrowIfCancellationRequested();
            started = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Each is measured when it is asked for. What the served one is compared with is so as published, from sets of likings, and by their order too where that helps it.</summary>
    private static IEnumerable<(string Name, EvaluationMetrics Metrics)> Models(EvaluationSplit split, EvaluationSplit validation, CancellationToken stop)
    {
        yield return MeasureServed(split, Defaults.MinSupport, stop);
        yield return MeasureServed(split, LeastSupport, stop);
        foreach (var row in MeasureTunedAls(split, validation, stop).Concat(MeasureTunedNeighbours(split, validation, stop))) yield return row;
        yield return MeasurePopularity(split, stop);
    }

    private static (string, EvaluationMetrics) MeasureServed(EvaluationSplit split, int support, CancellationToken stop)
    {
        var model = Learn(split, Defaults with { MinSupport = support }, stop);
        return (Text($"served: EASE^R, {support} persons an item, lambda {model.Content.Lambda}, discount {model.Content.Discount}, decay {model.Content.Decay}"), MeasureLists(split, model));
    }

    private static IEnumerable<(string, EvaluationMetrics)> MeasureTunedAls(EvaluationSplit split, EvaluationSplit validation, CancellationToken stop)
    {
        ImplicitAls Tuning(double alpha, double lambda) => new(validation, TuningDimensions, alpha, lambda, TuningEpochs);
        var alpha = Best(Alphas, alpha => MeasureAls(validation, Tuning(alpha, FirstLambda)), stop);
        var lambda = Best(Lambdas, lambda => MeasureAls(validation, Tuning(alpha, lambda)), stop);
        var model = new ImplicitAls(split, Dimensions, alpha, lambda, Epochs);
        var name = Text($"iALS, {Dimensions} dimensions, alpha {alpha}, lambda {lambda}");
        yield return (name, MeasureAls(split, model));
        var tuned = Tuning(alpha, lambda);
        var decay = Best(RecencyDecay.Choices, decay => MeasureAls(validation, tuned, decay), stop);
        if (decay > 0) yield return (Text($"{name}, decay {decay}"), MeasureAls(split, model, decay));
    }

    private static IEnumerable<(string, EvaluationMetrics)> MeasureTunedNeighbours(EvaluationSplit split, EvaluationSplit validation, CancellationToken stop)
    {
        var options = Defaults with { MinSupport = LeastSupport, DenseItems = 0 };
        var shrinkage = Best(Shrinkages, shrinkage => MeasureLists(validation, Learn(validation, options with { Shrinkage = shrinkage }, stop)), stop);
        options = options with { Shrinkage = shrinkage };
        var neighbours = Best(NeighbourCounts, neighbours => MeasureLists(validation, Learn(validation, options with { Neighbours = neighbours }, stop)), stop);
        options = options with { Neighbours = neighbours };
        var model = Learn(split, options, stop);
        var name = Text($"item-kNN, cosine, {neighbours} nearest, shrinkage {shrinkage}");
        yield return (name, MeasureLists(split, model));
        var tuned = Learn(validation, options, stop);
        var decay = Best(RecencyDecay.Choices, decay => MeasureLists(validation, tuned, decay), stop);
        if (decay > 0) yield return (Text($"{name}, decay {decay}"), MeasureLists(split, model, decay));
    }

    private static (string, EvaluationMetrics) MeasurePopularity(EvaluationSplit split, CancellationToken stop)
    {
        var numbers = NumbersOf(split);
        var popular = Learn(split, Defaults with { MinSupport = LeastSupport, DenseItems = 0 }, stop).Popular(split.Items.Length).Items;
        int[] order = [.. popular.Select(item => numbers[item.ItemId])];
        return ("popularity", EvaluationMetrics.Of(split, user => [.. order.Except(split.Training[user]).Take(EvaluationMetrics.Longest)]));
    }

    private static T Best<T>(IEnumerable<T> settings, Func<T, EvaluationMetrics> measure, CancellationToken stop) => settings.MaxBy(setting =>
    {
        stop.ThrowIfCancellationRequested();
        return measure(setting).Ndcg10;
    })!;

    /// <summary>The model of the service, by its own code.</summary>
    private static ItemModel Learn(EvaluationSplit split, RecommendationOptions options, CancellationToken stop)
    {
        var model = new ItemModel(options);
        for (var user = 0; user < split.Training.Length; user++) model.Set(Text($"user-{user}"), split.Training[user].Select(item => split.Items[item]));
        model.Solve(stop);
        return model;
    }

    /// <param name="split">What was held out.</param>
    /// <param name="model">What recommends.</param>
    /// <param name="decay">Of the likings asked with, beside the model's own.</param>
    private static EvaluationMetrics MeasureLists(EvaluationSplit split, ItemModel model, double decay = 0)
    {
        var numbers = NumbersOf(split);
        return EvaluationMetrics.Of(split, user =>
        {
            string[] row = Array.ConvertAll(split.Training[user], item => split.Items[item]);
            var likings = row.Select((itemId, i) => new WeightedLiking(itemId, RecencyDecay.WeightOf(row.Length - 1 - i, decay))).TakeLast(Defaults.ScoredLikings).ToArray();
            return [.. model.Recommend(likings, row, _ => true, EvaluationMetrics.Longest).Items.Select(item => numbers[item.ItemId])];
        });
    }

    private static EvaluationMetrics MeasureAls(EvaluationSplit split, ImplicitAls model, double decay = 0) =>
        EvaluationMetrics.Of(split, user => model.Recommend(split.Training[user], decay));

    private static Dictionary<string, int> NumbersOf(EvaluationSplit split) => split.Items.Select((item, number) => (item, number)).ToDictionary(pair => pair.item, pair => pair.number);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
