#pragma warning disable RS0030 // A publisher outside the system has no session.
using System.Diagnostics;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Contracts;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Profile.Features;
using Personalization.Testing;

namespace Personalization.Benchmarks.Measurements;

/// <summary>
/// Events from the bus: from the first publish until the last is committed, while they are published. In turn with a consumer that commits the
/// same number of bytes and does nothing else: no consent, no minimization, no encryption, no signal.
/// </summary>
internal sealed class Ingest : IMeasurement
{
    private const int People = 1_000;
    private const int Events = 10_000;
    private const int WarmUpEvents = 2_000;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    public string Name => "ingest";

    public string What => "events/s published -> stored with consent checks, and of a consumer that commits the same bytes and nothing else";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await bench.PartAsync("in one process, messages in memory, SQLite", () => CompareAsync(bench, null, isMongo: false, cancellationToken));
        await bench.PartAsync("RabbitMQ, SQLite", () => OnRabbitAsync(bench, isMongo: false, cancellationToken));
        await bench.PartAsync("RabbitMQ, MongoDB", () => OnRabbitAsync(bench, isMongo: true, cancellationToken));
    }

    private static async Task OnRabbitAsync(Bench bench, bool isMongo, CancellationToken cancellationToken)
    {
        await using var broker = await Broker.OpenAsync();
        Bench.Show($"RabbitMQ {broker.Version}{(isMongo ? $", MongoDB {await Databases.MongoVersionAsync()}" : "")}");
        await CompareAsync(bench, broker, isMongo, cancellationToken);
    }

    private static async Task CompareAsync(Bench bench, Broker? broker, bool isMongo, CancellationToken cancellationToken)
    {
        await using var system = await Deployment.OfIngestAsync(broker?.Uri, isMongo);
        var people = Customers.Names("c", People);
        await system.Customers.GrantAsync(people, cancellationToken);
        await system.Customers.PublishAsync(Customers.Events(people, WarmUpEvents), cancellationToken);
        await system.SettleAsync(cancellationToken);

        var size = await StoredSize.OfAsync(system.Service("profile"), cancellationToken);
        using var folder = new TempFolder();
        await using var store = await BareStore.OpenAsync(isMongo ? await MongoServer.NewDatabaseAsync() : $"sqlite:{folder["bare.db"]}", size, EventBatcher.Limit, cancellationToken);
        await using var bare = await BareConsumers.StartAsync(broker?.Uri, store);
        Bench.Show($"{Events:N0} events of {People:N0} people a run; {size.Body} bytes stored of each");

        var arrivals = new Arrivals();
        using var accepted = new AcceptedEvents(arrivals);
        await Bench.WarmUpAsync(WarmUp, () => BareAsync(WarmUpEvents), async () => await SystemAsync(WarmUpEvents));

        var baseline = new Figure("bare consumer", "events/s");
        var stored = new Figure("stored", "events/s");
        var passedOn = new Figure("stored, and its signals passed on", "events/s");
        var bareCost = new Figure("bare consumer's processor time, publishing included", "us/event");
        var cost = new Figure("processor time, publishing included", "us/event");
        await bench.AlternateAsync(
            async () => bareCost.Add(await Machine.CostAsync(Events, async () => baseline.Add(await BareAsync(Events)))),
            async () => cost.Add(await Machine.CostAsync(Events, async () =>
            {
                var (first, all) = await SystemAsync(Events);
                stored.Add(first);
                passedOn.Add(all);
            })));
        Bench.Show(baseline);
        Bench.Show(bareCost);
        Bench.Show(stored, over: baseline);
        Bench.Show(passedOn, over: baseline);
        Bench.Show(cost, over: bareCost);

        async Task<double> BareAsync(int count)
        {
            var publish = Prepare(broker, bare.Bus, BareConsumers.Queue, Customers.Events(people, count), cancellationToken);
            return await store.Arrivals.RateOfAsync(count, publish, cancellationToken);
        }

        async Task<(double Stored, double PassedOn)> SystemAsync(int count)
        {
            var publish = Prepare(broker, system.Services.GetRequiredService<IBus>(), Topology.CustomerEvents, Customers.Events(people, count), cancellationToken);
            var started = Stopwatch.GetTimestamp();
            var rate = await arrivals.RateOfAsync(count, publish, cancellationToken);
            await system.SettleAsync(cancellationToken);
            var all = count / Stopwatch.GetElapsedTime(started).TotalSeconds;
            if (broker is not null) await broker.PurgeAsync(typeof(SignalRecorded), cancellationToken);
            return (rate, all);
        }
    }

    /// <summary>What publishes the events, on a broker or in memory; everything that can be is done before.</summary>
    private static Func<Task> Prepare(Broker? broker, IBus bus, string exchange, byte[][] events, CancellationToken cancellationToken)
    {
        if (broker is not null) return () => broker.PublishAsync(exchange, events, cancellationToken);
        var messages = Array.ConvertAll(events, body => JsonSerializer.Deserialize<CustomerEvent>(body, Json.Options)!);
        return async () =>
        {
            foreach (var message in messages) await bus.Publish(message, cancellationToken);
        };
    }
}
