using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Personalization.Recommendation;

/// <summary>Not ready before the model is built and the catalogue read: until then everybody gets the same list, short or empty.</summary>
internal sealed class ModelHealth(ServedModel model, ItemCatalog catalog) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(model.IsBuilt && catalog.IsLoaded ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The model is being built, or the catalogue read."));
}
