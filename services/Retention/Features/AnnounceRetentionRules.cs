using Personalization.Platform;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>
/// Publishes the rules in force at start and every hour: a service that was added later, or lost its store, learns them without asking.
/// One that has them ignores the version it knows.
/// </summary>
public sealed partial class AnnounceRetentionRules(ServiceModule module, TimeProvider time, ILogger<AnnounceRetentionRules> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                var session = module.OpenSession();
                if (await session.LoadAsync<RetentionRules>(RetentionRules.Only, stoppingToken) is not { } rules) continue;
                session.Publish(rules.Announcement());
                await session.CommitAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "Announcing the retention rules failed ({Error})")]
    private partial void LogFailed(string error);
}
