using System.Diagnostics;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;

namespace Personalization.Benchmarks.Measurements;

/// <summary>
/// Events over HTTP into the one-process server with all services in it, as <c>./dev run</c> runs them, in turn with an endpoint of the same
/// host that reads the same requests and commits the same number of bytes in them.
/// </summary>
internal sealed class IngestOverHttp : IMeasurement
{
    private const int People = 1_000;
    private const int Events = 10_000;
    private const int WarmUpEvents = 2_000;
    private const int Connections = 8;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public string Name => "ingest-http";

    public string What => "events/s over POST /events into the one-process server, and into an endpoint of it that commits the same bytes and nothing else";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        using var folder = new TempFolder();
        BareStore? opened = null;
        await using var system = await Deployment.InOneProcessAsync(new BareEndpoints(() => opened));
        var people = Customers.Names("c", People);
        await system.Customers.GrantAsync(people, cancellationToken);
        await system.Customers.PublishAsync(Customers.Events(people, WarmUpEvents), cancellationToken);
        await system.SettleAsync(cancellationToken);

        var size = await StoredSize.OfAsync(system.Service("profile"), cancellationToken);
        await using var store = opened = await BareStore.OpenAsync($"sqlite:{folder["bare.db"]}", size, BareEndpoints.EventsARequest, cancellationToken);
        using var load = await HttpLoad.OpenAsync(system.Address, Connections, cancellationToken);
        Bench.Show($"{Events:N0} events of {People:N0} people a run, {BareEndpoints.EventsARequest} a request, {Connections} connections; {size.Body} bytes stored of each");

        var arrivals = new Arrivals();
        using var accepted = new AcceptedEvents(arrivals);
        await Bench.WarmUpAsync(WarmUp, () => BareAsync(WarmUpEvents), async () => await SystemAsync(WarmUpEvents));

        var baseline = new Figure("bare endpoint", "events/s");
        var stored = new Figure("stored", "events/s");
        var learnt = new Figure("stored, learnt from and audited", "events/s");
        await bench.AlternateAsync(
            async () => baseline.Add(await BareAsync(Events)),
            async () =>
            {
                var (first, all) = await SystemAsync(Events);
                stored.Add(first);
                learnt.Add(all);
            });
        Bench.Show(baseline);
        Bench.Show(stored, over: baseline);
        Bench.Show(learnt, over: baseline);

        async Task<double> BareAsync(int count)
        {
            var requests = system.Customers.Requests(Customers.Events(people, count), BareEndpoints.EventsARequest, BareEndpoints.Store);
            return await store.Arrivals.RateOfAsync(count, () => load.SendAllAsync(requests, cancellationToken), cancellationToken);
        }

        async Task<(double Stored, double Learnt)> SystemAsync(int count)
        {
            var requests = system.Customers.Requests(Customers.Events(people, count), BareEndpoints.EventsARequest);
            var started = Stopwatch.GetTimestamp();
            var rate = await arrivals.RateOfAsync(count, () => load.SendAllAsync(requests, cancellationToken), cancellationToken);
            await system.SettleAsync(cancellationToken);
            return (rate, count / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }
}
