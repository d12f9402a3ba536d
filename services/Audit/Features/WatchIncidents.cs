using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Says once that a notice of an incident is due soon, and once that its time is over.</summary>
public sealed partial class WatchIncidents(ServiceModule module, AuditTelemetry telemetry, TimeProvider time, ILogger<WatchIncidents> logger) : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, WatchAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        var due = await session.QueryAsync<Incident>("wake", atMost: Json.FormatTime(now), limit: Batch, cancellationToken: cancellationToken);
        foreach (var incident in due)
        {
            var (next, awaited) = incident.Remind(now);
            session.Store(next);
            foreach (var notice in awaited)
            {
                session.Publish(notice);
                if (notice.IsOverdue) LogOverdue(notice.IncidentId, notice.Notice);
                else LogDueSoon(notice.IncidentId, notice.Notice);
            }
        }

        await session.CommitAsync(cancellationToken);
        telemetry.Incidents(await module.OpenSession().CountAsync<Incident>("overdue", cancellationToken: cancellationToken));
        return due.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Incident {IncidentId}: the notice {Notice} is due within hours and isn't recorded as sent")]
    private partial void LogDueSoon(string incidentId, string notice);

    [LoggerMessage(LogLevel.Critical, "Incident {IncidentId}: the time of the notice {Notice} is over and it isn't recorded as sent")]
    private partial void LogOverdue(string incidentId, string notice);

    [LoggerMessage(LogLevel.Warning, "Looking through the incidents failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
