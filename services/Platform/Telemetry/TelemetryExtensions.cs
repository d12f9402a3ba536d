using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Personalization.Platform.Telemetry;

/// <summary>Traces, metrics and logs by OTLP, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to; spans also in memory, where a developer looks at them.</summary>
internal static class TelemetryExtensions
{
    private static readonly string[] LogsPaths =
    [
        "Microsoft.AspNetCore.Http.Result",
        "Microsoft.AspNetCore.Mvc",
        "Microsoft.AspNetCore.Routing.EndpointMiddleware",
        "Microsoft.AspNetCore.Routing.Matching.DfaMatcher",
        "Microsoft.AspNetCore.Routing.EndpointRoutingMiddleware",
        "System.Net.Http.HttpClient",
        "Yarp.ReverseProxy.Forwarder.HttpForwarder",
        "Yarp.ReverseProxy.Model.ProxyPipelineInitializerMiddleware",
    ];

    // From a call of the store to a cascade of days. The library's own are for milliseconds.
    internal static readonly double[] Seconds =
        [.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 10, 30, 60, 300, 1_800, 3_600, 6 * 3_600, 24 * 3_600, 7 * 24 * 3_600, 30 * 24 * 3_600];

    private static MetricStreamConfiguration? Buckets(Instrument instrument) =>
        instrument is Histogram<double> { Unit: "s" } && instrument.Meter.Name.StartsWith("Personalization.", StringComparison.Ordinal)
            ? new ExplicitBucketHistogramConfiguration { Boundaries = Seconds } : null;

    public static void AddTelemetry(this IServiceCollection services, ILoggingBuilder logging, IConfiguration configuration, string serviceName, bool record)
    {
        // These write paths and queries, and a customer id stands in them. The names are in full, so that no configuration is more specific.
        foreach (var category in LogsPaths) logging.AddFilter(category, LogLevel.Warning);

        // Where this one logs anything at all, each line of a request gets a scope with the path. Of exceptions the handler tells.
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);

        var export = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        if (record) services.AddSingleton<RecordedSpans>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(serviceName, "Personalization", serviceInstanceId: Environment.MachineName))
            .WithTracing(tracing =>
            {
                tracing.AddSource("Personalization.*", "MassTransit")
                    .AddAspNetCoreInstrumentation(options => options.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
                        && !context.Request.Path.StartsWithSegments("/internal", StringComparison.Ordinal))
                    .AddHttpClientInstrumentation(options => options.FilterHttpRequestMessage = request =>
                        request.RequestUri?.AbsolutePath.StartsWith("/internal/", StringComparison.Ordinal) != true)
                    .AddProcessor<SpanRedaction>();
                if (record) tracing.AddProcessor(provider => provider.GetRequiredService<RecordedSpans>());
                if (export) tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics.AddView(Buckets);
                metrics.AddMeter("Personalization.*", "MassTransit", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
                if (export) metrics.AddOtlpExporter();
            });
        if (export) logging.AddOpenTelemetry(options => options.IncludeFormattedMessage = true).Services.AddOpenTelemetry().WithLogging(logs => logs.AddOtlpExporter());
    }
}
