using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Personalization.Platform.Telemetry;
using Xunit;

namespace Personalization.Conventions.Tests;

[Collection(RunningSystem.Collection)]
public sealed partial class TelemetryTests
{
    private readonly RunningSystem system;

    public TelemetryTests(RunningSystem system)
    {
        this.system = system;

        // Some are made when first needed.
        foreach (var telemetry in Services.All.SelectMany(service => service.Assembly.GetTypes()).Where(type => type.Name.EndsWith("Telemetry", StringComparison.Ordinal)))
            Assert.NotNull(system.Provider.GetService(telemetry));
    }

    [Fact]
    public void A_metric_has_a_dotted_name_a_unit_and_a_description() => Rule.Holds(system.Instruments, Misnamed);

    [Fact]
    public void A_metric_of_another_form_would_be_noticed()
    {
        using var meter = new Meter("Elsewhere");

        Assert.Equal(
            ["Gate_Duration: not personalization. and dotted lower case", "Gate_Duration: no unit", "Gate_Duration: no description", "Gate_Duration: of the meter Elsewhere"],
            Misnamed(meter.CreateCounter<long>("Gate_Duration")));
        Assert.Contains("personalization.gate.duration: no UCUM unit: seconds", Misnamed(meter.CreateHistogram<double>("personalization.gate.duration", "seconds", "How long.")));
    }

    // Elsewhere they would be made after the tests have looked, or not be found by who reads the code.
    [Fact]
    public void Instruments_and_sources_are_made_in_the_telemetry_of_a_service() => Rule.Holds(
        [.. Repository.Sources("services").Where(source => !source.EndsWith("Telemetry.cs", StringComparison.Ordinal) && source != "services/Platform/ServiceModule.cs")
            .Where(source => Making().IsMatch(Repository.Read(source))).Select(source => $"{source} makes an instrument, a meter or a source of its own")]);

    [Theory]
    [InlineData("module.Meter.CreateCounter<long>(")]
    [InlineData("meter.CreateObservableGauge(")]
    [InlineData("new ActivitySource(")]
    [InlineData("new Meter(")]
    public void Making_one_elsewhere_would_be_noticed(string code) => Assert.Matches(Making(), code);

    [Fact]
    public void The_metrics_seen_are_all_that_the_sources_make() => Assert.Equal(
        Repository.Sources("services").Sum(source => Creating().Count(Repository.Read(source))),
        system.Instruments.Select(instrument => instrument.Name).Distinct().Count());

    [Fact]
    public void Outside_a_developers_machine_no_span_is_kept() => Assert.Null(system.Provider.GetService(typeof(RecordedSpans)));

    [Fact]
    public void Sources_and_meters_are_named_after_their_service()
    {
        string[] services = [.. Services.All.Where(service => service.Built.HasStore).Select(service => $"Personalization.{service.Module.Name}")];

        Assert.Equal(services, system.Sources.Order(StringComparer.Ordinal));
        Assert.Empty(system.Instruments.Select(instrument => instrument.Meter.Name).Except(services));
    }

    private static List<string> Misnamed(Instrument instrument)
    {
        var violations = new List<string>();
        if (!Dotted().IsMatch(instrument.Name)) violations.Add($"{instrument.Name}: not personalization. and dotted lower case");
        if (string.IsNullOrEmpty(instrument.Unit)) violations.Add($"{instrument.Name}: no unit");
        else if (!Ucum().IsMatch(instrument.Unit)) violations.Add($"{instrument.Name}: no UCUM unit: {instrument.Unit}");
        if (string.IsNullOrEmpty(instrument.Description)) violations.Add($"{instrument.Name}: no description");
        if (!instrument.Meter.Name.StartsWith("Personalization.", StringComparison.Ordinal)) violations.Add($"{instrument.Name}: of the meter {instrument.Meter.Name}");
        return violations;
    }

    [GeneratedRegex(@"^personalization(\.[a-z][a-z0-9_]*)+$")]
    private static partial Regex Dotted();

    // The units there are in use, and annotations such as {event}.
    [GeneratedRegex(@"^(1|%|s|ms|By|KiBy|MiBy|\{[a-z]+\})$")]
    private static partial Regex Ucum();

    [GeneratedRegex(@"\.Create(Counter|Gauge|Histogram|UpDownCounter|Observable\w+)(<\w+>)?\(|new (ActivitySource|Meter)\(")]
    private static partial Regex Making();

    [GeneratedRegex(@"\.Create(Counter|Gauge|Histogram|UpDownCounter|Observable\w+)(<\w+>)?\(")]
    private static partial Regex Creating();
}
