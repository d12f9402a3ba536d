using System.Diagnostics;
using System.Text.Json.Nodes;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Contracts;
using Personalization.Contracts.Profile;
using Personalization.Platform.Http;
using Personalization.Testing;

namespace Personalization.Benchmarks.Measurements;

/// <summary>
/// How long a caller waits until a revocation is answered with 200: until no service that serves uses the person's data any more. At a steady
/// pace, idle and in turn while events come in at a steady pace too; over a broker also behind a queue of events. And how long until the last receipt of its case.
/// </summary>
internal sealed class Revoke : IMeasurement
{
    private const int RevocationsARun = 200;
    private const int EventsASecond = 500;
    private const int BacklogEvents = 60_000;

    // As many as are answered before the backlog is gone; the figure of what still waited says whether they were.
    private const int RevocationsBehindBacklog = 50;
    private const int OthersCount = 500;
    private const int EventsOfEach = 5;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Erasing = TimeSpan.FromSeconds(60);

    public string Name => "revoke";

    public string What => "revocation -> 200 (in force in every service that serves) and -> last receipt, idle, while events come in and behind 60,000 of them";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await bench.PartAsync("all services in one process, SQLite", async () =>
        {
            await using var system = await Deployment.InOneProcessAsync();
            await MeasureAsync(bench, system, null, cancellationToken);
        });
        await bench.PartAsync("a host per service behind the gateway, RabbitMQ, MongoDB", async () =>
        {
            await using var broker = await Broker.OpenAsync();
            await using var system = await Deployment.DistributedAsync(broker.Uri);
            Bench.Show($"RabbitMQ {broker.Version}, MongoDB {await Databases.MongoVersionAsync()}");
            await MeasureAsync(bench, system, broker, cancellationToken);
        });
    }

    private static async Task MeasureAsync(Bench bench, Deployment system, Broker? broker, CancellationToken cancellationToken)
    {
        var warmUp = (int)(WarmUp / Pace);
        var measuredCount = bench.Runs * ((2 * RevocationsARun) + (broker is null ? 0 : RevocationsBehindBacklog));
        var people = new Queue<string>(Customers.Names("r", warmUp + measuredCount));
        var others = Customers.Names("o", OthersCount);
        string[] everybody = [.. people, .. others];
        await system.Customers.GrantAsync(everybody, cancellationToken);
        await system.Customers.UntilInForceAsync(everybody, cancellationToken);
        await system.Customers.PublishAsync(Customers.Events([.. people], people.Count * EventsOfEach), cancellationToken);
        await system.SettleAsync(cancellationToken);
        Bench.Show($"{RevocationsARun} revocations a run, one each {Pace.TotalMilliseconds} ms, each of somebody with {EventsOfEach} events; load: {EventsASecond} events/s");

        using var connection = await HttpConnection.OpenAsync(system.Address, cancellationToken);
        using var load = await HttpLoad.OpenAsync(system.Address, 2, cancellationToken);
        var pending = 0;
        await UnderLoadAsync(warmUp);
        pending = 0;

        var idle50 = new Figure("idle, p50", "ms");
        var idle99 = new Figure("idle, p99", "ms");
        var idleErased50 = new Figure("idle, last receipt, p50", "ms");
        var idleErased99 = new Figure("idle, last receipt, p99", "ms");
        var loaded50 = new Figure("under load, p50", "ms");
        var loaded99 = new Figure("under load, p99", "ms");
        var loadedErased50 = new Figure("under load, last receipt, p50", "ms");
        var loadedErased99 = new Figure("under load, last receipt, p99", "ms");
        var offered = new Figure("events meanwhile", "events/s");
        var behind50 = new Figure("behind a backlog, p50", "ms");
        var behind99 = new Figure("behind a backlog, p99", "ms");
        var waiting = new Figure("events that still waited after the last of them", "events");
        List<Func<Task>> measured =
        [
            async () =>
            {
                var (waits, erased) = await RevokeAsync(RevocationsARun);
                idle50.Add(Figure.Percentile(waits, 50));
                idle99.Add(Figure.Percentile(waits, 99));
                idleErased50.Add(Figure.Percentile(erased, 50));
                idleErased99.Add(Figure.Percentile(erased, 99));
            },
            async () =>
            {
                var ((waits, erased), rate) = await UnderLoadAsync(RevocationsARun);
                loaded50.Add(Figure.Percentile(waits, 50));
                loaded99.Add(Figure.Percentile(waits, 99));
                loadedErased50.Add(Figure.Percentile(erased, 50));
                loadedErased99.Add(Figure.Percentile(erased, 99));
                offered.Add(rate);
            },
        ];
        if (broker is not null)
        {
            measured.Add(async () =>
            {
                await broker.PublishAsync(Topology.CustomerEvents, Customers.Events(others, BacklogEvents), cancellationToken);
                var (waits, _) = await RevokeAsync(RevocationsBehindBacklog, async () => waiting.Add(await broker.WaitingAsync(typeof(CustomerEvent), cancellationToken)));
                behind50.Add(Figure.Percentile(waits, 50));
                behind99.Add(Figure.Percentile(waits, 99));
            });
        }

        await bench.AlternateAsync(measured);
        Bench.Show(idle50);
        Bench.Show(idle99);
        Bench.Show(loaded50, over: idle50);
        Bench.Show(loaded99, over: idle99);
        Bench.Show(idleErased50);
        Bench.Show(idleErased99);
        Bench.Show(loadedErased50, over: idleErased50);
        Bench.Show(loadedErased99, over: idleErased99);
        Bench.Show(offered);
        if (broker is not null)
        {
            Bench.Show(behind50, over: idle50);
            Bench.Show(behind99, over: idle99);
            Bench.Show(waiting);
        }

        if (pending > 0) Bench.Show($"{pending} of {measuredCount} were answered with 202 instead: not in force everywhere within 2 s");

        async Task<(List<double> Waits, List<double> Erased)> RevokeAsync(int count, Func<Task>? whenAnswered = null)
        {
            var waits = new List<double>(count);
            var cases = new List<(string Id, DateTimeOffset RevokedAt)>(count);
            var token = system.Customers.Token(Roles.Product);
            using var pace = new PeriodicTimer(Pace, TimeProvider.System);
            while (waits.Count < count && await pace.WaitForNextTickAsync(cancellationToken))
            {
                var request = HttpConnection.Request("DELETE", $"/consents/{people.Dequeue()}", token);
                var revokedAt = TimeProvider.System.GetUtcNow();
                var started = Stopwatch.GetTimestamp();
                var (status, body) = await connection.SendAsync(request, cancellationToken);
                waits.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);

                // 202 says which service isn't heard of yet; that wait counts as long as it was.
                if (status == 202) pending++;
                else if (status != 200) throw new InvalidOperationException($"A revocation was answered with {status}.");

                // The sizes of its chunks stand around it.
                var json = body.Span[body.Span.IndexOf((byte)'{')..(body.Span.LastIndexOf((byte)'}') + 1)];
                cases.Add((JsonNode.Parse(json)!["caseId"]!.GetValue<string>(), revokedAt));
            }

            if (whenAnswered is not null) await whenAnswered();
            var erased = new List<double>(count);
            foreach (var (id, revokedAt) in cases) erased.Add((await CompletionOfAsync(id) - revokedAt).TotalMilliseconds);
            await system.SettleAsync(cancellationToken);
            return (waits, erased);
        }

        // By the clock of Retention, which is this machine's.
        async Task<DateTimeOffset> CompletionOfAsync(string caseId)
        {
            var erasure = await Eventually.Is(
                "the case is completed", () => system.Customers.SendAsync(Roles.Officer, HttpMethod.Get, $"/erasures/{caseId}"), answer => answer["completedAt"] is not null, Erasing);
            return erasure["completedAt"]!.GetValue<DateTimeOffset>();
        }

        async Task<((List<double> Waits, List<double> Erased) Revoked, double EventsASecond)> UnderLoadAsync(int count)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var publishing = PublishAsync(stop.Token);
            var revoked = await RevokeAsync(count);
            await stop.CancelAsync();
            var rate = await publishing;
            await system.SettleAsync(cancellationToken);
            return (revoked, rate);
        }

        // Over the broker where there is one, over HTTP otherwise.
        async Task<double> PublishAsync(CancellationToken until)
        {
            var each = TimeSpan.FromMilliseconds(100);
            var atOnce = (int)(EventsASecond * each.TotalSeconds);
            var started = Stopwatch.GetTimestamp();
            var published = 0;
            using var pace = new PeriodicTimer(each, TimeProvider.System);
            while (!until.IsCancellationRequested)
            {
                var events = Customers.Events(others, atOnce);
                await (broker is null
                    ? load.SendAllAsync(system.Customers.Requests(events, atOnce), cancellationToken)
                    : broker.PublishAsync(Topology.CustomerEvents, events, cancellationToken));
                published += atOnce;
                await pace.WaitForNextTickAsync(cancellationToken);
            }

            return published / Stopwatch.GetElapsedTime(started).TotalSeconds;
        }
    }
}
