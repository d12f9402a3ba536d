using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Xunit;

namespace Personalization.Consent.Tests;

public sealed class DecidingTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Tuesday = Monday.AddDays(1);

    private static readonly Purpose Recommendations = new()
    {
        Id = "recommendations",
        LawfulBasis = "consent",
        Categories = ["viewing", "opinion"],
        NoticeVersion = 1,
        Notices = [Notice.Of("en", "Recommendations", "We use what you watch.")],
    };

    private static readonly Purpose Groups = Recommendations with { Id = "marketing-groups", Categories = ["viewing"] };

    [Fact]
    public void The_first_grant_opens_epoch_one()
    {
        var change = Grant(ConsentRecord.Empty("s"), Recommendations, Monday);

        Assert.Equal((1, 1), (change.Record.Version, change.Record.Epoch));
        Assert.Empty(change.Narrowed);
        Assert.All(change.Record.Decisions, decision => Assert.Equal((ConsentDecision.Granted, Monday), (decision.Decision, decision.GrantedAt)));
    }

    [Fact]
    public void Granting_the_same_again_changes_nothing_and_keeps_the_earlier_time()
    {
        var record = Grant(ConsentRecord.Empty("s"), Recommendations, Monday).Record;

        Assert.Null(record.Decide(Recommendations, ["viewing", "opinion"], ConsentDecision.Denied, 1, Tuesday));
    }

    [Fact]
    public void A_new_notice_is_decided_anew_without_losing_the_time_of_the_grant()
    {
        var record = Grant(ConsentRecord.Empty("s"), Recommendations, Monday).Record;

        var change = record.Decide(Recommendations with { NoticeVersion = 2 }, ["viewing", "opinion"], ConsentDecision.Denied, 2, Tuesday);

        Assert.Equal(2, change!.Record.NoticeVersions["recommendations"]);
        Assert.All(change.Record.Decisions, decision => Assert.Equal(Monday, decision.GrantedAt));
    }

    [Fact]
    public void Fewer_categories_narrow_and_do_not_end_the_epoch()
    {
        var record = Grant(ConsentRecord.Empty("s"), Recommendations, Monday).Record;

        var change = record.Decide(Recommendations, ["viewing"], ConsentDecision.Denied, 1, Tuesday)!;

        Assert.Equal("opinion", Assert.Single(change.Narrowed).Category);
        Assert.False(change.EpochEnded);
        Assert.Equal((2, Tuesday), (change.Record.NarrowedVersion, change.Record.NarrowedAt));
    }

    [Fact]
    public void Revoking_the_last_purpose_ends_the_epoch_and_the_next_grant_opens_another()
    {
        var record = Grant(Grant(ConsentRecord.Empty("s"), Recommendations, Monday).Record, Groups, Monday).Record;

        var first = record.Revoke("recommendations", Tuesday)!;
        var last = first.Record.Revoke("marketing-groups", Tuesday)!;
        var again = Grant(last.Record, Groups, Tuesday.AddDays(1));

        Assert.False(first.EpochEnded);
        Assert.True(last.EpochEnded);
        Assert.Equal(1, last.Record.Epoch);
        Assert.Equal((2, 5), (again.Record.Epoch, again.Record.Version));
    }

    [Fact]
    public void Revoking_what_is_not_granted_changes_nothing()
    {
        Assert.Null(ConsentRecord.Empty("s").Revoke(null, Monday));
        Assert.Null(Grant(ConsentRecord.Empty("s"), Groups, Monday).Record.Revoke("recommendations", Tuesday));
    }

    [Fact]
    public void Refusing_what_was_never_granted_is_recorded_and_narrows_nothing()
    {
        var change = ConsentRecord.Empty("s").Decide(Recommendations, [], ConsentDecision.Denied, 1, Monday)!;

        Assert.All(change.Record.Decisions, decision => Assert.Equal(ConsentDecision.Denied, decision.Decision));
        Assert.Empty(change.Narrowed);
        Assert.Equal(0, change.Record.Epoch);
    }

    [Fact]
    public void A_grant_after_a_revocation_starts_a_new_time()
    {
        var revoked = Grant(ConsentRecord.Empty("s"), Groups, Monday).Record.Revoke(null, Tuesday)!.Record;

        var again = Grant(revoked, Groups, Tuesday.AddHours(1));

        Assert.Equal(Tuesday.AddHours(1), Assert.Single(again.Record.Decisions).GrantedAt);
    }

    [Fact]
    public void What_is_no_longer_valid_expires_and_narrows()
    {
        var record = Grant(ConsentRecord.Empty("s"), Groups with { ValidDays = 1 }, Monday).Record;

        Assert.Equal(Tuesday, record.NextExpiry);
        Assert.Null(record.Expire(Tuesday.AddTicks(-1)));
        var change = record.Expire(Tuesday)!;

        Assert.Equal(ConsentDecision.Expired, Assert.Single(change.Record.Decisions).Decision);
        Assert.True(change.EpochEnded);
    }

    [Fact]
    public void A_further_change_of_the_notice_gives_nobody_more_time()
    {
        var record = Grant(ConsentRecord.Empty("s"), Groups, Monday).Record;

        var asked = record.NeedRenewal(Groups.Id, 2, Tuesday)!.NeedRenewal(Groups.Id, 3, Tuesday.AddDays(7))!;
        var askedWithoutEnd = asked.NeedRenewal(Groups.Id, 4, null)!;

        Assert.Equal((3, Tuesday), (asked.Renewals[0].NoticeVersion, asked.NextExpiry));
        Assert.Equal(Tuesday, askedWithoutEnd.NextExpiry);
        Assert.Null(askedWithoutEnd.NeedRenewal(Groups.Id, 4, Monday));
        Assert.Equal(Monday, record.NeedRenewal(Groups.Id, 2, null)!.NeedRenewal(Groups.Id, 3, Monday)!.NextExpiry);
    }

    [Fact]
    public void Agreeing_to_the_new_notice_ends_the_need()
    {
        var record = Grant(ConsentRecord.Empty("s"), Groups, Monday).Record.NeedRenewal(Groups.Id, 2, Tuesday)!;

        var renewed = Grant(record, Groups with { NoticeVersion = 2 }, Monday.AddHours(1));

        Assert.Empty(renewed.Record.Renewals);
        Assert.Null(renewed.Record.NextExpiry);
        Assert.Empty(renewed.Narrowed);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Answering_a_notice_ends_what_it_no_longer_names(bool agrees)
    {
        var record = Grant(ConsentRecord.Empty("s"), Recommendations, Monday).Record;
        var smaller = Recommendations with { NoticeVersion = 2, Categories = ["viewing"] };

        var change = record.Decide(smaller, agrees ? ["viewing"] : [], ConsentDecision.Denied, 2, Tuesday)!;

        Assert.Equal(ConsentDecision.Revoked, change.Record.Decisions.Single(decision => decision.Category == "opinion").Decision);
        Assert.Contains(change.Narrowed, narrowed => narrowed.Category == "opinion");
        Assert.Equal(!agrees, change.EpochEnded);
        Assert.Null(change.Record.Decide(smaller, agrees ? ["viewing"] : [], ConsentDecision.Denied, 2, Tuesday.AddDays(1)));
    }

    private static ConsentChange Grant(ConsentRecord record, Purpose purpose, DateTimeOffset at) =>
        record.Decide(purpose, [.. purpose.Categories], ConsentDecision.Denied, purpose.NoticeVersion, at)!;
}
