using Personalization.Contracts.Profile;

namespace Personalization.Audit.Domain;

/// <summary>An erasure case and its deadline.</summary>
/// <param name="CaseId">The case.</param>
/// <param name="Reason">Why it was opened: <c>revoked</c>, <c>expired</c> or <c>requested</c>; absent if the log doesn't say it.</param>
/// <param name="OpenedAt">UTC; absent if the log doesn't say it.</param>
/// <param name="DueAt">By when the law wants it done, UTC; absent if the log doesn't say it.</param>
/// <param name="CompletedAt">UTC; absent if it wasn't by the end of the period.</param>
/// <param name="IsLate">Whether it was done after its deadline, or the deadline was over and it wasn't.</param>
public sealed record PackCase(string CaseId, string? Reason, DateTimeOffset? OpenedAt, DateTimeOffset? DueAt, DateTimeOffset? CompletedAt, bool IsLate);

/// <summary>A legal hold that stood at some time of the period.</summary>
/// <param name="HoldId">The hold.</param>
/// <param name="Categories">What it keeps.</param>
/// <param name="PlacedAt">UTC.</param>
/// <param name="Until">When it ends by itself, UTC; absent: when somebody ends it.</param>
/// <param name="EndedAt">UTC; absent if it stood at the end of the period.</param>
public sealed record PackHold(string HoldId, IReadOnlyList<string> Categories, DateTimeOffset PlacedAt, DateTimeOffset? Until, DateTimeOffset? EndedAt);

/// <summary>Reads of a role for a purpose.</summary>
/// <param name="Role">The readers' role.</param>
/// <param name="Purpose">The purpose of use; absent: none that a rule knows.</param>
/// <param name="Compliant">Shown or counted, as a rule allows.</param>
/// <param name="Violations">Refused because a rule, or the person, says no.</param>
/// <param name="Gaps">Refused because no rule speaks of it.</param>
public sealed record PackReads(string Role, string? Purpose, int Compliant, int Violations, int Gaps);

/// <summary>Something whose deadline was over in the period before it was done.</summary>
/// <param name="What"><c>erasure</c>, <c>export</c>, <c>objection</c>, or an incident's notice.</param>
/// <param name="Id">The case or the incident.</param>
/// <param name="DueAt">UTC.</param>
/// <param name="DoneAt">UTC; absent if it wasn't by the end of the period.</param>
public sealed record PackOverdue(string What, string Id, DateTimeOffset DueAt, DateTimeOffset? DoneAt);

