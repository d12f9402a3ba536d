using Microsoft.Extensions.Hosting;
using Personalization.Platform;

namespace Personalization.Recommendation.Features;

/// <summary>Builds the model, then lets it follow what is stored.</summary>
public sealed partial class KeepModelCurrent(ServedModel model, TimeProvider time, ILogger<KeepModelCurrent> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, model.FollowAsync, LogFailed, stoppingToken);

    [LoggerMessage(LogLevel.Warning, "The model could not follow what is stored ({Error}); it tries again")]
    private partial void LogFailed(string error);
}
