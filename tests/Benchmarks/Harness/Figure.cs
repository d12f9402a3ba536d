using System.Globalization;

namespace Personalization.Benchmarks.Harness;

/// <summary>One number of one side, once per run.</summary>
internal sealed class Figure(string name, string unit)
{
    private readonly List<double> values = [];

    public string Name => name;

    public void Add(double value) => values.Add(value);

    /// <summary>Median, smallest and largest of the runs.</summary>
    public override string ToString() => Line(name, values, unit);

    /// <summary>The ratio of each run to the same run of a baseline: what is noise to both cancels out.</summary>
    public string Over(Figure baseline)
    {
        double[] ratios = [.. values.Zip(baseline.values, (value, other) => value / other)];
        return Line($"  ratio to {baseline.Name}", ratios, "");
    }

    /// <summary>The value that so many percent of them don't exceed (nearest rank).</summary>
    public static double Percentile(IReadOnlyCollection<double> all, double percent)
    {
        double[] sorted = [.. all.Order()];
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Length * percent / 100) - 1, 0, sorted.Length - 1)];
    }

    private static string Line(string name, IReadOnlyCollection<double> all, string unit)
    {
        double[] sorted = [.. all.Order()];
        var median = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        return $"    {name,-58}{Text(median),10} {unit,-11}({Text(sorted[0])}, {Text(sorted[^1])})";
    }

    private static string Text(double value) =>
        value.ToString(value >= 100 ? "#,0" : value >= 10 ? "0.0" : value >= 0.1 ? "0.00" : "0.0000", CultureInfo.InvariantCulture);
}
