using Personalization.Contracts.Retention;
using Personalization.Retention.Domain;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class RetentionRulesTests
{
    private static readonly RetentionRule Viewing = new() { Purpose = "recommendations", Category = "viewing", KeepDays = 365 };
    private static readonly RetentionRule Opinion = Viewing with { Category = "opinion" };

    [Theory]
    [InlineData(1)]
    [InlineData(3650)]
    public void A_period_of_a_day_up_to_ten_years_is_taken(int days) => Assert.Empty(RetentionRules.Check([Viewing with { KeepDays = days }]));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3651)]
    public void Any_other_period_is_refused_by_its_place(int days) =>
        Assert.Equal(["rules[1].keepDays is not 1 to 3650."], RetentionRules.Check([Viewing, Opinion with { KeepDays = days }]));

    [Fact]
    public void A_pair_is_declared_once() =>
        Assert.Equal(["rules[1] repeats the purpose and category of an earlier one."], RetentionRules.Check([Viewing, Viewing with { KeepDays = 1 }]));

    [Fact]
    public void Purpose_and_category_are_named() =>
        Assert.Equal(["rules[0].purpose is empty.", "rules[0].category is empty."], RetentionRules.Check([Viewing with { Purpose = " ", Category = "" }]));

    [Fact]
    public void The_same_rules_in_another_order_change_nothing()
    {
        var first = RetentionRules.None.Replace([Viewing, Opinion])!;

        Assert.Null(first.Replace([Opinion, Viewing]));
        Assert.Equal((1, 2), (first.Version, first.Replace([Viewing])!.Version));
        Assert.Null(RetentionRules.None.Replace([]));
    }
}
