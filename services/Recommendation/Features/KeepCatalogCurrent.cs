using Microsoft.Extensions.Hosting;

namespace Personalization.Recommendation.Features;

/// <summary>Reads the catalogue, then lets it follow what is stored.</summary>
public sealed partial class KeepCatalogCurrent(ItemCatalog catalog, TimeProvider time, ILogger<KeepCatalogCurrent> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await catalog.FollowAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "The catalogue could not follow what is stored ({Error}); it tries again")]
    private partial void LogFailed(string error);
}
