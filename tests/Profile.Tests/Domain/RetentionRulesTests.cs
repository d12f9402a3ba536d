using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class RetentionRulesTests
{
    private static readonly RetentionRules Rules = Given.Rules(("recommendations", "viewing", 30), ("recommendations", "opinion", int.MaxValue));

    [Fact]
    public void Say_how_long_for_exactly_their_purpose_and_category()
    {
        Assert.Equal(TimeSpan.FromDays(30), Rules.KeepFor("recommendations", "viewing"));
        Assert.Null(Rules.KeepFor("recommendations", "technical"));
        Assert.Null(Rules.KeepFor("marketing-groups", "viewing"));
        Assert.Null(Rules.KeepFor("Recommendations", "viewing"));
        Assert.Null(RetentionRules.None.KeepFor("recommendations", "viewing"));
    }

    [Fact]
    public void Never_keep_past_what_a_time_can_be()
    {
        Assert.True(Given.Now + Rules.KeepFor("recommendations", "opinion") < DateTimeOffset.MaxValue);
    }
}
