using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Deletes what its retention rule keeps no longer, but for what a legal hold covers or the rule freezes, and what was frozen when that is over. Readers stop at the moment itself; this is the rest. What the person's activity keeps for longer gets its later
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
            (datum, keeping, expired) =>
            {
                expired.Add(datum, null, keeping(datum.ExpiresAt));
                return HeldDatum.Of(datum, null, keeping(datum.ExpiresAt), isOfCase: false);
            },
            TellAsync,
            cancellationToken);
        var contacts = await ExpireAsync<ContactEntry>(
            entry => entry.SubjectRef,
            (entry, activity) => entry.Terms is { } terms && entry.Under(terms, activity) is var longer && longer.ExpiresAt > entry.ExpiresAt ? longer : null,
            (entry, keeping, expired) =>
            {
                expired.Add(entry, keeping(entry.ExpiresAt));
                return HeldDatum.Of(entry, null, keeping(entry.ExpiresAt), isOfCase: false) is { } held ? [held] : [];
            },
            (_, _) => Task.CompletedTask,
            cancellationToken);
        var frozen = await EndFreezingAsync(cancellationToken);
        return data || contacts || frozen;

        // Whoever learnt from it was told the latest end.
        async Task TellAsync(ProfileDatum datum, DocumentSession session)
        {
            if (datum.Terms is null || await session.LoadAsync<EventType>(datum.EventType, cancellationToken) is not { } type) return;
            if (EventDecision.SignalOf(datum, type) is { } told) session.Publish(told with { ExpiresAt = time.GetUtcNow() });
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ExpireAsync<T>(
        Func<T, string> subjectOf, Func<T, SubjectActivity?, T?> prolonged, Func<T, Func<DateTimeOffset, LegalKeeping>, ExpiredData, IReadOnlyList<HeldDatum>> hold, Func<T, DocumentSession, Task> tell, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        var due = await session.QueryRowsAsync<T>("expires", atMost: Json.FormatTime(now + Ahead), limit: Batch, cancellationToken: cancellationToken);
        string[] subjects = [.. due.Select(row => row.Document).OfType<T>().Select(subjectOf).Distinct()];
        var activities = await session.LoadManyAsync<SubjectActivity>(subjects, cancellationToken);
        var known = await session.LoadManyAsync<KnownLegalHolds>(subjects, cancellationToken);
        var rules = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        var expired = new ExpiredData(module);
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
                var holds = known.GetValueOrDefault(subjectOf(document)) ?? KnownLegalHolds.None(subjectOf(document));
                foreach (var held in hold(document, since => new LegalKeeping(holds, rules, since, now), expired)) session.Store(held);
                await tell(document, session);
            }
        }

        expired.Publish(session, rules.Version, now);
        await session.CommitAsync(cancellationToken);
        if (changed > 0) await module.Store.ScrubAsync(cancellationToken);
        return changed == Batch;
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EndFreezingAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var rows = await session.QueryRowsAsync<HeldDatum>("frozen", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count == 0) return false;
        var rules = await session.LoadAsync<RetentionRules>(RetentionRules.Only, cancellationToken) ?? RetentionRules.None;
        var expired = new ExpiredData(module);
        HeldDatum[] ended = [.. rows.Select(row => row.Document).OfType<HeldDatum>()];
        string[] subjects = [.. ended.Select(held => held.SubjectRef).Distinct()];
        var known = await session.LoadManyAsync<KnownLegalHolds>(subjects, cancellationToken);
        var gates = await session.LoadManyAsync<SubjectGate>(subjects, cancellationToken);
        var going = new HashSet<string>();
        foreach (var row in rows)
        {
            // What a hold keeps as well goes with the hold.
            if (row.Document is { IsTold: false } held && known.GetValueOrDefault(held.SubjectRef)?.On(held.Category, held.Purposes).Count > 0)
                session.Store(held with { FrozenSince = null, FrozenUntil = null, LegalBasis = null });
            else
                going.Add(row.Id);
        }

        // Told of first: once the key is gone nobody can read what it was.
        foreach (var held in ended.Where(held => !held.IsTold && going.Contains(held.Id)))
        {
            expired.Add(held);
            session.Store(held with { IsTold = true });
        }

        expired.Publish(session, rules.Version, time.GetUtcNow());
        await session.CommitAsync(cancellationToken);

        // Nothing more is kept of an epoch that ended, so with the last of it the key goes: before the rows, which are found again if this breaks off.
        foreach (var epoch in ended.Where(held => gates.GetValueOrDefault(held.SubjectRef)?.EndedEpoch >= held.Epoch).GroupBy(held => (held.SubjectRef, held.Epoch)))
        {
            var all = await KeepHoldsOnLegalHoldsChanged.HeldAsync(session, epoch.Key.SubjectRef, epoch.Key.Epoch, cancellationToken);
            if (all.Where(held => held.Epoch == epoch.Key.Epoch).All(held => going.Contains(held.Id)))
                await module.Keys.DestroyAsync(new DataKeyId(epoch.Key.SubjectRef, epoch.Key.Epoch, HeldDatum.Rule), cancellationToken);
        }

        await session.LoadManyAsync<HeldDatum>(going, cancellationToken);
        foreach (var id in going) session.Delete<HeldDatum>(id);
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Deleting expired data failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
