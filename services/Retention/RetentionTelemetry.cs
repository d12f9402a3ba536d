using System.Diagnostics;
using System.Diagnostics.Metrics;
using Personalization.Platform;
using Personalization.Platform.Telemetry;
using Personalization.Retention.Domain;

namespace Personalization.Retention;

/// <summary>Metrics of Retention. A decision made again after a conflict is counted again; the documents are exact.</summary>
public sealed class RetentionTelemetry
{
    private readonly Counter<long> cases;
    private readonly KnownCounts receipts = new(
        "outcome", ["taken", "repeated", "residue", "unexpected", "failed", "unsigned", "unknown-key", "wrong-signer", "changed", "unknown-case", "mismatch", "unreadable", "not-handled"]);
    private readonly Histogram<double> cascade;
    private long open;
    private long dueSoon;
    private long overdue;
    private long openObjections;
    private long overdueObjections;
    private long openExports;
    private long overdueExports;
    private IReadOnlyDictionary<string, int> awaiting = new Dictionary<string, int>();

    /// <summary>Makes the instruments of the service's meter.</summary>
    public RetentionTelemetry(ServiceModule module)
    {
        cases = module.Meter.CreateCounter<long>("personalization.erasure.cases", "{case}", "Erasure cases, by the state they came to.");
        module.Meter.CreateObservableCounter("personalization.erasure.receipts", () => receipts.Measure(), "{receipt}", "Receipts of participants, by what became of them.");
        cascade = module.Meter.CreateHistogram<double>("personalization.cascade.duration", "s", "From the opening of an erasure case to its last receipt.");
        module.Meter.CreateObservableGauge("personalization.erasure.open", () => Volatile.Read(ref open), "{case}", "Erasure cases that wait for a receipt.");
        module.Meter.CreateObservableGauge("personalization.erasure.due_soon", () => Volatile.Read(ref dueSoon), "{case}", "Erasure cases that wait for a receipt and whose deadline is near or over.");
        module.Meter.CreateObservableGauge("personalization.erasure.overdue", () => Volatile.Read(ref overdue), "{case}", "Erasure cases that wait for a receipt and whose deadline is over.");
        module.Meter.CreateObservableGauge(
            "personalization.erasure.awaiting", () => Volatile.Read(ref awaiting).Select(pair => new Measurement<int>(pair.Value, new KeyValuePair<string, object?>("participant", pair.Key))),
            "{case}", "Of the erasure cases due first, 100 at most, those that wait for the participant.");
        module.Meter.CreateObservableGauge("personalization.objections.open", () => Volatile.Read(ref openObjections), "{objection}", "Objections that wait for an answer.");
        module.Meter.CreateObservableGauge("personalization.objections.overdue", () => Volatile.Read(ref overdueObjections), "{objection}", "Objections whose time to be answered is over.");
        module.Meter.CreateObservableGauge("personalization.exports.open", () => Volatile.Read(ref openExports), "{export}", "Exports that wait for a participant.");
        module.Meter.CreateObservableGauge("personalization.exports.overdue", () => Volatile.Read(ref overdueExports), "{export}", "Exports whose time to be answered is over.");
    }

    /// <summary>
    /// A receipt was taken, or left aside: it says that it can't be done (<c>failed</c>), tells of a <c>residue</c>, says nothing new (<c>repeated</c>), is
    /// from somebody who wasn't deployed when the case was opened (<c>unexpected</c>), or is none, by its problem.
    /// </summary>
    public void Received(string outcome) => receipts.Add(outcome);

    /// <summary>A case was opened, took a receipt, or came to another state; its trace can be found by it.</summary>
    public void Changed(ErasureCase? before, ErasureCase after)
    {
        Activity.Current?.SetTag("personalization.case.id", after.Id);
        if (before?.State == after.State) return;
        var reason = new KeyValuePair<string, object?>("reason", after.ReasonWord);
        cases.Add(1, new KeyValuePair<string, object?>("state", ErasureCase.WordOf(after.State)), reason);
        if (after.CompletedAt is { } completedAt) cascade.Record((completedAt - after.OpenedAt).TotalSeconds, reason);
    }

    /// <summary>What was counted in the store.</summary>
    public void Waiting(long openCases, long dueSoonCases, long overdueCases, IReadOnlyDictionary<string, int> awaitingParticipants)
    {
        Volatile.Write(ref awaiting, awaitingParticipants);
        Volatile.Write(ref open, openCases);
        Volatile.Write(ref dueSoon, dueSoonCases);
        Volatile.Write(ref overdue, overdueCases);
    }

    /// <summary>What was counted in the store.</summary>
    public void Objections(long open, long overdue)
    {
        Volatile.Write(ref openObjections, open);
        Volatile.Write(ref overdueObjections, overdue);
    }

    /// <summary>What was counted in the store.</summary>
    public void Exports(long open, long overdue)
    {
        Volatile.Write(ref openExports, open);
        Volatile.Write(ref overdueExports, overdue);
    }
}
