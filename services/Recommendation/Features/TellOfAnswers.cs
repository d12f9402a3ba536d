using Microsoft.Extensions.Hosting;
using Personalization.Contracts.Recommendation;
using Personalization.Platform;

namespace Personalization.Recommendation.Features;

/// <summary>
/// Tells the audit log once a minute what was decided in answers, and for the last time when the process stops: by then nothing is answered any
/// more. A message for each answer would cost more than the answer.
/// </summary>
public sealed partial class TellOfAnswers(ServiceModule module, AnswerCounts counts, TimeProvider time, ILogger<TellOfAnswers> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // Told as they were, not added up: a write that failed may have been applied, and who is told again has to see that it's the same.
    private readonly List<RecommendationsAnswered> untold = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await TellAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            LogLost(exception.GetType().Name, untold.Sum(minute => minute.Answers.Sum(answers => answers.Count)));
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, TellAsync, LogFailed, stoppingToken);

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        if (counts.Take() is { } next) untold.Add(next);
        var session = module.OpenSession();
        foreach (var minute in untold) session.Publish(minute);
        await session.CommitAsync(cancellationToken);
        untold.Clear();
    }

    [LoggerMessage(LogLevel.Warning, "The audit log could not be told of the last answers ({Error}); it is told with the next ones")]
    private partial void LogFailed(string error);

    [LoggerMessage(LogLevel.Error, "The audit log was not told of {Count} answers ({Error}): the process stops")]
    private partial void LogLost(string error, long count);
}