/// <summary>What the log says of a period, for whoever has to answer for it or checks it. Names nobody.</summary>
/// <param name="From">The first day, UTC.</param>
/// <param name="To">The last day, UTC.</param>
/// <param name="MadeAt">When it was made, UTC: what came later isn't in it.</param>
/// <param name="Size">Entries of the log then.</param>
/// <param name="RootHash">Its root then, by which the log that this is made of is known, lower-case hex.</param>
/// <param name="Cases">Erasure cases that something happened to, the late ones first.</param>
/// <param name="Holds">Legal holds, in the order of placing.</param>
/// <param name="Incidents">Those noticed in the period, and earlier ones that had a notice to be sent in it; the oldest first.</param>
/// <param name="Reads">By role and purpose.</param>
/// <param name="Dropped">Values that weren't stored, the most frequent first.</param>
/// <param name="Unused">Declared fields that nothing used, as last told in the period.</param>
/// <param name="Overdue">By deadline.</param>
public sealed record AuditPack(
    DateOnly From, DateOnly To, DateTimeOffset MadeAt, long Size, string RootHash, IReadOnlyList<PackCase> Cases, IReadOnlyList<PackHold> Holds, IReadOnlyList<Incident> Incidents,
    IReadOnlyList<PackReads> Reads, IReadOnlyList<FieldDropped> Dropped, IReadOnlyList<FieldUnused> Unused, IReadOnlyList<PackOverdue> Overdue)
{
    /// <summary>When the period begins, UTC.</summary>
    public static DateTimeOffset StartOf(DateOnly from) => new(from, TimeOnly.MinValue, TimeSpan.Zero);

    /// <summary>When it is over, UTC: the first moment that isn't in it.</summary>
    public static DateTimeOffset EndOf(DateOnly to) => StartOf(to.AddDays(1));

    /// <summary>Makes it.</summary>
    /// <param name="from">The first day.</param>
    /// <param name="to">The last day.</param>
    /// <param name="now">The current time.</param>
    /// <param name="head">The end of the log.</param>
    /// <param name="facts">Its facts of the period; of holds, all up to its end. In their order.</param>
    /// <param name="incidents">All incidents.</param>
    public static AuditPack Of(DateOnly from, DateOnly to, DateTimeOffset now, AuditHead head, IReadOnlyCollection<AuditEntry> facts, IEnumerable<Incident> incidents)
    {
        var (start, end) = (StartOf(from), EndOf(to));
        var until = now < end ? now : end;
        AuditedClock[] clocks = [.. facts.Select(entry => entry.Clock).OfType<AuditedClock>().GroupBy(clock => (clock.What, clock.Id)).Select(Joined)];
        FieldsMinimized[] days = [.. facts.Select(entry => entry.Minimized).OfType<FieldsMinimized>().GroupBy(day => day.Day).Select(day => day.MaxBy(told => told.CountedAt)!)];
        Incident[] concerned =
        [
            .. incidents.Where(incident => incident.NoticedAt < end && (incident.NoticedAt >= start || incident.Notices.Any(notice => notice.DueAt >= start && !(notice.SentAt < start))))
                .OrderBy(incident => incident.NoticedAt),
        ];
        return new AuditPack(
            from, to, now, head.Size, head.RootHash,
            [
                .. clocks.Where(clock => clock.What == AuditedClock.Erasure)
                    .Select(clock => new PackCase(clock.Id, clock.Reason, clock.StartedAt, clock.DueAt, clock.EndedAt, clock.DueAt < (clock.EndedAt ?? until)))
                    .OrderByDescending(erasure => erasure.IsLate).ThenBy(erasure => erasure.OpenedAt).ThenBy(erasure => erasure.CaseId, StringComparer.Ordinal),
            ],
            [.. HoldsOf(facts).Where(hold => !(hold.EndedAt < start))],
            concerned,
            [
                .. facts.Select(entry => entry.Read).OfType<AuditedRead>().GroupBy(read => (read.Role, read.Purpose))
                    .OrderBy(reads => reads.Key.Role, StringComparer.Ordinal).ThenBy(reads => reads.Key.Purpose, StringComparer.Ordinal)
                    .Select(reads => new PackReads(
                        reads.Key.Role, reads.Key.Purpose, reads.Count(read => read.Standing == ReadCompliance.Compliant), reads.Count(read => read.Standing == ReadCompliance.Violation),
                        reads.Count(read => read.Standing == ReadCompliance.Gap))),
            ],
            [
                .. days.Where(day => day.Day >= from && day.Day <= to).SelectMany(day => day.Dropped).GroupBy(dropped => (dropped.EventType, dropped.Field, dropped.Reason))
                    .Select(same => same.First() with { Count = same.Sum(dropped => dropped.Count) })
                    .OrderByDescending(dropped => dropped.Count).ThenBy(dropped => dropped.EventType, StringComparer.Ordinal).ThenBy(dropped => dropped.Field, StringComparer.Ordinal),
            ],
            days.MaxBy(day => day.CountedAt)?.Unused ?? [],
            [
                .. clocks.Where(clock => clock.DueAt < (clock.EndedAt ?? until)).Select(clock => new PackOverdue(clock.What, clock.Id, clock.DueAt!.Value, clock.EndedAt))
                    .Concat(
                        from incident in concerned
                        from notice in incident.Notices
                        where notice.DueAt < (notice.SentAt ?? until) && notice.DueAt < end
                        select new PackOverdue(notice.Notice, incident.Id, notice.DueAt, notice.SentAt))
                    .OrderBy(overdue => overdue.DueAt).ThenBy(overdue => overdue.Id, StringComparer.Ordinal),
            ]);
    }

    // Each message says a part; what is said twice is the same.
    private static AuditedClock Joined(IEnumerable<AuditedClock> said) => said.Aggregate((first, next) => first with
    {
        StartedAt = first.StartedAt ?? next.StartedAt,
        DueAt = first.DueAt ?? next.DueAt,
        EndedAt = first.EndedAt ?? next.EndedAt,
        Reason = first.Reason ?? next.Reason,
    });

    private static IEnumerable<PackHold> HoldsOf(IEnumerable<AuditEntry> facts)
    {
        foreach (var changes in facts.Where(entry => entry.Hold is not null).GroupBy(entry => entry.Hold!.HoldId))
        {
            if (changes.FirstOrDefault(entry => entry.Hold!.Stands) is not { } placed) continue;
            yield return new PackHold(changes.Key, placed.Hold!.Categories, placed.RecordedAt, placed.Hold.Until, changes.FirstOrDefault(entry => !entry.Hold!.Stands)?.RecordedAt);
        }
    }
}
