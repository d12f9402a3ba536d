using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Personalization.Testing;

namespace Personalization.System.Tests.Harness;

/// <summary>Where a Prometheus fetches what the system measures, as its own exporter would send it.</summary>
public sealed class MetricsEndpoint
{
    private bool isInstalled;

    /// <summary>The address, from <see cref="Open"/> on.</summary>
    public Uri? Address { get; private set; }

    /// <summary>Before the system starts: it is to be there.</summary>
    public void Open() => Address ??= new Uri($"http://127.0.0.1:{FreePort.Find()}/metrics");

    internal void Install(IServiceCollection services)
    {
        // The hosts share a process, and each measures all of it.
        if (Address is null || isInstalled) return;
        isInstalled = true;
        services.ConfigureOpenTelemetryMeterProvider(metrics => metrics.AddPrometheusHttpListener(options =>
        {
            (options.Host, options.Port) = (Address.Host, Address.Port);
            // Each answer is of now.
            options.ScrapeResponseCacheDurationMilliseconds = 0;
        }));
    }
}
