using Microsoft.Extensions.Hosting;
using Personalization.Platform;

namespace Personalization.Recommendation.Features;

/// <summary>Builds the model, then lets it follow what is stored.</summary>
public sealed partial class KeepModelCurrent(ServedModel model, TimeProvider time, ILogger<KeepModelCurrent> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await model.FollowAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "The model could not follow what is stored ({Error}); it tries again")]
    private partial void LogFailed(string error);
}
