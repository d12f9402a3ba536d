using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Deletes what its retention rule keeps no longer, but for what a legal hold covers. Readers stop at the moment itself; this is the rest. What the person's activity keeps for longer gets its later
/// end shortly before the earlier one.
/// </summary>
public sealed partial class ExpireData(ServiceModule module, TimeProvider time, ILogger<ExpireData> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    // So that nothing is out of use between its earlier end and the next round.
    private static readonly TimeSpan Ahead = 2 * Every;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ExpireAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ExpireAsync(CancellationToken cancellationToken)
    {
        var data = await ExpireAsync<ProfileDatum>(
            datum => datum.SubjectRef,
            (datum, activity) => datum.Terms is { } terms && datum.Under(terms, activity) is var longer && longer.ExpiresAt > datum.ExpiresAt ? longer : null,
            (datum, holds) => HeldDatum.Of(datum, datum.Fields, holds, isOfCase: false),
            TellAsync,
            cancellationToken);
        var contacts = await ExpireAsync<ContactEntry>(
            entry => entry.SubjectRef,
            (entry, activity) => entry.Terms is { } terms && entry.Under(terms, activity) is var longer && longer.ExpiresAt > entry.ExpiresAt ? longer : null,
            (entry, holds) => HeldDatum.Of(entry, holds, isOfCase: false) is { } held ? [held] : [],
            (_, _) => Task.CompletedTask,
            cancellationToken);
        return data || contacts;

        // Whoever learnt from it was told the latest end.
        async Task TellAsync(ProfileDatum datum, DocumentSession session)
        {
            if (datum.Terms is null || await session.LoadAsync<EventType>(datum.EventType, cancellationToken) is not { } type) return;
            if (EventDecision.SignalOf(datum, type) is { } told) session.Publish(told with { ExpiresAt = time.GetUtcNow() });
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ExpireAsync<T>(
        Func<T, string> subjectOf, Func<T, SubjectActivity?, T?> prolonged, Func<T, KnownLegalHolds, IReadOnlyList<HeldDatum>> hold, Func<T, DocumentSession, Task> tell, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        var due = await session.QueryRowsAsync<T>("expires", atMost: Json.FormatTime(now + Ahead), limit: Batch, cancellationToken: cancellationToken);
        string[] subjects = [.. due.Select(row => row.Document).OfType<T>().Select(subjectOf).Distinct()];
        var activities = await session.LoadManyAsync<SubjectActivity>(subjects, cancellationToken);
        var known = await session.LoadManyAsync<KnownLegalHolds>(subjects, cancellationToken);
        var changed = 0;
        foreach (var row in due)
        {
            var document = row.Document;
            if (document is not null && prolonged(document, activities.GetValueOrDefault(subjectOf(document))) is { } longer)
            {
                session.Store(longer);
                changed++;
            }
            else if (string.CompareOrdinal(row.Value, Json.FormatTime(now)) <= 0)
            {
                session.Delete<T>(row.Id);
                changed++;
                if (document is null) continue;
                foreach (var held in known.TryGetValue(subjectOf(document), out var holds) ? hold(document, holds) : []) session.Store(held);
                await tell(document, session);
            }
        }

        await session.CommitAsync(cancellationToken);
        if (changed > 0) await module.Store.ScrubAsync(cancellationToken);
        return changed == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Deleting expired data failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
