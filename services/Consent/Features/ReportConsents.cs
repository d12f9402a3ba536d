using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Counts without persons.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The last day that is told of.</param>
/// <param name="SuppressBelow">Counts under it are suppressed.</param>
/// <param name="Items">A row for each purpose and day, whether or not anything happened.</param>
/// <param name="Totals">Sums of the rows.</param>
public sealed record ConsentReportAnswer(DateOnly From, DateOnly To, int SuppressBelow, IReadOnlyList<ReportDay> Items, IReadOnlyList<ReportTotal> Totals);

/// <summary>
/// How people decide, per purpose and day, for who may see counts and never a person. A day is told of when it is over and everything recorded on it is
/// counted, and doesn't change after that: two reports can't be taken from each other, and nobody sees a count move at the moment somebody decides.
/// </summary>
internal static class ReportConsents
{
    private const int MostDays = 366;
    private const int UsualDays = 30;
    private const string Csv = "text/csv";

    // No request that took its time before midnight commits later than this.
    private static readonly TimeSpan Closing = TimeSpan.FromMinutes(5);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/reports/consents", HandleAsync)
        .AllowRoles(Roles.Operator, Roles.Officer, Roles.Marketer)
        .ShowsNobody()
        .WithSummary("Decisions per purpose and day, small counts suppressed")
        .WithDescription(
            "Days are UTC and of recording; only those that are over. from and to: YYYY-MM-DD, at most 366 days, the last 30 unless told. "
            + "People count once a day, purpose and kind. The median time is a bucket of 0, 2, 5, 10, 20, 30, 60, 120, 300, 900, 3600, 86400 seconds. "
            + "JSON, or by Accept: text/csv the days as CSV.");

    private static async Task<Results<Ok<ConsentReportAnswer>, ContentHttpResult, ProblemHttpResult>> HandleAsync(
        HttpRequest request, DocumentSession session, IOptions<ConsentOptions> options, TimeProvider time, CancellationToken cancellationToken,
        string? from = null, string? to = null, string? purpose = null)
    {
        var closed = await LastClosedDayAsync(session, time.GetUtcNow(), cancellationToken);
        var last = Parse(to, closed);
        var first = Parse(from, (last ?? closed).AddDays(1 - UsualDays));
        if (first is not { } begin || last is not { } end || begin > end || end.DayNumber - begin.DayNumber >= MostDays)
            return Problems.Of(StatusCodes.Status400BadRequest, "bad-range", "The days are not a range.", $"from and to: YYYY-MM-DD, in this order, at most {MostDays} days.");
        if (end > closed) end = closed;

        var purposes = (await session.QueryAsync<Purpose>("all", cancellationToken: cancellationToken)).Where(known => known.IsConsentBased && (purpose is null || known.Id == purpose)).ToArray();
        if (purpose is not null && purposes.Length == 0) return Refusals.UnknownPurpose.ToProblem();
        var days = new List<ReportDay>();
        foreach (var known in purposes) days.AddRange(await DaysAsync(known, begin, end, options.Value.SuppressBelow, session, cancellationToken));
        if (request.Headers.Accept.Any(accept => accept?.Contains(Csv, StringComparison.OrdinalIgnoreCase) == true)) return TypedResults.Text(ToCsv(days), Csv, Encoding.UTF8);
        return TypedResults.Ok(new ConsentReportAnswer(
            begin, end, options.Value.SuppressBelow, days, [.. days.GroupBy(day => day.Purpose, (id, rows) => ReportTotal.Of(id, [.. rows]))]));
    }

    private static async Task<DateOnly> LastClosedDayAsync(DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        for (var day = CountDecisions.DayOf(now - Closing).AddDays(-1); ; day = day.AddDays(-1))
        {
            var end = Json.FormatTime(new DateTimeOffset(day.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero));
            if (await session.CountAsync<PendingChange>("created", atMost: end, cancellationToken: cancellationToken) == 0
                && await session.CountAsync<ServedNotice>("uncounted", atMost: end, cancellationToken: cancellationToken) == 0)
                return day;
        }
    }

    private static async Task<IEnumerable<ReportDay>> DaysAsync(
        Purpose purpose, DateOnly from, DateOnly to, int suppressBelow, DocumentSession session, CancellationToken cancellationToken)
    {
        // Before it was declared nothing could happen to it.
        var declared = await session.LoadAsync<PurposeVersion>(PurposeVersion.IdOf(purpose.Id, 1), cancellationToken);
        if (declared is not null && CountDecisions.DayOf(declared.PublishedAt) is var born && born > from) from = born;
        if (from > to) return [];
        var (after, atMost) = (DecisionTally.IdOf(purpose.Id, from.AddDays(-1)), DecisionTally.IdOf(purpose.Id, to));
        var decided = (await session.QueryAsync<DecisionTally>("place", after: after, atMost: atMost, cancellationToken: cancellationToken)).ToDictionary(tally => tally.Day);
        var served = (await session.QueryAsync<ServedTally>("place", after: after, atMost: atMost, cancellationToken: cancellationToken)).ToDictionary(tally => tally.Day);
        return Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(offset => from.AddDays(offset)).Select(day => ReportDay.Of(
            purpose.Id, day, served.GetValueOrDefault(day)?.Served ?? 0, decided.GetValueOrDefault(day) ?? new DecisionTally { Purpose = purpose.Id, Day = day }, purpose.GrantsMayEnd,
            suppressBelow));
    }

    private static DateOnly? Parse(string? day, DateOnly otherwise) => day is null ? otherwise
        : DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed) && parsed.Year > 1 ? parsed : null;

    private static string ToCsv(IEnumerable<ReportDay> days)
    {
        var csv = new StringBuilder("purpose,day,served,granted,denied,revoked,expired,optInRate,medianFromSeconds,medianToSeconds,suppressed\r\n");
        foreach (var day in days)
        {
            var cells = new (string Name, bool Suppressed)[]
            {
                ("served", day.Served.Suppressed), ("granted", day.Granted.Suppressed), ("denied", day.Denied.Suppressed), ("revoked", day.Revoked.Suppressed),
                ("expired", day.Expired.Suppressed), ("optInRate", day.OptInRate.Suppressed), ("timeToDecision", day.TimeToDecision.Suppressed),
            };
            csv.Append(CultureInfo.InvariantCulture, $"{day.Purpose},{day.Day:yyyy-MM-dd},{day.Served.Count},{day.Granted.Count},{day.Denied.Count},{day.Revoked.Count},{day.Expired.Count},")
                .Append(CultureInfo.InvariantCulture, $"{day.OptInRate.Value},{day.TimeToDecision.FromSeconds},{day.TimeToDecision.ToSeconds},")
                .Append(string.Join(' ', cells.Where(cell => cell.Suppressed).Select(cell => cell.Name))).Append("\r\n");
        }

        return csv.ToString();
    }
}
