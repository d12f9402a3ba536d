using System.Diagnostics.Metrics;
using Personalization.Platform;

namespace Personalization.Audit;

/// <summary>Metrics of Audit.</summary>
public sealed class AuditTelemetry
{
    private readonly Counter<long> checkpoints;

    /// <summary>Makes the instruments of the service's meter.</summary>
    public AuditTelemetry(ServiceModule module) =>
        checkpoints = module.Meter.CreateCounter<long>("personalization.audit.checkpoints", "{checkpoint}", "Checkpoints of the audit log, by what became of them.");

    /// <summary>Signed and kept, or (<c>rewritten</c>) not signed because the log is not the one of the last checkpoint, or (<c>undelivered</c>) not taken where another party keeps it.</summary>
    public void Checkpointed(string outcome) => checkpoints.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
