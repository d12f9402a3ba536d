using System.Globalization;
using Personalization.Audit.Domain;
using Personalization.Contracts.Audit;
using Personalization.Platform.Printing;

namespace Personalization.Audit.Documents;

/// <summary>An audit pack to print. Of long lists the beginning, with how much is left out: programs read the rest.</summary>
internal static class AuditPackDocument
{
    private const int MostRows = 300;

    public static PrintDocument Of(AuditPack pack, MappedParty? @operator, AuditPackWords words)
    {
        PackCase[] done = [.. pack.Cases.Where(erasure => erasure.CompletedAt is not null)];
        return new PrintDocument
        {
            Language = words.Language,
            Title = words.Title,
            Origin = @operator?.Name ?? "Personalization",
            Lead = Text(words.Lead, words.DayOf(pack.From), words.DayOf(pack.To), pack.Size),
            Footer = Text(words.Footer, words.TimeOf(pack.MadeAt), pack.Size),
            PageNumber = words.PageNumber,
            Date = pack.MadeAt,
            Blocks =
            [
                new PrintFields(
                [
                    new PrintField(words.CasesDone, Number(done.Length)),
                    new PrintField(words.CasesOpen, Number(pack.Cases.Count - done.Length)),
                    new PrintField(words.CasesLate, Number(pack.Cases.Count(erasure => erasure.IsLate))),
                    new PrintField(words.Longest, LongestOf(done, words)),
                    new PrintField(words.ReadsRefused, Number(pack.Reads.Sum(reads => reads.Violations + reads.Gaps))),
                    new PrintField(words.OverdueNow, Number(pack.Overdue.Count)),
                    new PrintField(words.Root, pack.RootHash, IsCode: true),
                ]),

                new PrintHeading(words.Overdue),
                .. Table(
                    [(words.What, 0.3), (words.Id, 0.34), (words.DueAt, 0.18), (words.DoneAt, 0.18)], pack.Overdue,
                    overdue => [words.Things.GetValueOrDefault(overdue.What, overdue.What), overdue.Id, words.TimeOf(overdue.DueAt), Time(overdue.DoneAt, words.NotDone, words)], words),

                new PrintHeading(words.Cascades),
                .. Table(
                    [(words.Id, 0.28), (words.Reason, 0.14), (words.OpenedAt, 0.16), (words.DueAt, 0.16), (words.DoneAt, 0.16), (words.InTime, 0.1)], pack.Cases,
                    erasure =>
                    [
                        erasure.CaseId, erasure.Reason is { } reason ? words.Reasons.GetValueOrDefault(reason, reason) : words.Unknown, Time(erasure.OpenedAt, words.Unknown, words),
                        Time(erasure.DueAt, words.Unknown, words), Time(erasure.CompletedAt, words.NotDone, words), erasure.IsLate ? words.No : words.Yes,
                    ],
                    words),

                new PrintHeading(words.Holds),
                .. Table(
                    [(words.Id, 0.34), (words.Categories, 0.26), (words.PlacedAt, 0.2), (words.EndedAt, 0.2)], pack.Holds,
                    hold => [hold.HoldId, string.Join(", ", hold.Categories), words.TimeOf(hold.PlacedAt), Time(hold.EndedAt, words.Stands, words)], words),

                new PrintHeading(words.Incidents),
                .. Table(
                    [(words.NoticedAt, 0.16), (words.What, 0.4), (words.Notices, 0.44)], pack.Incidents,
                    incident =>
                    [
                        words.TimeOf(incident.NoticedAt), incident.What,
                        string.Join('\n', incident.Notices.Select(notice =>
                            $"{words.Things.GetValueOrDefault(notice.Notice, notice.Notice)}: {words.DueAt.ToLowerInvariant()} {words.TimeOf(notice.DueAt)}, {Time(notice.SentAt, words.NotDone, words)}")),
                    ],
                    words),

                new PrintHeading(words.Reads),
                .. Table(
                    [(words.Role, 0.2), (words.Purpose, 0.32), (words.Compliant, 0.16), (words.Violations, 0.16), (words.Gaps, 0.16)], pack.Reads,
                    reads => [words.Roles.GetValueOrDefault(reads.Role, reads.Role), reads.Purpose ?? words.NoPurpose, Number(reads.Compliant), Number(reads.Violations), Number(reads.Gaps)], words),
                new PrintText(words.ReadsNote, IsNote: true),

                new PrintHeading(words.Dropped),
                .. Table(
                    [(words.EventType, 0.28), (words.Field, 0.28), (words.Reason, 0.28), (words.Count, 0.16)], pack.Dropped,
                    dropped => [dropped.EventType, dropped.Field, words.Drops.GetValueOrDefault(dropped.Reason, dropped.Reason), Number(dropped.Count)], words),

                new PrintHeading(words.Unused),
                .. Table([(words.EventType, 0.5), (words.Field, 0.5)], pack.Unused, unused => [unused.EventType, unused.Field], words),
                new PrintText(words.Note, IsNote: true),
            ],
        };
    }

    private static IEnumerable<PrintBlock> Table<T>((string Heading, double Share)[] columns, IReadOnlyList<T> rows, Func<T, IReadOnlyList<string>> cells, AuditPackWords words)
    {
        if (rows.Count == 0)
        {
            yield return new PrintText(words.None);
            yield break;
        }

        yield return new PrintTable([.. columns.Select(column => new PrintColumn(column.Heading, column.Share))], [.. rows.Take(MostRows).Select(cells)]);
        if (rows.Count > MostRows) yield return new PrintText(Text(words.More, rows.Count - MostRows), IsNote: true);
    }

    private static string LongestOf(IEnumerable<PackCase> done, AuditPackWords words) => done.Max(erasure => erasure.CompletedAt - erasure.OpenedAt) switch
    {
        null => words.None,
        { TotalMinutes: < 1 } longest => Text(words.Seconds, Math.Max(0.1, Math.Round(longest.TotalSeconds, 1))),
        { } longest => Text(words.Duration, (int)longest.TotalDays, longest.Hours, longest.Minutes),
    };

    private static string Time(DateTimeOffset? time, string otherwise, AuditPackWords words) => time is { } at ? words.TimeOf(at) : otherwise;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(string format, params object[] values) => string.Format(CultureInfo.InvariantCulture, format, values);
}
