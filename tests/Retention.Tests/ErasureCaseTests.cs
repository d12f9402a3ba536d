using Personalization.Contracts;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Retention.Domain;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ErasureCaseTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly ErasureCase Opened = new()
    {
        SubjectRef = "s1_anna",
        Epoch = 2,
        Version = 7,
        WholeEpoch = false,
        Narrowed = [new NarrowedConsent { Purpose = "recommendations", Category = "viewing" }],
        Reason = ErasureReason.Revoked,
        OpenedAt = Noon,
        DueAt = Noon.AddDays(30),
        ResendAt = Noon,
        Participants = ["audit", "profile"],
    };

    [Fact]
    public void Closes_with_the_last_expected_receipt_and_not_before()
    {
        var first = Opened.Receive(Receipt("profile", 1), Noon.AddSeconds(1))!;
        var last = first.Receive(Receipt("audit", 2), Noon.AddSeconds(2))!;

        Assert.Equal((false, ErasureState.Partial), (first.IsClosed, first.State));
        Assert.Equal(["audit"], first.Awaiting);
        Assert.Equal((true, ErasureState.Completed, Noon.AddSeconds(2)), (last.IsClosed, last.State, last.CompletedAt));
        Assert.Empty(last.Awaiting);
    }

    [Fact]
    public void The_same_participant_twice_does_not_stand_for_two()
    {
        var first = Opened.Receive(Receipt("profile", 1), Noon)!;

        Assert.Null(first.Receive(Receipt("profile", 1), Noon));
        Assert.Null(first.Receive(Receipt("profile", 5), Noon));
        Assert.Equal(["audit"], first.Awaiting);
    }

    [Fact]
    public void A_receipt_from_somebody_else_or_about_something_else_is_refused()
    {
        Assert.Null(Opened.Receive(Receipt("recommendation", 1), Noon));
        Assert.Null(Opened.Receive(Receipt("profile", 1) with { Epoch = 1 }, Noon));
        Assert.Null(Opened.Receive(Receipt("profile", 1) with { Version = 6 }, Noon));
        Assert.Null(Opened.Receive(Receipt("profile", 1) with { SubjectRef = "s1_boris" }, Noon));
        Assert.Null(Opened.Receive(Receipt("profile", 1) with { CaseId = "er_other" }, Noon));
        Assert.Null(Opened.Receive(Receipt("profile", 1) with { Signature = null }, Noon));
    }

    [Fact]
    public void A_residue_keeps_it_open_until_a_later_receipt_finds_none()
    {
        var first = Opened.Receive(Receipt("audit", 1), Noon)!;
        var residue = first.Receive(Receipt("profile", 2, found: 3), Noon)!;
        var clean = residue.Receive(Receipt("profile", 3), Noon)!;

        Assert.Equal((false, "profile"), (residue.IsClosed, Assert.Single(residue.Awaiting)));
        Assert.True(clean.IsClosed);
        Assert.Equal(2, clean.Receipts.Count);
    }

    [Fact]
    public void Of_several_receipts_the_last_one_signed_counts_in_whatever_order_they_come()
    {
        var residue = Opened.Receive(Receipt("profile", 3, found: 1), Noon)!;
        var clean = Opened.Receive(Receipt("profile", 3), Noon)!;

        Assert.Null(residue.Receive(Receipt("profile", 2), Noon));
        Assert.Null(clean.Receive(Receipt("profile", 2, found: 1), Noon));
        Assert.Equal(["audit", "profile"], clean.Receive(Receipt("profile", 4, found: 1), Noon)!.Awaiting);
    }

    [Fact]
    public void Nothing_changes_a_closed_case()
    {
        var closed = Opened.Receive(Receipt("audit", 1), Noon)!.Receive(Receipt("profile", 1), Noon)!;

        Assert.Null(closed.Receive(Receipt("profile", 9, found: 1), Noon));
        Assert.Null(closed.Demand("anna", new ErasureDeadline(Noon)));
        Assert.Null(closed.ResendAt);
    }

    [Fact]
    public void A_failure_is_shown_and_waited_for_until_a_later_receipt_says_that_it_was_done()
    {
        var failed = Opened.Receive(Receipt("profile", 2) with { Failure = "consent-behind" }, Noon)!;
        var others = failed.Receive(Receipt("audit", 3), Noon)!;

        Assert.Equal((ErasureState.Awaiting, ErasureState.Failed, ErasureState.Failed), (Opened.State, failed.State, others.State));
        Assert.Equal(["profile"], others.Awaiting);
        Assert.Null(others.Receive(Receipt("profile", 1), Noon));
        Assert.True(others.Receive(Receipt("profile", 4), Noon)!.IsClosed);
    }

    [Fact]
    public void A_demand_for_what_is_under_way_brings_the_earlier_deadline()
    {
        var sooner = Opened.Demand("anna", new ErasureDeadline(Noon.AddDays(14), IsEstimated: true))!;
        var later = Opened.Demand("anna", new ErasureDeadline(Noon.AddDays(31)))!;

        Assert.Equal((ErasureReason.Requested, Noon.AddDays(14), true), (sooner.Reason, sooner.DueAt, sooner.IsDueEstimated));
        Assert.Equal((Noon.AddDays(30), false), (later.DueAt, later.IsDueEstimated));
    }

    [Fact]
    public void That_a_deadline_is_near_and_that_it_is_over_is_told_once_each()
    {
        ErasureCase? Tell(ErasureCase erasure, int day) => erasure.Tell(Noon.AddDays(day), Noon.AddDays(day + 3));
        var near = Tell(Opened, 27)!;
        var over = Tell(near, 30)!;

        Assert.Null(Tell(Opened, 26));
        Assert.Equal((Noon.AddDays(27), null), (near.ToldDueAt, near.ToldOverdueAt));
        Assert.Null(Tell(near, 29));
        Assert.Equal((Noon.AddDays(27), Noon.AddDays(30)), (over.ToldDueAt, over.ToldOverdueAt));
        Assert.Null(Tell(over, 40));
        Assert.NotNull(Tell(Opened, 40)!.ToldOverdueAt);
        Assert.Null(Tell(Opened with { ResendAt = null, CompletedAt = Noon }, 40));
        Assert.Equal((false, true), (Opened.IsOverdue(Noon.AddDays(29)), Opened.IsOverdue(Noon.AddDays(30))));
    }

    [Fact]
    public void What_a_legal_hold_keeps_leaves_it_retained_until_a_later_receipt_keeps_nothing()
    {
        RetainedData[] kept = [new RetainedData { Store = "held_data", Category = "viewing", Count = 1, Reason = "Legal hold", IsOnHold = true }];
        var partial = Opened.Receive(Receipt("profile", 1) with { Retained = kept }, Noon)!;
        var retained = partial.Receive(Receipt("audit", 2), Noon)!;
        var completed = retained.Receive(Receipt("profile", 5), Noon.AddDays(90))!;

        Assert.Equal((ErasureState.Partial, true), (partial.State, partial.IsWaiting));
        Assert.Equal((ErasureState.Retained, false, false, true), (retained.State, retained.IsClosed, retained.IsWaiting, retained.KeepsForHold));
        Assert.False(retained.IsOverdue(Noon.AddDays(60)));
        Assert.Null(retained.Tell(Noon.AddDays(60), Noon.AddDays(63)));
        Assert.Null(retained.Receive(Receipt("profile", 3) with { Retained = kept }, Noon));
        Assert.Equal(Noon.AddDays(1), retained.Resume(Noon.AddDays(1)).ResendAt);
        Assert.Equal((ErasureState.Partial, Noon), (retained.Receive(Receipt("profile", 4, found: 1), Noon)!.State, retained.Receive(Receipt("profile", 4, found: 1), Noon)!.ResendAt));
        Assert.Equal((ErasureState.Completed, false), (completed.State, completed.KeepsForHold));
    }

    [Fact]
    public void The_wait_for_the_next_sending_doubles_up_to_a_limit()
    {
        var waits = new List<TimeSpan>();
        var erasure = Opened;
        for (var i = 0; i < 8; i++)
        {
            erasure = erasure.Sent(Noon, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
            waits.Add(erasure.ResendAt!.Value - Noon);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], waits.Select(wait => wait.TotalMinutes));
        Assert.Equal((8, Noon), (erasure.Sendings, erasure.LastSentAt));
    }

    [Fact]
    public void Its_key_is_its_own_and_outlives_the_subjects()
    {
        Assert.Equal("s1_anna.2.erasure-case-7", Opened.DataKey.ToString());
        Assert.Equal(ErasureCaseId.Of("s1_anna", 7), Opened.Id);
    }

    [Fact]
    public void Open_cases_list_the_oldest_first_and_completed_ones_the_newest()
    {
        var later = Opened with { OpenedAt = Noon.AddDays(1) };
        var closed = Opened with { CompletedAt = Noon };
        var closedLater = Opened with { CompletedAt = Noon.AddDays(1) };

        Assert.True(string.CompareOrdinal(Opened.StateOrder, later.StateOrder) < 0);
        Assert.True(string.CompareOrdinal(closedLater.StateOrder, closed.StateOrder) < 0);
        Assert.True(string.CompareOrdinal(later.OpenedOrder, Opened.OpenedOrder) < 0);
    }

    private static SubjectDataErased Receipt(string participant, int signedAtSecond, long found = 0) => new()
    {
        CaseId = Opened.Id,
        SubjectRef = Opened.SubjectRef,
        Epoch = Opened.Epoch,
        Version = Opened.Version,
        Participant = participant,
        ErasedAt = Noon,
        Erased = [],
        Retained = [],
        Residual = [new ResidualScan { Searched = "profiles", Found = found }],
        Signature = new MessageSignature { KeyId = $"{participant}-1", Producer = participant, IssuedAt = Noon.AddSeconds(signedAtSecond), Value = "" },
    };
}
