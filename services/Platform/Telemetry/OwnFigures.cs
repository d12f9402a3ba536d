using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Personalization.Platform.Http;

namespace Personalization.Platform.Telemetry;

/// <summary>What an instrument says.</summary>
/// <param name="Name">The instrument's, <c>personalization.outbox.age</c> for example.</param>
/// <param name="Unit">UCUM.</param>
/// <param name="Tags">What tells it from the instrument's other figures.</param>
/// <param name="Value">A gauge's value now; of a counter the sum, and of a histogram how often it measured, both since the instance started.</param>
/// <param name="Recent">Of a histogram: what it measured last.</param>
public sealed record Figure(string Name, string? Unit, IReadOnlyDictionary<string, string?> Tags, double Value, Distribution? Recent = null);

/// <summary>How the last measurements are distributed, 1,000 at most.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="P50">Half of them are no larger, in the instrument's unit.</param>
/// <param name="P99">99 of 100 are no larger.</param>
/// <param name="Largest">The largest.</param>
/// <param name="Buckets">How many are no larger than a boundary and larger than the one before, from the first boundary with any to the last.</param>
public sealed record Distribution(int Count, double P50, double P99, double Largest, IReadOnlyList<Bucket> Buckets);

/// <summary>Measurements of like size.</summary>
/// <param name="AtMost">The boundary; null: larger than all boundaries.</param>
/// <param name="Count">How many.</param>
public sealed record Bucket(double? AtMost, int Count);

/// <summary>
/// What the instruments of one meter say, for an operator who has no collector of metrics at hand. It listens to the instruments there are: nothing is
/// counted twice, and what isn't measured for the telemetry isn't here either.
/// </summary>
internal sealed class OwnFigures : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<Instrument, Readings> instruments = new();
    private readonly Lock reading = new();

    /// <summary>Listens to the meter's instruments, those that are made later too.</summary>
    public OwnFigures(Meter meter)
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (instrument.Meter == meter) own.EnableMeasurementEvents(instrument, instruments.GetOrAdd(instrument, made => new Readings(made)));
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, readings) => ((Readings)readings!).Take(value, tags));
        listener.SetMeasurementEventCallback<int>((_, value, tags, readings) => ((Readings)readings!).Take(value, tags));
        listener.SetMeasurementEventCallback<long>((_, value, tags, readings) => ((Readings)readings!).Take(value, tags));
        listener.Start();
    }

    /// <summary>What they say now, by name.</summary>
    public IReadOnlyList<Figure> Read()
    {
        lock (reading)
        {
            foreach (var readings in instruments.Values) readings.BeginObserving();
            listener.RecordObservableInstruments();
            return [.. instruments.Values.SelectMany(readings => readings.Read()).OrderBy(figure => figure.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => listener.Dispose();

    private sealed class Readings(Instrument instrument)
    {
        private readonly Lock gate = new();
        private readonly List<Series> all = [];
        private readonly bool isDistribution = instrument is Histogram<double> or Histogram<long> or Histogram<int>;

        public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (gate)
            {
                var series = Find(tags);
                if (instrument.IsObservable) series.Value = value;
                else if (isDistribution) series.Remember(value);
                else series.Value += value;
            }
        }

        // An observable instrument tells everything each time; what it tells no longer is no more.
        public void BeginObserving()
        {
            if (!instrument.IsObservable) return;
            lock (gate) all.Clear();
        }

        public IReadOnlyList<Figure> Read()
        {
            lock (gate)
            {
                return
                [
                    .. all.Select(series => new Figure(
                        instrument.Name, instrument.Unit,
                        // Whose figures these are is said once for all of them.
                        series.Tags.Where(tag => tag.Key != "module").ToDictionary(tag => tag.Key, tag => tag.Value?.ToString()),
                        series.Value, series.Recent())),
                ];
            }
        }

        // There are few, and to compare them makes nothing: some instruments measure each call of the store.
        private Series Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            foreach (var series in all)
            {
                if (series.Is(tags)) return series;
            }

            all.Add(new Series(tags.ToArray()));
            return all[^1];
        }
    }

    private sealed class Series(KeyValuePair<string, object?>[] tags)
    {
        private const int Remembered = 1000;
        private double[]? last;

        public KeyValuePair<string, object?>[] Tags => tags;

        public double Value { get; set; }

        public bool Is(ReadOnlySpan<KeyValuePair<string, object?>> others)
        {
            if (others.Length != tags.Length) return false;
            for (var i = 0; i < tags.Length; i++)
            {
                if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value)) return false;
            }

            return true;
        }

        public void Remember(double value)
        {
            last ??= new double[Remembered];
            last[(int)((long)Value % Remembered)] = value;
            Value++;
        }

        public Distribution? Recent()
        {
            if (last is null) return null;
            double[] sorted = [.. last.Take((int)Math.Min(Value, Remembered)).Order()];
            double[] boundaries = [.. TelemetryExtensions.Seconds, double.PositiveInfinity];
            var buckets = boundaries.Select((boundary, index) => new Bucket(
                double.IsInfinity(boundary) ? null : boundary, sorted.Count(value => value <= boundary && (index == 0 || value > boundaries[index - 1]))));
            return new Distribution(
                sorted.Length, Percentile(sorted, .5), Percentile(sorted, .99), sorted[^1],
                [.. buckets.SkipWhile(bucket => bucket.Count == 0).Reverse().SkipWhile(bucket => bucket.Count == 0).Reverse()]);
        }

        // The nearest rank: a value that was measured.
        private static double Percentile(double[] sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}

internal static class OwnFiguresEndpoints
{
    /// <summary>Each service answers under its own path, so that it is asked alike wherever it runs. Not routed by the gateway.</summary>
    public static void MapOwnFigures(this IEndpointRouteBuilder routes, string module) => routes
        .MapGet($"/internal/figures/{module}", Handle)
        .AllowRoles(Roles.Officer, Roles.Operator)
        .ShowsNobody()
        .WithName($"Read{char.ToUpperInvariant(module[0])}{module[1..]}Figures")
        .WithSummary("What the instance that answers says of itself, by its instruments");

    private static Ok<FiguresAnswer> Handle(ServiceModule module) => TypedResults.Ok(new FiguresAnswer(Environment.MachineName, module.Figures.Read()));

    /// <summary>What an instance says of itself.</summary>
    /// <param name="Instance">Which one, as its telemetry calls it.</param>
    /// <param name="Items">Its figures.</param>
    internal sealed record FiguresAnswer(string Instance, IReadOnlyList<Figure> Items);
}
