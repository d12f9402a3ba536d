using System.Diagnostics.Metrics;
using Personalization.Platform;

namespace Personalization.Consent;

/// <summary>Metrics of Consent.</summary>
public sealed class ConsentTelemetry(ServiceModule module)
{
    private readonly Histogram<double> gate = module.Meter.CreateHistogram<double>(
        "personalization.gate.duration", "s", "From the request that carried a decision until every serving service applied it.");

    private readonly Counter<long> decisions = module.Meter.CreateCounter<long>("personalization.consent.decisions", "{decision}", "Decisions recorded.");

    /// <summary>A decision was in force everywhere, or the wait for that ended.</summary>
    public void InForce(TimeSpan took, bool everywhere) =>
        gate.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", everywhere ? "in-force" : "pending"));

    /// <summary>A decision was recorded.</summary>
    public void Decided(string kind) => decisions.Add(1, new KeyValuePair<string, object?>("decision", kind));
}
