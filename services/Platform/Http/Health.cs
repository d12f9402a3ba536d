using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Http;

/// <summary>A module is ready if its stores answer, its outbox empties, what was erased elsewhere is erased here, and its lease runs.</summary>
internal sealed class ModuleHealth(ServiceModule module, TimeProvider time) : IHealthCheck
{
    // A broker under a memory or disk alarm looks healthy and takes nothing; the outbox shows it.
    private static readonly TimeSpan OldestEntry = TimeSpan.FromSeconds(60);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await module.Store.PingAsync(cancellationToken);
        try
        {
            await module.Keys.PingAsync(cancellationToken);
        }
        catch (KeyEncryptionException exception)
        {
            // Its sentences are ours and say what to do; they name no one.
            return HealthCheckResult.Unhealthy(exception.Message);
        }

        var old = await module.OpenSession().CountAsync<OutboxEntry>("created", atMost: Json.FormatTime(time.GetUtcNow() - OldestEntry), cancellationToken: cancellationToken);
        if (old > 0) return HealthCheckResult.Unhealthy("Messages wait in the outbox for over a minute.");
        if (!module.HasReplayedErasures) return HealthCheckResult.Unhealthy("What was erased while it was away, or since its copy was made, isn't erased yet.");
        return module.FollowsConsent && !module.Lease.IsValid
            ? HealthCheckResult.Unhealthy("The consent stream isn't followed: nothing is personalized.")
            : HealthCheckResult.Healthy();
    }
}

internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = WriteAsync }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    private static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(
            new
            {
                status = report.Status.ToString().ToLowerInvariant(),
                checks = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new { status = entry.Value.Status.ToString().ToLowerInvariant(), reason = entry.Value.Exception?.GetType().Name ?? entry.Value.Description }),
            },
            Json.Options));
    }
}
