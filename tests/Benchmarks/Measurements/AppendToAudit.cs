using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Audit.Features;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Contracts.Retention;
using Personalization.Platform.Http;

namespace Personalization.Benchmarks.Measurements;

/// <summary>A million audit entries on SQLite: how fast they are appended, what memory that takes, and how long a proof about one of them does. Once.</summary>
internal sealed class AppendToAudit : IMeasurement
{
    private const int Entries = 1_000_000;
    private const int Step = 100_000;
    private const int Waiting = 2 * AuditLog.Batch;
    private const int Proofs = 2_000;

    public string Name => "audit";

    public string What => "1,000,000 entries appended to the audit log on SQLite, and proofs that one of them is in it";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using var system = await Deployment.InOneProcessAsync();
        var log = system.Services.GetRequiredService<AuditLog>();
        var (rate, memory) = (new Figure("appended, by steps of 100,000", "entries/s"), new List<long>());
        for (var done = 0; done < Entries; done += Step)
        {
            var started = TimeProvider.System.GetTimestamp();
            await Parallel.ForAsync(0, Step, new ParallelOptions { MaxDegreeOfParallelism = Waiting, CancellationToken = cancellationToken }, async (number, token) =>
                await log.AppendAsync(new Told(new RetentionRulesChanged { Version = number, Rules = [] }, Guid.CreateVersion7(), "bench", null, null), token));
            rate.Add(Step / TimeProvider.System.GetElapsedTime(started).TotalSeconds);
            memory.Add(GC.GetTotalMemory(forceFullCollection: true));
        }

        Bench.Show(rate);
        Bench.Show($"live memory: {memory[0] / 1048576} MiB at {Step:N0} entries, {memory[^1] / 1048576} MiB at {Entries:N0}");

        var random = new Random(7);
        var token = system.Customers.Token(Roles.Auditor);
        byte[][] requests = [.. Enumerable.Range(0, Proofs).Select(_ => HttpConnection.Request(
            "GET", string.Create(CultureInfo.InvariantCulture, $"/audit/entries/{random.Next(1, Entries)}/proof?size={Entries}"), token))];
        using var load = await HttpLoad.OpenAsync(system.Address, 1, cancellationToken);
        await load.TimeAllAsync(requests, cancellationToken);
        var answers = await load.TimeAllAsync(requests, cancellationToken);
        if (answers.Any(answer => answer.Status != 200)) throw new InvalidOperationException("A proof was not given.");
        double[] took = [.. answers.Select(answer => answer.Milliseconds)];
        var (median, slow) = (new Figure("proof of an entry, one connection, p50", "ms"), new Figure("p99", "ms"));
        median.Add(Figure.Percentile(took, 50));
        slow.Add(Figure.Percentile(took, 99));
        Bench.Show(median);
        Bench.Show(slow);
    }
}
