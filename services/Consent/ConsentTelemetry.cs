using System.Diagnostics.Metrics;
using Personalization.Platform;

namespace Personalization.Consent;

/// <summary>Metrics of Consent.</summary>
public sealed class ConsentTelemetry
{
    private readonly Histogram<double> gate;
    private readonly Counter<long> decisions;
    private long head;
    private long granting;
    private long renewing;

    /// <summary>Makes the instruments of the service's meter.</summary>
    public ConsentTelemetry(ServiceModule module)
    {
        gate = module.Meter.CreateHistogram<double>("personalization.gate.duration", "s", "From the request that carried a decision until every serving service applied it.");
        decisions = module.Meter.CreateCounter<long>("personalization.consent.decisions", "{decision}", "Decisions recorded.");
        module.Meter.CreateObservableGauge("personalization.consent.head", () => Volatile.Read(ref head), "{entry}", "The highest number of the consent stream.");
        module.Meter.CreateObservableGauge("personalization.consent.granting", () => Volatile.Read(ref granting), "{person}", "People who permit something.");
        module.Meter.CreateObservableGauge(
            "personalization.consent.stale", () => Volatile.Read(ref renewing), "{person}", "People who permit something by a notice that has changed materially since.");
    }

    /// <summary>The stream goes up to that number.</summary>
    public void Head(long number) => Volatile.Write(ref head, number);

    /// <summary>What was counted in the store.</summary>
    public void Renewals(long granting, long renewing)
    {
        Volatile.Write(ref this.granting, granting);
        Volatile.Write(ref this.renewing, renewing);
    }

    /// <summary>A decision was in force everywhere, or the wait for that ended.</summary>
    public void InForce(TimeSpan took, bool everywhere) =>
        gate.Record(took.TotalSeconds, new KeyValuePair<string, object?>("outcome", everywhere ? "in-force" : "pending"));

    /// <summary>A decision was recorded.</summary>
    public void Decided(string kind) => decisions.Add(1, new KeyValuePair<string, object?>("decision", kind));
}
