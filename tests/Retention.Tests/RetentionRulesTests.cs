using Personalization.Contracts.Retention;
using Personalization.Retention.Domain;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class RetentionRulesTests
{
    private static readonly RetentionRule Viewing = new() { Purpose = "recommendations", Category = "viewing", KeepDays = 365 };
    private static readonly RetentionRule Opinion = Viewing with { Category = "opinion" };
    private static readonly DeclaredPurpose Recommendations = new("recommendations", ["viewing"]);
    private static readonly RuleChange Change = new("officer", "somebody", new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), "The first rules.");

    [Theory]
    [InlineData(1)]
    [InlineData(3650)]
    public void A_period_of_a_day_up_to_ten_years_is_taken(int days) => Assert.Empty(RetentionRules.Check([Viewing with { KeepDays = days }], [Recommendations]));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3651)]
    public void Any_other_period_is_refused_by_its_place(int days) =>
        Assert.Equal(["rules[1].keepDays is not 1 to 3650."], RetentionRules.Check([Viewing, Opinion with { KeepDays = days }], [Recommendations]));

    [Fact]
    public void With_the_end_of_a_consent_the_data_goes_at_once()
    {
        var untilEnd = Viewing with { From = RetentionStart.ConsentEnded, KeepDays = 0 };

        Assert.Empty(RetentionRules.Check([untilEnd], [Recommendations]));
        Assert.Equal(["rules[0].keepDays is not 0: with the consent the data goes."], RetentionRules.Check([untilEnd with { KeepDays = 1 }], [Recommendations]));
        Assert.Equal(["rules[0].keepDays is not 1 to 3650."], RetentionRules.Check([untilEnd with { From = RetentionStart.LastActivity }], [Recommendations]));
        Assert.Null(RetentionRules.None.Replace([Viewing], Change)!.Replace([Viewing with { From = RetentionStart.Collected }], Change));
    }

    [Fact]
    public void A_pair_is_declared_once() =>
        Assert.Equal(["rules[1] repeats the purpose and category of an earlier one."], RetentionRules.Check([Viewing, Viewing with { KeepDays = 1 }], [Recommendations]));

    [Fact]
    public void Purpose_and_category_are_named() =>
        Assert.Equal(["rules[0].purpose is empty.", "rules[0].category is empty."], RetentionRules.Check([Viewing with { Purpose = " ", Category = "" }], [Recommendations]));

    [Fact]
    public void A_legal_basis_says_something() =>
        Assert.Equal(["rules[0].legalBasis is not 1 to 500 characters."], RetentionRules.Check([Viewing with { LegalBasis = " " }], [Recommendations]));

    [Fact]
    public void What_is_frozen_afterwards_is_so_by_a_law_and_for_a_time()
    {
        var frozen = Viewing with { LegalBasis = "402-FZ art. 29", FreezeDays = 1826 };

        Assert.Empty(RetentionRules.Check([frozen], [Recommendations]));
        Assert.Empty(RetentionRules.Check([frozen with { From = RetentionStart.ConsentEnded, KeepDays = 0 }], [Recommendations]));
        Assert.Equal(["rules[0].legalBasis is missing: what is frozen is kept by a law, which has to be named."], RetentionRules.Check([frozen with { LegalBasis = null }], [Recommendations]));
        Assert.Equal(["rules[0].freezeDays is not 1 to 3650."], RetentionRules.Check([frozen with { FreezeDays = 0 }], [Recommendations]));
    }

    [Fact]
    public void What_people_are_asked_for_has_a_rule_and_nothing_else_has()
    {
        var catalogue = new[] { Recommendations with { Categories = ["opinion", "viewing"] }, new DeclaredPurpose("offers", ["viewing"]) };

        Assert.Equal(
            [
                "rules[1]: no purpose asks for that category.",
                "There is no rule for purpose 'offers' and category 'viewing'.",
                "There is no rule for purpose 'recommendations' and category 'opinion'.",
            ],
            RetentionRules.Check([Viewing, Opinion with { Purpose = "offers" }], catalogue));
        Assert.Empty(RetentionRules.Check([Viewing, Opinion, Viewing with { Purpose = "offers" }], catalogue));
    }

    [Fact]
    public void The_same_rules_in_another_order_change_nothing()
    {
        var first = RetentionRules.None.Replace([Viewing, Opinion], Change)!;

        Assert.Null(first.Replace([Opinion, Viewing], Change));
        Assert.Equal((1, 2), (first.Version, first.Replace([Viewing], Change)!.Version));
        Assert.Null(RetentionRules.None.Replace([], Change));
    }
}
