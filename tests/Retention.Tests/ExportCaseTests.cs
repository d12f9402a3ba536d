using Personalization.Contracts.Retention;
using Personalization.Retention.Domain;
using Xunit;

namespace Personalization.Retention.Tests;

public sealed class ExportCaseTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly ExportCase Fresh = new()
    {
        Id = "e1",
        SubjectRef = "s1_anna",
        PublicKey = "",
        RequestedAt = Now,
        DueAt = Now.AddDays(14),
        Participants = ["consent", "profile"],
    };

    [Fact]
    public void It_waits_for_every_piece_of_one_answer_of_everybody()
    {
        var next = Receive(Fresh, ("profile", "a", 2, 2), ("consent", "c", 1, 1));
        Assert.Equal(["profile"], next.Awaiting);
        Assert.False(next.IsToBeMade(Now));

        // The other half of another answer is of no use.
        next = Receive(next, ("profile", "b", 1, 2));
        Assert.Equal(["profile"], next.Awaiting);

        next = Receive(next, ("profile", "a", 1, 2));
        Assert.Empty(next.Awaiting);
        Assert.Equal("a", next.AnswerOf("profile")!.AnswerId);
        Assert.True(next.IsToBeMade(Now));
    }

    [Theory]
    [InlineData("profile", 1, 1, "e2", "s1_anna")]
    [InlineData("profile", 1, 1, "e1", "s1_boris")]
    [InlineData("shop", 1, 1, "e1", "s1_anna")]
    [InlineData("profile", 0, 1, "e1", "s1_anna")]
    [InlineData("profile", 3, 2, "e1", "s1_anna")]
    public void What_isnt_expected_changes_nothing(string participant, int piece, int pieces, string exportId, string subjectRef) =>
        Assert.Null(Fresh.Receive(Piece(participant, "a", piece, pieces) with { ExportId = exportId, SubjectRef = subjectRef }));

    [Fact]
    public void What_is_here_already_changes_nothing()
    {
        Assert.Null(Receive(Fresh, ("profile", "a", 1, 2)).Receive(Piece("profile", "a", 1, 2)));
        Assert.Null(Receive(Fresh, ("profile", "a", 1, 1)).Receive(Piece("profile", "b", 1, 1)));
        Assert.Null(Receive(Fresh, ("profile", "a", 1, 3)).Receive(Piece("profile", "a", 2, 2)));
        Assert.Null(Fresh.End(ExportState.Cancelled, Now).Receive(Piece("profile", "a", 1, 1)));
        Assert.Null(Fresh.Ready([], Now, TimeSpan.FromDays(7)).Receive(Piece("profile", "a", 1, 1)));
    }

    [Fact]
    public void A_day_before_it_is_due_it_is_made_of_what_is_there()
    {
        Assert.False(Fresh.IsToBeMade(Now.AddDays(13).AddTicks(-1)));
        Assert.True(Fresh.IsToBeMade(Now.AddDays(13)));
        Assert.Equal((false, true), (Fresh.IsOverdue(Now.AddDays(14)), Fresh.IsOverdue(Now.AddDays(14).AddTicks(1))));
    }

    [Fact]
    public void There_is_something_to_do_until_nothing_of_it_is_left()
    {
        var sent = Fresh.Sent(Now, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1));
        var ready = sent.Ready([], Now, TimeSpan.FromDays(7));
        var fetched = ready.End(ExportState.Fetched, Now.AddDays(1));

        Assert.Equal(Now.AddMinutes(1), sent.WakeAt);
        Assert.Equal(Now.AddDays(7), ready.WakeAt);
        Assert.Equal(Now.AddDays(1), fetched.WakeAt);
        Assert.Null((fetched with { WipedAt = Now.AddDays(1) }).WakeAt);
        Assert.Equal(ExportState.Fetched, fetched.End(ExportState.Expired, Now.AddDays(9)).State);
    }

    [Theory]
    [InlineData("2026-11-26T12:00:00Z", 10, "2026-12-10T21:00:00Z")]
    [InlineData("2026-11-28T12:00:00Z", 1, "2026-11-30T21:00:00Z")]
    [InlineData("2026-11-03T12:00:00Z", 1, "2026-11-05T21:00:00Z")]
    [InlineData("2026-11-26T21:30:00Z", 1, "2026-11-30T21:00:00Z")]
    public void It_is_due_at_the_end_of_so_many_working_days(string requested, int days, string due) =>
        Assert.Equal(At(due), ExportDeadline.Of(At(requested), days, new RetentionOptions().Terms));

    [Fact]
    public void A_month_is_the_longest() => Assert.Equal(At("2026-02-28T12:00:00Z"), ExportDeadline.Of(At("2026-01-31T12:00:00Z"), 30, new RetentionOptions().Terms));

    [Fact]
    public void No_two_passwords_are_alike_and_each_can_be_read_out()
    {
        string[] passwords = [.. Enumerable.Range(0, 1000).Select(_ => ExportPassword.New())];

        Assert.Equal(1000, passwords.Distinct().Count());
        Assert.All(passwords, password => Assert.Matches("^([0-9a-hjkmnp-tv-z]{5}-){4}[0-9a-hjkmnp-tv-z]{5}$", password));
    }

    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture);

    private static ExportCase Receive(ExportCase export, params (string Participant, string Answer, int Piece, int Pieces)[] pieces) =>
        pieces.Aggregate(export, (next, piece) => next.Receive(Piece(piece.Participant, piece.Answer, piece.Piece, piece.Pieces))!);

    private static SubjectDataExported Piece(string participant, string answer, int piece, int pieces) =>
        new() { ExportId = "e1", SubjectRef = "s1_anna", Participant = participant, AnswerId = answer, Piece = piece, Pieces = pieces, Content = "" };
}
