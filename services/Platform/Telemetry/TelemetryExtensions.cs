using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Personalization.Platform.Telemetry;

/// <summary>Traces, metrics and logs by OTLP, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to.</summary>
internal static class TelemetryExtensions
{
    public static void AddTelemetry(this IServiceCollection services, ILoggingBuilder logging, IConfiguration configuration, string serviceName)
    {
        // These would log paths and queries, and a customer id stands in them, so configuration can't turn them on.
        logging.AddFilter((category, level) =>
            level >= LogLevel.Warning || category?.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) != true && category?.StartsWith("System.Net.Http", StringComparison.Ordinal) != true
                && category?.StartsWith("Yarp", StringComparison.Ordinal) != true);

        var export = !string.IsNullOrEmpty(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
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
                if (export) tracing.AddOtlpExporter();
            })
            .WithMetrics(metrics =>
            {
                metrics.AddMeter("Personalization.*", "MassTransit", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
                if (export) metrics.AddOtlpExporter();
            });
        if (export) logging.AddOpenTelemetry(options => options.IncludeFormattedMessage = true).Services.AddOpenTelemetry().WithLogging(logs => logs.AddOtlpExporter());
    }
}
