using System.Diagnostics;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Platform.Http;

namespace Personalization.Benchmarks.Measurements;

/// <summary>
/// Consents made elsewhere, taken over as one stream: how fast, whether memory grows with the stream's length, and what revocations made
/// meanwhile wait for.
/// </summary>
internal sealed class Import : IMeasurement
{
    private const int Lines = 100_000;
    private const int RevocationsARun = 100;
    private const int Connections = 4;
    private static readonly TimeSpan EachSample = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(3);

    public string Name => "import";

    public string What => "100,000 consents as one stream into the one-process server on SQLite, and revocations while consents come in";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using var system = await Deployment.InOneProcessAsync();
        var people = new Queue<string>(Customers.Names("r", RevocationsARun * 2 * (bench.Runs + 1)));
        await system.Customers.GrantAsync([.. people], cancellationToken);
        await system.Customers.UntilInForceAsync([.. people], cancellationToken);
        await RevocationsAsync(bench, system, people, cancellationToken);
        await WholeAsync(system, cancellationToken);
    }

    /// <summary>In turn: nothing else to do, and an import that goes on all the while.</summary>
    private static async Task RevocationsAsync(Bench bench, Deployment system, Queue<string> people, CancellationToken cancellationToken)
    {
        Bench.Show($"{RevocationsARun} revocations a run over {Connections} connections, each as soon as the one before was answered");
        var (idle, loaded) = (Figures.Of("idle"), Figures.Of("during an import"));
        var (imports, pending) = (0, 0);
        await RevokeAsync(null);
        await ImportingAsync(() => RevokeAsync(null));
        await bench.AlternateAsync(() => RevokeAsync(idle), () => ImportingAsync(() => RevokeAsync(loaded)));
        foreach (var (figure, baseline) in loaded.All.Zip(idle.All))
        {
            Bench.Show(baseline);
            Bench.Show(figure, over: baseline);
        }

        if (pending > 0) Bench.Show($"{pending} of {2 * bench.Runs * RevocationsARun} were answered with 202 instead: not in force everywhere within 2 s");

        async Task RevokeAsync(Figures? figures)
        {
            var token = system.Customers.Token(Roles.Product);
            byte[][] requests = [.. Enumerable.Range(0, RevocationsARun).Select(_ => HttpConnection.Request("DELETE", $"/consents/{people.Dequeue()}", token))];
            using var load = await HttpLoad.OpenAsync(system.Address, Connections, cancellationToken);
            var started = Stopwatch.GetTimestamp();
            var answers = await load.TimeAllAsync(requests, cancellationToken);
            var took = Stopwatch.GetElapsedTime(started);
            figures?.Rate.Add(RevocationsARun / took.TotalSeconds);
            figures?.Median.Add(Figure.Percentile([.. answers.Select(answer => answer.Milliseconds)], 50));
            figures?.Slow.Add(Figure.Percentile([.. answers.Select(answer => answer.Milliseconds)], 99));
            if (figures is not null) pending += answers.Count(answer => answer.Status == 202);
            if (answers.FirstOrDefault(answer => answer.Status is not (200 or 202)) is { Status: > 0 } wrong)
                throw new InvalidOperationException($"A revocation was answered with {wrong.Status}.");
        }

        async Task ImportingAsync(Func<Task> meanwhile)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var importing = system.Customers.ImportAsync(Customers.Names($"m{imports++}", Lines), stop.Token);
            await Task.Delay(UnderWay, cancellationToken);
            await meanwhile();
            if (importing.IsCompleted) throw new InvalidOperationException("The import was over before the revocations were.");

            // Cut off: what lies in the buffers on the way would take longer than the measurement.
            await stop.CancelAsync();
            await importing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await system.SettleAsync(cancellationToken);
        }
    }

    /// <summary>Once: memory is compared with itself, not with another run.</summary>
    private static async Task WholeAsync(Deployment system, CancellationToken cancellationToken)
    {
        var rate = new Figure("imported", "lines/s");
        var first = new Figure("most memory while the first fifth was read", "MiB");
        var last = new Figure("most memory while the last fifth was read", "MiB");
        var read = 0;
        var (early, late) = (0L, 0L);
        GC.Collect();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampling = SampleAsync();
        var started = Stopwatch.GetTimestamp();
        var answer = await system.Customers.ImportAsync(Customers.Names("w", Lines).Select(name => (read++, name).name), cancellationToken);
        rate.Add(Lines / Stopwatch.GetElapsedTime(started).TotalSeconds);
        await stop.CancelAsync();
        await sampling;
        if (answer["imported"]!.GetValue<long>() != Lines) throw new InvalidOperationException($"Not imported: {answer.ToJsonString()}");
        first.Add(early / 1048576.0);
        last.Add(late / 1048576.0);
        Bench.Show(rate);
        Bench.Show(first);
        Bench.Show(last, over: first);

        async Task SampleAsync()
        {
            using var each = new PeriodicTimer(EachSample, TimeProvider.System);
            while (!stop.IsCancellationRequested)
            {
                var now = Environment.WorkingSet;
                if (read <= Lines / 5) early = Math.Max(early, now);
                if (read > Lines / 5 * 4) late = Math.Max(late, now);
                await each.WaitForNextTickAsync(CancellationToken.None);
            }
        }
    }

    private sealed record Figures(Figure Rate, Figure Median, Figure Slow)
    {
        public IEnumerable<Figure> All => [Rate, Median, Slow];

        public static Figures Of(string when) => new(
            new Figure($"{when}, revocations", "/s"), new Figure($"{when}, p50", "ms"), new Figure($"{when}, p99", "ms"));
    }
}
