using Personalization.Platform;
using Personalization.Platform.Http;

namespace Personalization.Profile.Features;

/// <summary>
/// Publishes the read rules in force at start and every hour: a service that was added later, or lost its store, learns them without asking. One that has
/// them ignores the version it knows.
/// </summary>
public sealed partial class AnnounceReadRules(ServiceModule module, TimeProvider time, ILogger<AnnounceReadRules> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, AnnounceAsync, LogFailed, stoppingToken);

    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        if (await session.LoadAsync<ReadRules>(ReadRules.Only, cancellationToken) is not { } rules) return;
        session.Publish(rules.Announcement(time.GetUtcNow()));
        await session.CommitAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Announcing the read rules failed ({Error})")]
    private partial void LogFailed(string error);
}
