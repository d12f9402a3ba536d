using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Personalization.StandIns;

/// <summary>What the counters of a meter counted since this was made, one entry for each time, by their tags.</summary>
public sealed class Counts : IDisposable
{
    private readonly ConcurrentQueue<(string Instrument, Dictionary<string, object?> Tags)> counted = new();
    private readonly MeterListener listener = new();
    private readonly Lock observing = new();
    private readonly Dictionary<string, long> before;
    private Dictionary<string, (string Instrument, long Value, Dictionary<string, object?> Tags)> observed = [];

    public Counts(Meter meter)
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter == meter) own.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (instrument.IsObservable)
            {
                // Called from Observe, and says how much it is in all.
                observed[instrument.Name + string.Join(",", tags.ToArray())] = (instrument.Name, value, tags.ToArray().ToDictionary());
                return;
            }

            for (var i = 0; i < value; i++) counted.Enqueue((instrument.Name, tags.ToArray().ToDictionary()));
        });
        listener.Start();
        before = Observe().ToDictionary(pair => pair.Key, pair => pair.Value.Value);
    }

    public IReadOnlyList<Dictionary<string, object?>> Of(string instrument) =>
    [
        .. counted.Where(count => count.Instrument == instrument).Select(count => count.Tags),
        .. Observe().Where(pair => pair.Value.Instrument == instrument)
            .SelectMany(pair => Enumerable.Repeat(pair.Value.Tags, (int)Math.Max(0, pair.Value.Value - before.GetValueOrDefault(pair.Key)))),
    ];

    public void Dispose() => listener.Dispose();

    private Dictionary<string, (string Instrument, long Value, Dictionary<string, object?> Tags)> Observe()
    {
        lock (observing)
        {
            observed = [];
            listener.RecordObservableInstruments();
            return observed;
        }
    }
}
