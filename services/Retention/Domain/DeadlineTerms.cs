namespace Personalization.Retention.Domain;

/// <summary>How long an erasure may take (152-FZ art. 21).</summary>
/// <param name="DaysAfterWithdrawal">Calendar days after consent was withdrawn or expired (p. 4 and 5), to the minute.</param>
/// <param name="WorkingDaysOnDemand">Working days after a demand (p. 5.1), or after an order that names no day (p. 3), to the end of the last one.</param>
/// <param name="UtcOffset">Whose midnight ends a day.</param>
/// <param name="WorkingDays">The calendar.</param>
public sealed record DeadlineTerms(int DaysAfterWithdrawal, int WorkingDaysOnDemand, TimeSpan UtcOffset, WorkingDays WorkingDays)
{
    /// <summary>The deadline of what was decided, demanded or ordered then.</summary>
    public ErasureDeadline DeadlineOf(ErasureReason reason, DateTimeOffset since)
    {
        if (reason is ErasureReason.Revoked or ErasureReason.Expired) return new ErasureDeadline(since.AddDays(DaysAfterWithdrawal));
        var (day, isCertain) = WorkingDays.After(DateOnly.FromDateTime(since.ToOffset(UtcOffset).DateTime), WorkingDaysOnDemand);
        return new ErasureDeadline(new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, UtcOffset).ToUniversalTime(), !isCertain);
    }
}
