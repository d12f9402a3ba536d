using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Tells of cases whose deadline is near, and of those whose deadline is over, once each, whichever instance comes first; and counts them.</summary>
public sealed partial class WatchDeadlines(
    ServiceModule module, IOptions<RetentionOptions> options, IOptions<DeploymentOptions> deployment, RetentionTelemetry telemetry, TimeProvider time, ILogger<WatchDeadlines> logger)
    : BackgroundService
{
    private const int Page = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, WatchAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more to tell of.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var soon = now + TimeSpan.FromDays(options.Value.WarnDaysBefore);
        var session = module.OpenSession();
        telemetry.Waiting(
            await session.CountAsync<ErasureCase>("deadline", cancellationToken: cancellationToken),
            await session.CountAsync<ErasureCase>("deadline", atMost: Json.FormatTime(soon), cancellationToken: cancellationToken),
            await session.CountAsync<ErasureCase>("deadline", atMost: Json.FormatTime(now), cancellationToken: cancellationToken),
            Awaiting(await session.QueryAsync<ErasureCase>("deadline", limit: Page, cancellationToken: cancellationToken)));
        var warned = await TellAsync(ErasureCase.ToWarnOf, soon, erasure => erasure.Tell(now, soon), cancellationToken);
        var overdue = await TellAsync(ErasureCase.ToTellOf, now, erasure => erasure.Tell(now, soon), cancellationToken);
        return warned || overdue;
    }

    // Whoever holds up what is due first; none is left out, or a number that fell to zero would go on standing there.
    private Dictionary<string, int> Awaiting(IReadOnlyList<ErasureCase> dueFirst) => deployment.Value.Participants
        .Union(dueFirst.SelectMany(erasure => erasure.Awaiting))
        .ToDictionary(participant => participant, participant => dueFirst.Count(erasure => erasure.Awaiting.Contains(participant)));

    private async Task<bool> TellAsync(string prefix, DateTimeOffset until, Func<ErasureCase, ErasureCase?> tell, CancellationToken cancellationToken)
    {
        var found = await module.OpenSession().QueryAsync<ErasureCase>("telling", after: prefix, atMost: prefix + Json.FormatTime(until), limit: Page, cancellationToken: cancellationToken);
        foreach (var caseId in found.Select(erasure => erasure.Id))
        {
            var session = module.OpenSession();
            if (await session.LoadAsync<ErasureCase>(caseId, cancellationToken) is not { } erasure || tell(erasure) is not { } told) continue;
            session.Store(told);
            if (told.ToldOverdueAt is not null) session.Publish(Overdue(told));
            else session.Publish(DueSoon(told));
            try
            {
                await session.CommitAsync(cancellationToken);
                if (told.ToldOverdueAt is not null) LogOverdue(told.Id, string.Join(", ", told.Awaiting));
                else LogDueSoon(told.Id, told.DueAt, string.Join(", ", told.Awaiting));
            }
            catch (DocumentConflictException)
            {
                // A receipt came, or another instance was faster.
            }
        }

        return found.Count == Page;
    }

    private static ErasureDueSoon DueSoon(ErasureCase erasure) => new()
    {
        CaseId = erasure.Id,
        SubjectRef = erasure.SubjectRef,
        Epoch = erasure.Epoch,
        Reason = erasure.ReasonWord,
        DueAt = erasure.DueAt,
        Awaiting = erasure.Awaiting,
    };

    private static ErasureOverdue Overdue(ErasureCase erasure) => new()
    {
        CaseId = erasure.Id,
        SubjectRef = erasure.SubjectRef,
        Epoch = erasure.Epoch,
        Reason = erasure.ReasonWord,
        DueAt = erasure.DueAt,
        Awaiting = erasure.Awaiting,
    };

    [LoggerMessage(LogLevel.Warning, "Erasure case {CaseId} is due at {DueAt} and waits for {Participants}")]
    private partial void LogDueSoon(string caseId, DateTimeOffset dueAt, string participants);

    [LoggerMessage(LogLevel.Error, "Erasure case {CaseId} is overdue and waits for {Participants}")]
    private partial void LogOverdue(string caseId, string participants);

    [LoggerMessage(LogLevel.Warning, "Looking for overdue erasure cases failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
