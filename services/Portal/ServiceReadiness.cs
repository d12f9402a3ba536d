using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Personalization.Portal;

/// <summary>Whether a service is ready and, if it isn't, why.</summary>
public sealed record ServiceStatus(string Name, bool IsReady, IReadOnlyList<string> Reasons)
{
    private const string BusCheck = "masstransit-bus";

    /// <summary>Joins the checks of a service: a service that has lost its message bus answers, but isn't what it should be.</summary>
    internal static ServiceStatus Of(string name, IEnumerable<ReadinessCheck> checks)
    {
        string[] reasons = [.. checks.Where(check => !check.IsHealthy).Select(check => check.Name == BusCheck ? "The message bus is not reachable." : check.Reason ?? "It does not say why.")];
        return new ServiceStatus(name, reasons.Length == 0, reasons);
    }

    /// <summary>Whose check it is: <c>recommendation-model</c> is one of Recommendation's, and the bus, which services in one process share, is a part of its own.</summary>
    internal static string OwnerOf(string check) => check == BusCheck ? "message bus" : check.Split('-')[0];
}

/// <summary>One thing a service checks about itself.</summary>
internal sealed record ReadinessCheck(string Name, bool IsHealthy, string? Reason);

/// <summary>The readiness of every service, whether they run behind this gateway or in this process.</summary>
internal sealed class ServiceReadiness(IOptions<PortalOptions> options, HealthCheckService health, IServiceProvider provider)
{
    public async Task<IReadOnlyList<ServiceStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        if (options.Value.IsGateway)
        {
            var services = provider.GetRequiredService<ServiceClients>();
            return await Task.WhenAll(services.Names.Select(name => services.ReadinessAsync(name, cancellationToken)));
        }

        var report = await health.CheckHealthAsync(cancellationToken);
        return
        [
            .. report.Entries
                .Select(entry => new ReadinessCheck(entry.Key, entry.Value.Status == HealthStatus.Healthy, entry.Value.Exception?.GetType().Name ?? entry.Value.Description))
                .GroupBy(check => ServiceStatus.OwnerOf(check.Name)).OrderBy(checks => checks.Key, StringComparer.Ordinal).Select(checks => ServiceStatus.Of(checks.Key, checks)),
        ];
    }
}
