using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Fixes the end of what somebody's data is kept for until a purpose is reached, when it is, and tells whoever learnt from it.</summary>
public sealed partial class EndReachedData(ServiceModule module, TimeProvider time, ILogger<EndReachedData> logger) : BackgroundService
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, EndAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EndAsync(CancellationToken cancellationToken)
    {
        var due = await module.OpenSession().QueryAsync<SubjectActivity>("reached", limit: Page, cancellationToken: cancellationToken);
        foreach (var activity in due)
        {
            await EachPageAsync<ProfileDatum>(
                activity,
                async (rows, session) =>
                {
                    var types = await session.LoadManyAsync<EventType>([.. rows.Select(datum => datum.EventType).Distinct()], cancellationToken);
                    foreach (var datum in rows)
                    {
                        if (datum.Terms is not { } terms || datum.Under(terms, activity) is var ended && !datum.IsMoreThan(ended)) continue;
                        session.Store(ended);
                        if (types.TryGetValue(datum.EventType, out var type) && EventDecision.SignalOf(ended, type) is { } told) session.Publish(told);
                    }
                },
                cancellationToken);
            await EachPageAsync<ContactEntry>(
                activity,
                (rows, session) =>
                {
                    foreach (var entry in rows)
                    {
                        if (entry.Terms is { } terms && entry.Under(terms, activity) is var ended && entry.IsMoreThan(ended)) session.Store(ended);
                    }

                    return Task.CompletedTask;
                },
                cancellationToken);

            // Reached again meanwhile: then it comes up again.
            var session = module.OpenSession();
            if (await session.LoadAsync<SubjectActivity>(activity.Id, cancellationToken) is not { } now || now.ReachedSince != activity.ReachedSince) continue;
            session.Store(now with { ReachedSince = null });
            await session.CommitAsync(cancellationToken);
        }

        return due.Count == Page;
    }

    private async Task EachPageAsync<T>(SubjectActivity activity, Func<IReadOnlyList<T>, DocumentSession, Task> end, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        for (var after = SubjectIndex.Of(activity.SubjectRef, activity.Epoch); ;)
        {
            var session = module.OpenSession();
            var rows = await session.QueryRowsAsync<T>(
                "subject", after: after, atMost: SubjectIndex.Through(activity.SubjectRef, activity.Epoch), limit: Page, cancellationToken: cancellationToken);
            if (rows.Count > 0) after = rows[^1].Value;
            await end([.. rows.Select(row => row.Document).OfType<T>()], session);
            await session.CommitAsync(cancellationToken);
            if (rows.Count < Page) return;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Ending data whose purpose is reached failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
