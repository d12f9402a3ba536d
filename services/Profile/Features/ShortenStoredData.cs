using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Compares all stored data with retention rules that changed: what they keep for a shorter time ends earlier, what none covers goes, and
/// whoever learnt from it is told the same. A pass that breaks off begins again.
/// </summary>
public sealed partial class ShortenStoredData(ServiceModule module, TimeProvider time, ILogger<ShortenStoredData> logger) : BackgroundService
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    // What was decided by the rules before is written by then; a pass that began at once could miss it.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ShortenAsync, LogFailed, stoppingToken);

    private async Task ShortenAsync(CancellationToken cancellationToken)
    {
        if (await module.OpenSession().LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) is not { } rules) return;
        if (rules.AppliedVersion == rules.Version || time.GetUtcNow() < rules.AdoptedAt + Settling) return;

        await EachPageAsync<ProfileDatum>(
            async (rows, session) =>
            {
                var keeping = await KeepingAsync(rows.Select(datum => datum.SubjectRef), rules, session, cancellationToken);
                var types = await session.LoadManyAsync<EventType>([.. rows.Select(datum => datum.EventType).Distinct()], cancellationToken);
                var activities = await session.LoadManyAsync<SubjectActivity>([.. rows.Select(datum => datum.SubjectRef).Distinct()], cancellationToken);
                var expired = new ExpiredData(module);
                ChangedSubject[] changed =
                [
                    .. rows.Where(datum => Shorten(datum, types.GetValueOrDefault(datum.EventType), rules, activities.GetValueOrDefault(datum.SubjectRef), keeping(datum.SubjectRef), expired, session))
                        .Select(datum => new ChangedSubject(datum.SubjectRef, datum.Epoch)),
                ];
                expired.Publish(session, rules.Version, time.GetUtcNow());
                if (changed.Length > 0) session.Store(ChangedSubjects.Of(changed, time.GetUtcNow()));
            },
            cancellationToken);
        await EachPageAsync<ContactEntry>(
            async (rows, session) =>
            {
                var keeping = await KeepingAsync(rows.Select(entry => entry.SubjectRef), rules, session, cancellationToken);
                var activities = await session.LoadManyAsync<SubjectActivity>([.. rows.Select(entry => entry.SubjectRef).Distinct()], cancellationToken);
                var expired = new ExpiredData(module);
                foreach (var entry in rows)
                {
                    var kept = entry.ShortenedBy(rules, activities.GetValueOrDefault(entry.SubjectRef));
                    if (kept is null)
                    {
                        session.Delete<ContactEntry>(entry.Id);
                        expired.Add(entry, keeping(entry.SubjectRef));
                    }
                    else if (entry.IsMoreThan(kept)) session.Store(kept);
                    if (HeldDatum.Of(entry, kept, keeping(entry.SubjectRef), isOfCase: false) is { } held) session.Store(held);
                }

                expired.Publish(session, rules.Version, time.GetUtcNow());
            },
            cancellationToken);
        await EachPageAsync<HeldDatum>(
            (rows, session) =>
            {
                foreach (var (held, shorter) in from held in rows let shorter = held.ShortenedBy(rules) where shorter != held select (held, shorter)) session.Store(shorter);
                return Task.CompletedTask;
            },
            cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);

        var session = module.OpenSession();
        if (await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) is not { } current || current.Version != rules.Version) return;
        session.Store(current with { AppliedVersion = rules.Version });
        await session.CommitAsync(cancellationToken);
        LogApplied(rules.Version);
    }

    /// <returns>Whether less is kept of it now.</returns>
    private bool Shorten(ProfileDatum datum, EventType? type, RetentionRules rules, SubjectActivity? activity, LegalKeeping keeping, ExpiredData expired, DocumentSession session)
    {
        var kept = datum.ShortenedBy(rules, activity);
        if (kept is not null && !datum.IsMoreThan(kept)) return false;
        expired.Add(datum, kept, keeping);
        if (kept is null) session.Delete<ProfileDatum>(datum.Id);
        else session.Store(kept);
        foreach (var held in HeldDatum.Of(datum, kept, keeping, isOfCase: false)) session.Store(held);
        if (type is null || EventDecision.SignalOf(datum, type) is not { } told) return true;

        // For the purposes it may no longer be used for it is over, for the others it ends with the datum.
        var signal = kept is null ? null : EventDecision.SignalOf(kept, type);
        string[] ended = [.. told.Purposes.Except(signal?.Purposes ?? [])];
        if (ended.Length > 0) session.Publish(told with { Purposes = ended, ExpiresAt = time.GetUtcNow() });
        if (signal is not null) session.Publish(signal);
        return true;
    }

    private async Task<Func<string, LegalKeeping>> KeepingAsync(IEnumerable<string> subjects, RetentionRules rules, DocumentSession session, CancellationToken cancellationToken)
    {
        string[] distinct = [.. subjects.Distinct()];
        var known = await session.LoadManyAsync<KnownLegalHolds>(distinct, cancellationToken);
        var now = time.GetUtcNow();
        return subject => new LegalKeeping(known.GetValueOrDefault(subject) ?? KnownLegalHolds.None(subject), rules, now, now);
    }

    private async Task EachPageAsync<T>(Func<IReadOnlyList<T>, DocumentSession, Task> shorten, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        for (string? after = null; ;)
        {
            var session = module.OpenSession();
            var rows = await session.QueryRowsAsync<T>("subject", after: after, limit: Page, cancellationToken: cancellationToken);
            if (rows.Count == 0) return;
            after = rows[^1].Value;
            await shorten([.. rows.Select(row => row.Document).OfType<T>()], session);
            await session.CommitAsync(cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Information, "All stored data was compared with version {Version} of the retention rules")]
    private partial void LogApplied(long version);

    [LoggerMessage(LogLevel.Warning, "Comparing stored data with the retention rules failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
