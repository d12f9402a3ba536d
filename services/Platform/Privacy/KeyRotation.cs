using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Personalization.Platform.Privacy;

/// <summary>
/// Wraps data keys again after the key-encryption key was rotated, while the service serves. Each instance looks every minute: what one
/// that had not noticed the rotation yet wrapped under the old key meanwhile is found the next time.
/// </summary>
internal sealed partial class KeyRotation(ServiceModule module, TimeProvider time, ILogger<KeyRotation> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, RewrapAsync, error => LogFailed(module.Name, error), stoppingToken);

    private async Task RewrapAsync(CancellationToken cancellationToken)
    {
        var (rewrapped, current) = await module.Keys.RewrapAsync(cancellationToken);
        if (rewrapped > 0) LogRewrapped(module.Name, rewrapped, current);
    }

    [LoggerMessage(LogLevel.Information, "{Module}: {Count} data keys were wrapped again; none in the key store is under another key than {Current} now")]
    private partial void LogRewrapped(string module, long count, string current);

    [LoggerMessage(LogLevel.Warning, "{Module}: wrapping data keys again failed ({Error}); it is tried again in a minute")]
    private partial void LogFailed(string module, string error);
}
