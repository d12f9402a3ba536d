using System.Text.Json.Serialization;

namespace Personalization.Consent.Domain;

/// <summary>A count that may be told of.</summary>
/// <param name="Count">Null: suppressed.</param>
/// <param name="Suppressed">So few that it could be about somebody.</param>
public sealed record ReportCount([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] long? Count, bool Suppressed);

/// <summary>A rate that may be told of.</summary>
/// <param name="Value">0 to 1. Null: suppressed, or of nothing.</param>
/// <param name="Suppressed">A suppressed count could be computed from it.</param>
public sealed record ReportRate([property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] double? Value, bool Suppressed);

/// <summary>A median from fixed buckets.</summary>
/// <param name="FromSeconds">It took at least so long. Null: suppressed, or of nothing.</param>
/// <param name="ToSeconds">And less than so long. Null: suppressed, of nothing, or more than a day.</param>
/// <param name="Suppressed">It is of so few that it could be about somebody.</param>
public sealed record ReportMedian(
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? FromSeconds, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] int? ToSeconds, bool Suppressed);

/// <summary>What happened to a purpose on one day.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Day">UTC, by when it was recorded here.</param>
/// <param name="Served">Notices shown.</param>
/// <param name="Granted">People who agreed.</param>
/// <param name="Denied">People who refused.</param>
/// <param name="Revoked">People who took back something or all.</param>
/// <param name="Expired">People whose grant ended by itself, lapsed ones included.</param>
/// <param name="OptInRate">Granted of granted and denied.</param>
/// <param name="TimeToDecision">From serving the notice to agreeing or refusing.</param>
public sealed record ReportDay(
    string Purpose, DateOnly Day, ReportCount Served, ReportCount Granted, ReportCount Denied, ReportCount Revoked, ReportCount Expired, ReportRate OptInRate, ReportMedian TimeToDecision)
{
    /// <summary>
    /// Tells of a day what may be told. A count under the threshold is suppressed, zero too: that nobody refused says something of each who was asked.
    /// Only a zero that can't be otherwise is told: nothing of the purpose expires. The counts of a day don't add up to anything, so none gives another
    /// away; what is computed from several is told where all of them are.
    /// </summary>
    public static ReportDay Of(string purpose, DateOnly day, long served, DecisionTally tally, bool grantsMayEnd, int suppressBelow)
    {
        var (granted, denied) = (Tell(tally.Granted), Tell(tally.Denied));
        var isTold = !granted.Suppressed && !denied.Suppressed;
        var decided = tally.Granted + tally.Denied;
        var isTimeTold = isTold && tally.TimeToDecision.Sum() >= suppressBelow;
        var median = isTimeTold && DecisionTime.MedianOf(tally.TimeToDecision) is { } bucket ? DecisionTime.BoundsOf(bucket) : ((int? From, int? To)?)null;
        return new ReportDay(
            purpose, day, Tell(served), granted, denied, Tell(tally.Revoked), tally.Expired == 0 && !grantsMayEnd ? new ReportCount(0, false) : Tell(tally.Expired),
            new ReportRate(isTold && decided > 0 ? Math.Round((double)tally.Granted / decided, 4) : null, !isTold),
            new ReportMedian(median?.From, median?.To, !isTimeTold));

        ReportCount Tell(long count) => count < suppressBelow ? new(null, true) : new(count, false);
    }
}

/// <summary>
/// A purpose's sums over the days of a report. A sum with a suppressed day in it is suppressed, too: taken from the sum of another range it would
/// give that day away. So it never says more than the days do.
/// </summary>
public sealed record ReportTotal(string Purpose, ReportCount Served, ReportCount Granted, ReportCount Denied, ReportCount Revoked, ReportCount Expired, ReportRate OptInRate)
{
    /// <summary>Of a purpose's days.</summary>
    public static ReportTotal Of(string purpose, IReadOnlyCollection<ReportDay> days)
    {
        var (granted, denied) = (Sum(day => day.Granted), Sum(day => day.Denied));
        var isTold = !granted.Suppressed && !denied.Suppressed;
        var decided = granted.Count + denied.Count;
        return new ReportTotal(
            purpose, Sum(day => day.Served), granted, denied, Sum(day => day.Revoked), Sum(day => day.Expired),
            new ReportRate(isTold && decided > 0 ? Math.Round((double)granted.Count!.Value / decided.Value, 4) : null, !isTold));

        ReportCount Sum(Func<ReportDay, ReportCount> of) => days.Any(day => of(day).Suppressed) ? new(null, true) : new(days.Sum(day => of(day).Count ?? 0), false);
    }
}
