namespace Personalization.Retention.Domain;

/// <summary>
/// By when a person has to be told what is held of them: by the end of some Russian working days (152-FZ art. 20(1)), and never later than one month
/// (GDPR art. 12(3)).
/// </summary>
public static class ExportDeadline
{
    /// <summary>The earlier of the two.</summary>
    public static DateTimeOffset Of(DateTimeOffset requestedAt, int days, DeadlineTerms terms)
    {
        var (day, _) = terms.WorkingDays.After(DateOnly.FromDateTime(requestedAt.ToOffset(terms.UtcOffset).DateTime), days);
        var end = new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, terms.UtcOffset).ToUniversalTime();
        var month = requestedAt.AddMonths(1);
        return end < month ? end : month;
    }
}
