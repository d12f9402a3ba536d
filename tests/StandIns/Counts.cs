using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Personalization.StandIns;

/// <summary>What the counters of a meter counted, one entry for each time, by their tags.</summary>
public sealed class Counts : IDisposable
{
    private readonly ConcurrentQueue<(string Instrument, Dictionary<string, object?> Tags)> counted = new();
    private readonly MeterListener listener = new();

    public Counts(Meter meter)
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter == meter) own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            for (var i = 0; i < value; i++) counted.Enqueue((instrument.Name, tags.ToArray().ToDictionary()));
        });
        listener.Start();
    }

    public IReadOnlyList<Dictionary<string, object?>> Of(string instrument) => [.. counted.Where(count => count.Instrument == instrument).Select(count => count.Tags)];

    public void Dispose() => listener.Dispose();
}
