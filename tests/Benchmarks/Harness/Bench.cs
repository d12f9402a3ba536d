using System.Diagnostics;
using System.Globalization;

namespace Personalization.Benchmarks.Harness;

/// <summary>Runs measurements and shows what they found.</summary>
internal sealed class Bench(int runs, CancellationToken stopping)
{
    // None takes half of it on two cores; one that hangs must not hang the rest.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>How often each side is measured.</summary>
    public int Runs => runs;

    /// <summary>Whether a measurement ended without its figures, for another reason than that something is missing here.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>What the figures were taken on.</summary>
    public void Describe()
    {
        foreach (var line in Machine.Describe()) Console.WriteLine(line);
        Console.WriteLine($"Figures: median of {runs} runs (smallest, largest). Compared is only what ran in turn, in this process, in this run.");
    }

    /// <summary>Runs one.</summary>
    public async Task RunAsync(IMeasurement measurement)
    {
        var started = Stopwatch.GetTimestamp();
        Console.WriteLine();
        Console.WriteLine($"{measurement.Name}: {measurement.What}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(Longest);
        try
        {
            await measurement.RunAsync(this, deadline.Token);
        }
        catch (SkippedException skipped)
        {
            Console.WriteLine($"    skipped: {skipped.Message}");
        }
        catch (Exception exception)
        {
            HasFailed = true;
            Console.WriteLine(stopping.IsCancellationRequested ? "    stopped" : $"    FAILED: {exception}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s)"));
    }

    /// <summary>A part of a measurement; the others go on when this machine lacks what it needs.</summary>
    public async Task PartAsync(string title, Func<Task> part)
    {
        Console.WriteLine($"  {title}");
        try
        {
            await part();
        }
        catch (SkippedException skipped)
        {
            Console.WriteLine($"    skipped: {skipped.Message}");
        }
    }

    /// <summary>Does the sides' work in turn until the time is over, unmeasured: tiered compilation, caches, connections.</summary>
    public static async Task WarmUpAsync(TimeSpan atLeast, params IReadOnlyList<Func<Task>> sides)
    {
        var started = Stopwatch.GetTimestamp();
        do
        {
            foreach (var side in sides) await side();
        }
        while (Stopwatch.GetElapsedTime(started) < atLeast);
    }

    /// <summary>Measures the sides in turn, as often as asked for, the other way round every second time; each adds to its figures.</summary>
    public async Task AlternateAsync(params IReadOnlyList<Func<Task>> sides)
    {
        var before = Machine.Times();
        for (var run = 0; run < runs; run++)
        {
            foreach (var side in run % 2 == 0 ? sides : sides.Reverse())
            {
                GC.Collect();
                await side();
            }
        }

        Show(Machine.Busy(before));
    }

    /// <summary>Shows a figure.</summary>
    public static void Show(Figure figure) => Console.WriteLine(figure);

    /// <summary>Shows a figure and its ratio to the baseline.</summary>
    public static void Show(Figure figure, Figure over)
    {
        Show(figure);
        Console.WriteLine(figure.Over(over));
    }

    /// <summary>Shows a remark.</summary>
    public static void Show(string remark) => Console.WriteLine($"    {remark}");
}
