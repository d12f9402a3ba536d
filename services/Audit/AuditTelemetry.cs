using Personalization.Platform;
using Personalization.Platform.Telemetry;

namespace Personalization.Audit;

/// <summary>Metrics of Audit.</summary>
public sealed class AuditTelemetry
{
    private readonly KnownCounts checkpoints = new("outcome", ["signed", "rewritten", "undelivered"]);
    private long overdueIncidents;

    /// <summary>Makes the instruments of the service's meter.</summary>
    public AuditTelemetry(ServiceModule module)
    {
        module.Meter.CreateObservableCounter("personalization.audit.checkpoints", () => checkpoints.Measure(), "{checkpoint}", "Checkpoints of the audit log, by what became of them.");
        module.Meter.CreateObservableGauge("personalization.incidents.overdue", () => Volatile.Read(ref overdueIncidents), "{incident}", "Incidents with a notice that isn't sent and whose time is over.");
    }

    /// <summary>What was counted in the store.</summary>
    public void Incidents(long overdue) => Volatile.Write(ref overdueIncidents, overdue);

    /// <summary>Signed and kept, or (<c>rewritten</c>) not signed because the log is not the one of the last checkpoint, or (<c>undelivered</c>) not taken where another party keeps it.</summary>
    public void Checkpointed(string outcome) => checkpoints.Add(outcome);
}
