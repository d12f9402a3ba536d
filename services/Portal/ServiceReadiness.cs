using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Personalization.Portal;

/// <summary>Whether a service is ready and, if it isn't, why.</summary>
public sealed record ServiceStatus(string Name, bool IsReady, IReadOnlyList<string> Reasons);

/// <summary>The readiness of every service, whether they run behind this gateway or in this process.</summary>
internal sealed class ServiceReadiness(IOptions<PortalOptions> options, HealthCheckService health, IServiceProvider provider)
{
    private const string BusCheck = "masstransit-bus";

    public async Task<IReadOnlyList<ServiceStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsGateway)
        {
            var services = provider.GetRequiredService<ServiceClients>();
            return await Task.WhenAll(services.Names.Select(name => services.ReadinessAsync(name, cancellationToken)));
        }

        var report = await health.CheckHealthAsync(cancellationToken);
        return [.. report.Entries.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new ServiceStatus(
            entry.Key == BusCheck ? "message bus" : entry.Key,
            entry.Value.Status == HealthStatus.Healthy,
            entry.Value.Status == HealthStatus.Healthy ? [] : [entry.Value.Exception?.GetType().Name ?? entry.Value.Description ?? "It does not say why."]))];
    }
}
