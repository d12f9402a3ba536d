using Personalization.Contracts.Retention;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class KeepingTermsTests
{
    private static readonly DateTimeOffset Collected = Given.Now;

    [Fact]
    public void The_first_of_all_ends_counts()
    {
        var terms = Of(Rule("a", 30), Rule("b", 10, RetentionStart.LastActivity), Rule("c", 5, RetentionStart.PurposeReached), Rule("d", 0, RetentionStart.ConsentEnded));

        Assert.Equal(Collected.AddDays(30), terms.LatestAt);
        Assert.Equal(Collected.AddDays(10), terms.EndOf(null, Collected));
        Assert.Equal(Collected.AddDays(22), terms.EndOf(Seen(12), Collected));
        Assert.Equal(Collected.AddDays(30), terms.EndOf(Seen(25), Collected));
        Assert.Equal(Collected.AddDays(11), terms.EndOf(Seen(25, ("c", 6)), Collected));
        Assert.Equal(Collected.AddDays(30), terms.EndOf(Seen(25, ("a", 6)), Collected));
    }

    [Fact]
    public void What_was_reached_before_it_was_collected_ends_nothing() =>
        Assert.Equal(Collected.AddDays(3650), Of(Rule("c", 5, RetentionStart.PurposeReached)).EndOf(Seen(0, ("c", -1)), Collected));

    [Fact]
    public void An_end_that_waits_for_something_comes_after_ten_years_at_the_latest()
    {
        Assert.Equal(Collected.AddDays(3650), Of(Rule("a", 0, RetentionStart.ConsentEnded)).EndOf(null, Collected));
        Assert.Equal(Collected.AddDays(3650), Of(Rule("a", 100, RetentionStart.LastActivity)).EndOf(Seen(3600), Collected));
    }

    [Fact]
    public void Other_rules_only_tighten_each_term()
    {
        var told = Of(Rule("a", 30, RetentionStart.LastActivity));

        Assert.Equal(told, told.And(Of(Rule("a", 60, RetentionStart.LastActivity))));
        Assert.Equal(20, told.And(Of(Rule("a", 20, RetentionStart.LastActivity))).DaysFromActivity);
        Assert.Equal(Collected.AddDays(30), told.And(Of(Rule("a", 365))).EndOf(null, Collected));
        Assert.Equal(Collected.AddDays(30), Of(Rule("a", 30)).And(told).EndOf(Seen(29), Collected));
    }

    private static KeepingTerms Of(params RetentionRule[] rules) =>
        KeepingTerms.Of(new RetentionRules { Version = 1, Rules = rules }, rules.Select(rule => (rule.Purpose, rule.Category)), Collected);

    private static RetentionRule Rule(string purpose, int days, RetentionStart? from = null) => new() { Purpose = purpose, Category = "viewing", KeepDays = days, From = from };

    private static SubjectActivity Seen(int day, params (string Purpose, int Day)[] reached) => new()
    {
        SubjectRef = "s",
        Epoch = 1,
        LastAt = Collected.AddDays(day),
        Reached = reached.ToDictionary(pair => pair.Purpose, pair => Collected.AddDays(pair.Day)),
    };
}
