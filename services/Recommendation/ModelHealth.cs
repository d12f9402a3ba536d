using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Personalization.Recommendation;

/// <summary>Not ready before the model is built: until then everybody gets the same, empty list.</summary>
internal sealed class ModelHealth(ServedModel model) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(model.IsBuilt ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The model is being built."));
}
