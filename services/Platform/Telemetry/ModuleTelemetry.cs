using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Personalization.Platform.Privacy;

namespace Personalization.Platform.Telemetry;

/// <summary>Metrics that every service has, told apart by <c>module</c>, because several of them may share a process.</summary>
internal sealed class ModuleTelemetry
{
    private readonly KeyValuePair<string, object?> module;
    private readonly Histogram<double> store;
    private readonly KnownCounts failed;
    private readonly ConcurrentDictionary<string, long> waiting = new();
    private double outboxAge;
    private long applied;
    private long deadLetters = -1;

    /// <summary>Makes the instruments on the module's meter.</summary>
    /// <param name="meter">The module's.</param>
    /// <param name="name">Its name, in lower case.</param>
    /// <param name="queues">The queues it reads.</param>
    /// <param name="lease">Set if it follows the consent stream.</param>
    public ModuleTelemetry(Meter meter, string name, IEnumerable<string> queues, ConsentLease? lease)
    {
        module = new("module", name);
        failed = new KnownCounts("queue", queues);
        store = meter.CreateHistogram<double>("personalization.store.duration", "s", "Calls of the document store, by operation, those that failed too.");
        meter.CreateObservableCounter("personalization.messages.failed", () => failed.Measure(module), "{message}", "Messages that failed for good and are in the error queue of their queue.");
        meter.CreateObservableGauge(
            "personalization.queue.depth", () => waiting.Select(pair => new Measurement<long>(pair.Value, module, new("queue", pair.Key))), "{message}",
            "Messages that wait in a queue of the service, as the broker counted them last.");
        meter.CreateObservableGauge(
            "personalization.outbox.age", () => new Measurement<double>(Volatile.Read(ref outboxAge), module), "s",
            "Age of the oldest message that was committed and isn't taken by the broker; 0 when none is older than 5 s.");
        meter.CreateObservableGauge(
            "personalization.dead_letters", () => Volatile.Read(ref deadLetters) is >= 0 and var count ? [new Measurement<long>(count, module)] : (Measurement<long>[])[], "{message}",
            "Messages in the broker's queue of dead letters, the same for whoever looks.");
        if (lease is null) return;
        meter.CreateObservableGauge(
            "personalization.lease.remaining", () => new Measurement<double>(lease.Remaining.TotalSeconds, module), "s",
            "How long this instance may still rely on its gates; at 0 it personalizes nothing and takes no events.");
        meter.CreateObservableGauge(
            "personalization.consent.applied", () => new Measurement<long>(Volatile.Read(ref applied), module), "{entry}", "Entries of the consent stream that the store has applied without a gap.");
    }

    /// <summary>How old the oldest waiting message is.</summary>
    public void OutboxAge(TimeSpan age) => Volatile.Write(ref outboxAge, age.TotalSeconds);

    /// <summary>The store has applied the consent stream up to that number.</summary>
    public void Applied(long through) => Volatile.Write(ref applied, through);

    /// <summary>What was counted at the broker, of a queue of the service.</summary>
    public void Waits(string queue, long count) => waiting[queue] = count;

    /// <summary>What was counted at the broker.</summary>
    public void DeadLetters(long count) => Volatile.Write(ref deadLetters, count);

    /// <summary>A message of the queue failed for good.</summary>
    public void Failed(string queue) => failed.Add(queue);

    /// <summary>A call of the store came back.</summary>
    public void Called(string operation, TimeSpan took) => store.Record(took.TotalSeconds, new TagList { module, { "operation", operation } });
}
