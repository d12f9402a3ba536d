using Microsoft.Extensions.Configuration;
using Personalization.Retention.Domain;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class WorkingDaysTests
{
    private static readonly WorkingDays Known = new(WorkingDays.Decreed);

    // The days off on weekdays and the working weekends, as the production calendars of those years print them.
    [Theory]
    [InlineData(2025, "01-01 01-02 01-03 01-06 01-07 01-08 05-01 05-02 05-08 05-09 06-12 06-13 11-03 11-04 12-31", "11-01", 247)]
    [InlineData(2026, "01-01 01-02 01-05 01-06 01-07 01-08 01-09 02-23 03-09 05-01 05-11 06-12 11-04 12-31", "", 247)]
    public void A_year_with_its_decree_has_the_days_off_that_are_printed_for_it(int year, string off, string working, int workingDays)
    {
        var days = Enumerable.Range(0, DateTime.IsLeapYear(year) ? 366 : 365).Select(new DateOnly(year, 1, 1).AddDays).ToArray();
        string Of(Func<DateOnly, bool> which) => string.Join(' ', days.Where(which).Select(day => day.ToString("MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
        static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

        Assert.Equal(off, Of(day => !IsWeekend(day) && !Known.IsWorking(day)));
        Assert.Equal(working, Of(day => IsWeekend(day) && Known.IsWorking(day)));
        Assert.Equal(workingDays, days.Count(Known.IsWorking));
    }

    [Fact]
    public void A_term_begins_on_the_day_after_and_counts_working_days_only()
    {
        // From the Friday before the May holidays of 2026: 27-30 April, 4-8 May, 12 May.
        Assert.Equal((new DateOnly(2026, 5, 12), true), Known.After(new DateOnly(2026, 4, 24), 10));
        Assert.Equal((new DateOnly(2026, 1, 12), true), Known.After(new DateOnly(2025, 12, 30), 1));
    }

    [Fact]
    public void Of_a_year_without_its_decree_the_statutory_holidays_count_and_the_result_says_so()
    {
        Assert.Equal((new DateOnly(2027, 1, 11), false), Known.After(new DateOnly(2026, 12, 30), 1));
        Assert.Equal((new DateOnly(2026, 12, 30), true), Known.After(new DateOnly(2026, 12, 29), 1));
        Assert.False(Known.IsWorking(new DateOnly(2027, 5, 3)));
        Assert.True(Known.IsWorking(new DateOnly(2027, 5, 4)));
    }

    [Fact]
    public void A_year_that_is_configured_is_known_beside_those_that_ship()
    {
        var options = new RetentionOptions();
        new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["TransferredDays:2027:Source"] = "A decree",
            ["TransferredDays:2027:Days:0:From"] = "2027-01-02",
            ["TransferredDays:2027:Days:0:To"] = "2027-01-11",
        }).Build().Bind(options);

        Assert.Equal([2025, 2026, 2027], options.TransferredDays.Keys.Order());
        Assert.Equal((new DateOnly(2027, 1, 12), true), options.Terms.WorkingDays.After(new DateOnly(2026, 12, 30), 1));
    }

    [Fact]
    public void A_demand_has_to_the_end_of_the_tenth_working_day_and_a_withdrawal_thirty_days()
    {
        var terms = new DeadlineTerms(30, 10, TimeSpan.FromHours(3), Known);

        // 21:30 UTC is the next day in Moscow already.
        Assert.Equal(new ErasureDeadline(new DateTimeOffset(2026, 3, 17, 21, 0, 0, TimeSpan.Zero)), terms.DeadlineOf(ErasureReason.Requested, new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new ErasureDeadline(new DateTimeOffset(2026, 3, 18, 21, 0, 0, TimeSpan.Zero)), terms.DeadlineOf(ErasureReason.Requested, new DateTimeOffset(2026, 3, 2, 21, 30, 0, TimeSpan.Zero)));
        Assert.Equal(new ErasureDeadline(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero)), terms.DeadlineOf(ErasureReason.Revoked, new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero)));
        Assert.True(terms.DeadlineOf(ErasureReason.Requested, new DateTimeOffset(2026, 12, 25, 12, 0, 0, TimeSpan.Zero)).IsEstimated);
    }
}
