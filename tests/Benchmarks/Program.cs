using System.Globalization;
using System.Runtime.InteropServices;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Measurements;

IMeasurement[] all =
[
    new Ingest(),
    new IngestOverHttp(),
    new Recommend(),
    new Revoke(),
    new Import(),
    new Model(),
    new Subjects(),
    new AppendToAudit(),
    new Pages(),
];

string[] names = [.. args.Where(argument => !argument.StartsWith('-')).Except([ValueOf("--runs"), ValueOf("--write")])!];
var known = names.All(name => all.Any(measurement => measurement.Name == name)) && args.All(argument => !argument.StartsWith('-') || argument is "--list" or "--runs" or "--write");
if (!known || !int.TryParse(ValueOf("--runs") ?? "3", NumberStyles.None, CultureInfo.InvariantCulture, out var runs) || runs is < 1 or > 100)
{
    await Console.Error.WriteLineAsync("./dev bench [NAME…] [--list] [--runs N] [--write FILE]");
    return 2;
}

if (args.Contains("--list"))
{
    foreach (var measurement in all) Console.WriteLine($"{measurement.Name,-14}{measurement.What}");
    return 0;
}

using var stopping = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

using var said = new StringWriter(CultureInfo.InvariantCulture);
var console = Console.Out;
if (ValueOf("--write") is not null) Console.SetOut(new BothWriters(console, said));
var bench = new Bench(runs, stopping.Token);
bench.Describe();
foreach (var measurement in all.Where(measurement => names.Length == 0 || names.Contains(measurement.Name)))
{
    if (stopping.IsCancellationRequested) break;
    await bench.RunAsync(measurement);
}

Console.SetOut(console);
if (ValueOf("--write") is { } file)
{
    await File.WriteAllTextAsync(file, $"""
        # Benchmarks
        What `./dev bench{string.Concat(names.Select(name => $" {name}"))} --runs {runs}` printed; [tests/Benchmarks](../tests/Benchmarks/README.md) says what each figure means, and why to trust the ratios only.

        ```
        {said.ToString().TrimEnd()}
        ```

        """);
}

return bench.HasFailed || stopping.IsCancellationRequested ? 1 : 0;

// The first signal ends what was started here, the second this process.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stopping.IsCancellationRequested;
    stopping.Cancel();
}

string? ValueOf(string option) => Array.IndexOf(args, option) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
