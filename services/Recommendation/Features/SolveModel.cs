using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Solves the model: once all histories are in, and again when something was added or taken away.</summary>
public sealed partial class SolveModel(
    ServedModel served, ItemModel model, IOptions<RecommendationOptions> options, TimeProvider time, ILogger<SolveModel> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    // A tenth of the time at most is spent on solving, if the promised bound leaves it.
    private const int RestPerSolution = 9;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await served.Complete.WaitAsync(stoppingToken);
        await time.RepeatAsync(Every, SolveAsync, LogFailed, stoppingToken);
    }

    private Task SolveAsync(CancellationToken cancellationToken) => IsDue()
        ? Task.Factory.StartNew(() => served.Solve(cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)
        : Task.CompletedTask;

    private bool IsDue()
    {
        if (!model.IsStale) return false;
        if (served.LastSolution is not { } last) return true;
        var latest = TimeSpan.FromSeconds(options.Value.SolveWithinSeconds) - last.Took - Every;
        return time.GetUtcNow() - last.At >= (last.Took * RestPerSolution < latest ? last.Took * RestPerSolution : latest);
    }

    [LoggerMessage(LogLevel.Warning, "The model could not be solved ({Error}); the one before serves on, and it tries again")]
    private partial void LogFailed(string error);
}
