using System.Diagnostics.Metrics;
using Personalization.Platform.Telemetry;
using Xunit;

namespace Personalization.Platform.Tests.Telemetry;

public sealed class OwnFiguresTests : IDisposable
{
    private readonly Meter meter = new("Personalization.Figures");
    private readonly OwnFigures figures;

    public OwnFiguresTests() => figures = new OwnFigures(meter);

    public void Dispose()
    {
        figures.Dispose();
        meter.Dispose();
    }

    [Fact]
    public void A_histogram_tells_what_it_measured_last_and_how_often()
    {
        var duration = meter.CreateHistogram<double>("gate.duration", "s");
        for (var i = 0; i < 500; i++) duration.Record(60);
        for (var i = 1; i <= 1000; i++) duration.Record(i / 1000d);

        var figure = Assert.Single(figures.Read());
        Assert.Equal(("gate.duration", "s", 1500d), (figure.Name, figure.Unit, figure.Value));
        Assert.Equal((1000, .5, .99, 1d), (figure.Recent!.Count, figure.Recent.P50, figure.Recent.P99, figure.Recent.Largest));
        Assert.Equal((.001, 1), (figure.Recent.Buckets[0].AtMost, figure.Recent.Buckets[0].Count));
        Assert.Equal((1d, 500), (figure.Recent.Buckets[^1].AtMost, figure.Recent.Buckets[^1].Count));
        Assert.Equal(1000, figure.Recent.Buckets.Sum(bucket => bucket.Count));
    }

    [Fact]
    public void A_counter_tells_its_sums_by_tags_and_not_whose_it_is()
    {
        var events = meter.CreateCounter<long>("events");
        events.Add(2, new("outcome", "accepted"), new("module", "profile"));
        events.Add(3, new("outcome", "accepted"), new("module", "profile"));
        events.Add(1, new("outcome", "refused"), new("module", "profile"));

        Assert.Equal(
            [("outcome=accepted", 5d), ("outcome=refused", 1d)],
            figures.Read().Select(figure => (string.Join(",", figure.Tags.Select(tag => $"{tag.Key}={tag.Value}")), figure.Value)).Order());
    }

    [Fact]
    public void What_a_gauge_says_no_longer_is_no_figure()
    {
        Dictionary<string, long> waiting = new() { ["first"] = 3, ["second"] = 4 };
        meter.CreateObservableGauge("queue.depth", () => waiting.Select(pair => new Measurement<long>(pair.Value, new KeyValuePair<string, object?>("queue", pair.Key))));
        Assert.Equal([3d, 4d], figures.Read().Select(figure => figure.Value).Order());

        waiting.Remove("first");
        waiting["second"] = 5;
        Assert.Equal(5, Assert.Single(figures.Read()).Value);
    }

    [Fact]
    public void Another_meters_instruments_are_not_listened_to()
    {
        using var other = new Meter("Personalization.Figures");
        other.CreateCounter<long>("events").Add(1);
        Assert.Empty(figures.Read());
    }
}
