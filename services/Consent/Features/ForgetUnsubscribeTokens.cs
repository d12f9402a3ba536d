using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Deletes links of old mails by age, and those to somebody who is erased with the epoch; of used ones it leaves what answers a repeated click.</summary>
public sealed partial class ForgetUnsubscribeTokens(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetUnsubscribeTokens> logger) : BackgroundService
{
    private const string Collection = "unsubscribe_tokens";
    private const int Batch = 500;

    // Of a whole epoch in one write; a subject with more is told of as a residue and comes again.
    private const int Most = 10_000;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <summary>Deletes those of the epoch and of earlier ones; the used ones are anonymized.</summary>
    internal static async Task<IReadOnlyList<ErasedData>> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.WholeEpoch) return [];
        var rows = await session.QueryRowsAsync<UnsubscribeToken>(
            "subject", after: SubjectIndex.Before(command.SubjectRef), atMost: SubjectIndex.Through(command.SubjectRef, command.Epoch), limit: Most, cancellationToken: cancellationToken);
        var used = rows.Select(row => row.Document).OfType<UnsubscribeToken>().Where(token => token.UsedAt is not null).ToArray();
        foreach (var row in rows) session.Delete<UnsubscribeToken>(row.Id);
        foreach (var token in used) session.Store(token.Anonymize());
        return [.. new[] { Of(rows.Count - used.Length, "erased"), Of(used.Length, "anonymized") }.Where(data => data.Count > 0)];

        static ErasedData Of(int count, string method) => new() { Store = Collection, Category = "consent", Count = count, Method = method };
    }

    /// <summary>Looks for what is left of them.</summary>
    internal static async Task<ResidualScan> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken) => new()
    {
        Searched = Collection,
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
