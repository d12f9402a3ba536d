using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Deletes links of old mails by age, and those to somebody who is erased with the epoch.</summary>
public sealed partial class ForgetUnsubscribeTokens(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetUnsubscribeTokens> logger) : BackgroundService
{
    private const int Batch = 500;

    // Of a whole epoch in one write; a subject with more is told of as a residue and comes again.
    private const int Most = 10_000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Deletes those of the epoch and of earlier ones.</summary>
    internal static async Task<ErasedData?> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.WholeEpoch) return null;
        var rows = await session.QueryRowsAsync<UnsubscribeToken>(
            "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), limit: Most, cancellationToken: cancellationToken);
        foreach (var row in rows) session.Delete<UnsubscribeToken>(row.Id);
        return rows.Count == 0 ? null : new ErasedData { Store = "unsubscribe_tokens", Category = "consent", Count = rows.Count, Method = "erased" };
    }

    /// <summary>Looks for what is left of them.</summary>
    internal static async Task<ResidualScan> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) => new()
    {
        Searched = "unsubscribe_tokens",
        Found = command.WholeEpoch
            ? await session.CountAsync<UnsubscribeToken>(
                "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), cancellationToken: cancellationToken)
            : 0,
    };

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                while (await ForgetAsync(stoppingToken))
                {
                }
            }
            catch (DocumentConflictException)
            {
                // Its subject was erased just now.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddDays(-options.Value.KeepUnsubscribeTokensDays));
        var rows = await session.QueryRowsAsync<UnsubscribeToken>("issued", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        foreach (var row in rows) session.Delete<UnsubscribeToken>(row.Id);
        await session.CommitAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting unsubscribe tokens failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
