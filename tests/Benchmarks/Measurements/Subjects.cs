using Microsoft.Extensions.DependencyInjection;
using Personalization.Benchmarks.Harness;
using Personalization.Benchmarks.Systems;
using Personalization.Platform.Privacy;

namespace Personalization.Benchmarks.Measurements;

/// <summary>
/// A million people of whom Profile hears for the first time: what memory and disk each takes, and whether events of those it knows are slower to store then
/// than they were with ten thousand. Once: it is compared with itself, not with another run.
/// </summary>
internal sealed class Subjects : IMeasurement
{
    private const int People = 1_000_000;
    private const int Few = 10_000;
    private const int Step = 90_000;
    private const int EventsOfKnown = 20_000;
    private const int EventsARequest = 500;
    private const int Connections = 4;
    private const int GatesAWrite = 1_000;
    private static readonly Grant[] Grants =
    [
        .. new[] { "viewing", "opinion" }.Select(category => new Grant(Customers.Purpose, category, TimeProvider.System.GetUtcNow() - TimeSpan.FromDays(30))),
    ];

    public string Name => "subjects";

    public string What => "Profile on SQLite while 1,000,000 people publish their first event: memory, disk, and events/s as it grows";

    public async Task RunAsync(Bench bench, CancellationToken cancellationToken)
    {
        await using var system = await Deployment.OfIngestAsync(null, isMongo: false);
        var arrivals = new Arrivals();
        using var accepted = new AcceptedEvents(arrivals);
        using var load = await HttpLoad.OpenAsync(system.Address, Connections, cancellationToken);
        var (rate, heap, process, disk) = (new Figure("first events", "events/s"), new List<long>(), new List<long>(), new List<long>());
        var names = Customers.Names("p", People);
        var known = new List<Figure>();
        var done = 0;
        while (done < People)
        {
            var people = names[done..(done == 0 ? Few : Math.Min(done + Step, People))];
            await PutGatesAsync(system, people, cancellationToken);
            rate.Add(await arrivals.RateOfAsync(people.Length, () => PublishAsync(people), cancellationToken));
            await system.SettleAsync(cancellationToken);
            done += people.Length;
            heap.Add(GC.GetTotalMemory(forceFullCollection: true));
            process.Add(Environment.WorkingSet);
            disk.Add(system.BytesOnDisk);
            Bench.Show($"{done:N0} people, {heap[^1] / 1048576} MiB of live memory");
            if (done is not (Few or People)) continue;
            known.Add(new Figure($"events of people who are known, of {done:N0}", "events/s"));
            var asked = Random.Shared.GetItems(names[..done], EventsOfKnown);
            for (var run = 0; run < bench.Runs; run++)
            {
                known[^1].Add(await arrivals.RateOfAsync(EventsOfKnown, () => PublishAsync(asked), cancellationToken));
                await system.SettleAsync(cancellationToken);
            }
        }

        Bench.Show(rate);
        Bench.Show(known[0]);
        Bench.Show(known[1], over: known[0]);
        Show($"live memory at {Few:N0} people", "MiB", heap[0] / 1048576.0);
        Show($"live memory at {People:N0} people", "MiB", heap[^1] / 1048576.0);
        Show("live memory for each person more", "bytes", (heap[^1] - heap[0]) / (double)(People - Few));
        Show("most memory of the process", "MiB", process.Max() / 1048576.0);
        Show("data, keys and gate on disk for each person more", "bytes", (disk[^1] - disk[0]) / (double)(People - Few));

        // A part at a time, so that the load generator's own memory doesn't grow with the number of people.
        async Task PublishAsync(string[] people)
        {
            foreach (var part in people.Chunk(10_000))
                await load.SendAllAsync(system.Customers.Requests(Customers.Events(part, part.Length), EventsARequest), cancellationToken);
        }
    }

    private static void Show(string name, string unit, double value)
    {
        var figure = new Figure(name, unit);
        figure.Add(value);
        Bench.Show(figure);
    }

    /// <summary>Their consents, put where Profile keeps its copy of them: through Consent it would take most of an hour.</summary>
    private static async Task PutGatesAsync(Deployment system, string[] people, CancellationToken cancellationToken)
    {
        var refs = system.Services.GetRequiredService<SubjectRefs>();
        foreach (var part in people.Chunk(GatesAWrite))
        {
            var session = system.Service("profile").OpenSession();
            foreach (var person in part) session.Store(new SubjectGate { Id = refs.Of(person), Version = 1, Epoch = 1, Grants = Grants });
            await session.CommitAsync(cancellationToken);
        }
    }
}
