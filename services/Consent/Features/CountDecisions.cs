using Personalization.Consent.Domain;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>
/// Counts decisions for the reports. What a change counts as is decided with it, without touching a shared document; it is added where the
/// change gets its number, in the same write, so that it is counted once and decisions never conflict over a count.
/// </summary>
internal static class CountDecisions
{
    /// <summary>
    /// What a change counts as, and the record that remembers it: a person counts once a day for a purpose and a kind, because a count that one
    /// person could raise alone would hide nobody.
    /// </summary>
    public static (ConsentRecord Record, IReadOnlyList<CountedDecision> Counted) Of(ConsentChange change, ChangeKind? kind, DecisionSource source, DateTimeOffset now)
    {
        var record = change.Record;
        var day = DayOf(now);
        var changes = record.Changes.ToDictionary();
        var counted = new List<CountedDecision>();
        foreach (var (purpose, last) in record.Changes.Where(known => known.Value.Version == record.Version))
        {
            // A restriction decides nothing.
            if (change.AskedAnew.Count == 0 && !change.Changed.Any(decision => decision.Purpose == purpose)) continue;

            var isNarrowed = change.Narrowed.Any(narrowed => narrowed.Purpose == purpose);
            var kindOfCount = isNarrowed ? kind == ChangeKind.Expired ? CountedAs.Expired : CountedAs.Revoked
                : record.IsGranted(purpose) ? CountedAs.Granted : CountedAs.Denied;
            var before = last.CountedOn == day ? last.Counted : [];
            changes[purpose] = last with { CountedOn = day, Counted = [.. before.Union([kindOfCount])] };
            if (before.Contains(kindOfCount)) continue;
            var took = source.ServedAt is { } servedAt && !isNarrowed ? DecisionTime.BucketOf(change.DecidedAt - servedAt) : (int?)null;
            counted.Add(new CountedDecision(purpose, kindOfCount, took));
        }

        return (record with { Changes = changes }, counted);
    }

    /// <summary>Adds what these changes count as to the days that they were recorded on.</summary>
    public static async Task AddAsync(DocumentSession session, IReadOnlyList<PendingChange> changes, CancellationToken cancellationToken)
    {
        var counted = changes.SelectMany(change => change.Counted, (change, one) => (Day: DayOf(change.CreatedAt), Decision: one))
            .GroupBy(one => (one.Decision.Purpose, one.Day)).ToArray();
        var known = await session.LoadManyAsync<DecisionTally>([.. counted.Select(group => DecisionTally.IdOf(group.Key.Purpose, group.Key.Day))], cancellationToken);
        foreach (var group in counted)
        {
            var tally = known.GetValueOrDefault(DecisionTally.IdOf(group.Key.Purpose, group.Key.Day)) ?? new DecisionTally { Purpose = group.Key.Purpose, Day = group.Key.Day };
            session.Store(group.Aggregate(tally, (sum, one) => sum.Add(one.Decision)));
        }
    }

    /// <summary>The day that counts, UTC.</summary>
    public static DateOnly DayOf(DateTimeOffset time) => DateOnly.FromDateTime(time.UtcDateTime);
}
