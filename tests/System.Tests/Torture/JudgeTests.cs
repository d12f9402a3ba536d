using Xunit;

namespace Personalization.System.Tests.Torture;

/// <summary>That a run which broke a promise is not passed.</summary>
public sealed class JudgeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_personal_answer_asked_for_after_the_revocation_was_answered_is_a_flaw()
    {
        Operation[] history = [Revoke(from: 1, to: 2), Recommend(from: 3, to: 4)];

        Assert.Contains("a personal answer", Assert.Single(Judge.FlawsOf(history, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void One_asked_for_before_the_revocation_was_answered_or_while_it_is_granted_again_is_none()
    {
        Operation[] history = [Revoke(from: 1, to: 2), Recommend(from: 1.9, to: 4), Grant(from: 5, to: 7, status: 0), Recommend(from: 4.5, to: 5.5), Recommend(from: 8, to: 9)];

        Assert.Empty(Judge.FlawsOf(history, []));
    }

    [Fact]
    public void A_grant_that_was_given_up_before_the_revocation_opens_nothing()
    {
        Operation[] history = [Grant(from: 0, to: 1, status: 0), Revoke(from: 1, to: 2), Recommend(from: 3, to: 4)];

        Assert.Single(Judge.FlawsOf(history, []));
    }

    [Fact]
    public void A_revocation_that_is_not_in_force_yet_promises_nothing()
    {
        Operation[] history = [Revoke(from: 1, to: 2) with { Status = 202 }, Recommend(from: 3, to: 4)];

        Assert.Empty(Judge.FlawsOf(history, []));
    }

    [Fact]
    public void Who_revoked_and_is_in_an_audience_is_a_flaw()
    {
        Operation[] history =
        [
            Revoke(from: 1, to: 2, purpose: null),
            Of(Act.ReadAudience, 3, 4) with { Customer = "", Members = ["boris", "anna"] },
            Of(Act.ReadAudience, 3, 4) with { Customer = "", Members = ["boris"] },
        ];

        Assert.Contains("an audience", Assert.Single(Judge.FlawsOf(history, [])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stored_event_that_is_not_there_is_a_flaw()
    {
        Operation[] history = [Grant(from: 0, to: 1), Publish(from: 2, to: 3), Publish(from: 4, to: 5)];

        Assert.Contains("is not there", Assert.Single(Judge.FlawsOf(history, [Held(at: 2)])), StringComparison.Ordinal);
        Assert.Empty(Judge.FlawsOf(history, [Held(at: 2), Held(at: 4)]));
    }

    [Fact]
    public void One_that_was_taken_away_or_stored_in_doubt_is_not_missed()
    {
        Operation[] taken = [Grant(from: 0, to: 1), Publish(from: 2, to: 3), Revoke(from: 4, to: 5) with { Status = 0 }];
        Operation[] doubted = [Revoke(from: 0, to: 1) with { Status = 0 }, Grant(from: 2, to: 3), Publish(from: 4, to: 5)];
        Operation[] unpermitted = [Publish(from: 2, to: 3)];

        Assert.Empty(Judge.FlawsOf(taken, []));
        Assert.Empty(Judge.FlawsOf(doubted, []));
        Assert.Empty(Judge.FlawsOf(unpermitted, []));
    }

    [Fact]
    public void What_is_held_for_a_purpose_that_was_taken_away_after_it_is_a_flaw()
    {
        Operation[] history = [Grant(from: 0, to: 1), Publish(from: 2, to: 3), Of(Act.Erase, 4, 5) with { Status = 202 }, Grant(from: 6, to: 7), Publish(from: 8, to: 9)];

        Assert.Contains("taken away", Assert.Single(Judge.FlawsOf(history, [Held(at: 2), Held(at: 8)])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_which_too_little_happened_is_said_so()
    {
        var gaps = Judge.GapsOf([Revoke(from: 1, to: 2), Of(Act.Disturb, 1, 2) with { Customer = "kill audit" }], minutes: 1, ["kill", "pause"]);

        Assert.Contains("Only 1 revocations answered with 200; 60 a minute are the least.", gaps);
        Assert.Contains("There was no disturbance of the kind 'pause'.", gaps);
        Assert.DoesNotContain(gaps, gap => gap.Contains("'kill'", StringComparison.Ordinal));
    }

    private static Operation Grant(double from, double to, int status = 200) => Of(Act.Grant, from, to) with { Status = status };

    private static Operation Revoke(double from, double to, string? purpose = Workload.Recommendations) => Of(Act.Revoke, from, to) with { Purpose = purpose };

    private static Operation Recommend(double from, double to) => Of(Act.Recommend, from, to) with { Personalized = true };

    private static Operation Publish(double from, double to) => Of(Act.Publish, from, to) with { Stored = Start.AddSeconds(from) };

    private static HeldEvent Held(double at) => new("anna", Start.AddSeconds(at), [Workload.Recommendations]);

    private static Operation Of(Act act, double from, double to) =>
        new(act, "anna", Start.AddSeconds(from), Start.AddSeconds(to), 200) { Purpose = act is Act.Grant or Act.Revoke ? Workload.Recommendations : null };
}
