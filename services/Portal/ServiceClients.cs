using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Personalization.Platform.Security;

namespace Personalization.Portal;

/// <summary>What the gateway itself asks of the services: whether they run, and what they offer.</summary>
internal sealed class ServiceClients : IDisposable
{
    private readonly HttpClient http;
    private readonly IReadOnlyDictionary<string, Uri> services;

    public ServiceClients(IOptions<PortalOptions> options, ServerTrust trust)
    {
        services = options.Value.Services;
        http = new(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = { RemoteCertificateValidationCallback = trust.Accepts },
        })
        {
            Timeout = TimeSpan.FromSeconds(4),
        };
    }

    public IEnumerable<string> Names => services.Keys.Order(StringComparer.Ordinal);

    public async Task<bool> IsLiveAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(services[service], "/health/live"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception exception) when (IsUnreachable(exception, cancellationToken))
        {
            return false;
        }
    }

    public async Task<ServiceStatus> ReadinessAsync(string service, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await http.GetAsync(new Uri(services[service], "/health/ready"), cancellationToken);
            var report = await response.Content.ReadFromJsonAsync<ReadinessReport>(Platform.Json.Options, cancellationToken);
            return ServiceStatus.Of(service, report!.Checks.Select(check => new ReadinessCheck(check.Key, check.Value.Status == "healthy", check.Value.Reason)));
        }
        catch (Exception exception) when (IsUnreachable(exception, cancellationToken) || exception is JsonException)
        {
            return new ServiceStatus(service, IsReady: false, ["It does not answer."]);
        }
    }

    /// <exception cref="HttpRequestException">The service can't be reached.</exception>
    public async Task<JsonObject> OpenApiAsync(string service, CancellationToken cancellationToken) =>
        await http.GetFromJsonAsync<JsonObject>(new Uri(services[service], "/openapi/v1.json"), cancellationToken)
        ?? throw new HttpRequestException("A service answered without a description.");

    public void Dispose() => http.Dispose();

    private static bool IsUnreachable(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private sealed record ReadinessReport(IReadOnlyDictionary<string, ReportedCheck> Checks);

    private sealed record ReportedCheck(string Status, string? Reason = null);
}

/// <summary>The gateway is ready when the services behind it run; whether each of them is ready is its own to say.</summary>
internal sealed class GatewayHealth(ServiceClients services) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var live = await Task.WhenAll(services.Names.Select(async name => (Name: name, IsLive: await services.IsLiveAsync(name, cancellationToken))));
        var missing = live.Where(service => !service.IsLive).Select(service => service.Name).ToArray();
        return missing.Length == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"No answer from {string.Join(", ", missing)}.");
    }
}
