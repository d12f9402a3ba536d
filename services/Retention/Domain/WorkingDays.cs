namespace Personalization.Retention.Domain;

/// <summary>A day off that the government moved.</summary>
/// <param name="From">The weekend or holiday that is given up.</param>
/// <param name="To">The day that is off instead.</param>
public sealed record TransferredDay(DateOnly From, DateOnly To);

/// <summary>The days off that the government moved for a year.</summary>
/// <param name="Source">Its decree.</param>
/// <param name="Days">What it moved.</param>
public sealed record TransferredDays(string Source, IReadOnlyList<TransferredDay> Days);

/// <summary>
/// Russian working days of a five-day week: the holidays of the Labour Code, art. 112, and what the government moves each year. Of a year whose decree
/// isn't known, the holidays alone count, and a result that depends on it says so.
/// </summary>
public sealed class WorkingDays(IReadOnlyDictionary<int, TransferredDays> years)
{
    private const int January = 1;
    private const int LastJanuaryHoliday = 8;

    private static readonly (int Month, int Day)[] LaterHolidays = [(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)];

    /// <summary>The decrees that ship with this version.</summary>
    public static IReadOnlyDictionary<int, TransferredDays> Decreed { get; } = new Dictionary<int, TransferredDays>
    {
        [2025] = new("Government decree 1335 of 4 October 2024",
        [
            new(new(2025, 1, 4), new(2025, 5, 2)), new(new(2025, 2, 23), new(2025, 5, 8)), new(new(2025, 3, 8), new(2025, 6, 13)),
            new(new(2025, 11, 1), new(2025, 11, 3)), new(new(2025, 1, 5), new(2025, 12, 31)),
        ]),
        [2026] = new("Government decree 1466 of 24 September 2025", [new(new(2026, 1, 3), new(2026, 1, 9)), new(new(2026, 1, 4), new(2026, 12, 31))]),
    };

    /// <summary>Whether the day is a working day, as far as that is known.</summary>
    public bool IsWorking(DateOnly day)
    {
        var moved = years.GetValueOrDefault(day.Year)?.Days ?? [];
        if (IsHoliday(day) || moved.Any(transfer => transfer.To == day)) return false;
        if (moved.Any(transfer => transfer.From == day)) return true;
        return !IsWeekend(day) && !LaterHolidays.Any(holiday => SubstituteOf(new DateOnly(day.Year, holiday.Month, holiday.Day), moved) == day);
    }

    /// <summary>The last day of a term of so many working days, which begins on the day after (Civil Code, art. 191).</summary>
    /// <returns>The day, and whether every year it was counted through is known.</returns>
    public (DateOnly Day, bool IsCertain) After(DateOnly start, int days)
    {
        var (day, isCertain) = (start, true);
        for (var left = days; left > 0;)
        {
            day = day.AddDays(1);
            isCertain &= years.ContainsKey(day.Year);
            if (IsWorking(day)) left--;
        }

        return (day, isCertain);
    }

    /// <summary>The day off for a holiday on a weekend: the next working day, unless the government moved it elsewhere. The January holidays have none of themselves.</summary>
    private static DateOnly? SubstituteOf(DateOnly holiday, IReadOnlyList<TransferredDay> moved)
    {
        if (!IsWeekend(holiday) || moved.Any(transfer => transfer.From == holiday)) return null;
        var day = holiday;
        do day = day.AddDays(1);
        while (IsWeekend(day) || IsHoliday(day) || moved.Any(transfer => transfer.To == day));
        return day;
    }

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static bool IsHoliday(DateOnly day) => day is { Month: January, Day: <= LastJanuaryHoliday } || LaterHolidays.Contains((day.Month, day.Day));
}
