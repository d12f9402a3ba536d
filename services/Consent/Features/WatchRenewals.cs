using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Counts the people who permit something, and those of them who agreed to a notice that has changed since: what is used on their word is used on an old text.</summary>
public sealed partial class WatchRenewals(ServiceModule module, ConsentTelemetry telemetry, TimeProvider time, ILogger<WatchRenewals> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, CountAsync, LogFailed, stoppingToken);

    private async Task CountAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        telemetry.Renewals(
            await session.CountAsync<ConsentRecord>("granting", cancellationToken: cancellationToken),
            await session.CountAsync<ConsentRecord>("renewing", cancellationToken: cancellationToken));
    }

    [LoggerMessage(LogLevel.Warning, "Counting consents to older notices failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
