using Microsoft.Extensions.Hosting;
using Personalization.Platform;

namespace Personalization.Recommendation.Features;

/// <summary>Reads the catalogue, then lets it follow what is stored.</summary>
public sealed partial class KeepCatalogCurrent(ItemCatalog catalog, TimeProvider time, ILogger<KeepCatalogCurrent> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, catalog.FollowAsync, LogFailed, stoppingToken);

    [LoggerMessage(LogLevel.Warning, "The catalogue could not follow what is stored ({Error}); it tries again")]
    private partial void LogFailed(string error);
}
