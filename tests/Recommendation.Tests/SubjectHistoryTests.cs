using Personalization.Contracts.Profile;
using Personalization.Platform.Privacy;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Tests;

public sealed class SubjectHistoryTests
{
    private const string Purpose = "recommendations";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Granted = Now.AddDays(-10);

    private static readonly SubjectGate Gate = new()
    {
        Id = "s1_test",
        Version = 3,
        Epoch = 2,
        Grants = [new(Purpose, "taste", Granted, Now.AddDays(5)), new(Purpose, "rating", Granted, null), new("analytics", "place", Granted, null)],
    };

    [Fact]
    public void Refuses_each_signal_for_its_own_reason()
    {
        SignalRecorded[] signals =
        [
            Signal("ok"),
            Signal("purpose") with { Purposes = ["analytics"] },
            Signal("no-item") with { ItemId = "anna@example.org" },
            Signal("epoch") with { Epoch = 1 },
            Signal("future-epoch") with { Epoch = 3 },
            Signal("category") with { Category = "place" },
            Signal("before-grant") with { Time = Granted.AddTicks(-1) },
            Signal("expired") with { ExpiresAt = Now },
        ];

        var (next, outcomes) = Learn(null, signals);

        Assert.Equal(
            [
                SignalOutcome.Stored, SignalOutcome.OtherPurpose, SignalOutcome.NoItem, SignalOutcome.EndedEpoch, SignalOutcome.EndedEpoch,
                SignalOutcome.NotPermitted, SignalOutcome.NotPermitted, SignalOutcome.Expired,
            ],
            outcomes);
        Assert.Equal("ok", Assert.Single(next!.Entries).SignalId);
        Assert.Equal(2, next.Epoch);
    }

    [Fact]
    public void Keeps_a_value_only_if_its_own_category_is_permitted()
    {
        var (next, _) = Learn(null, [Signal("a") with { Value = 4, ValueCategory = "rating" }, Signal("b") with { Value = 1, ValueCategory = "place" }]);

        Assert.Equal([4d, null], next!.Entries.OrderBy(entry => entry.SignalId).Select(entry => entry.Value));
        Assert.Equal(["rating", null], next.Entries.OrderBy(entry => entry.SignalId).Select(entry => entry.ValueCategory));
    }

    [Fact]
    public void Keeps_a_value_only_if_it_is_declared_for_this_very_purpose()
    {
        var valued = Signal("a") with { Value = 4, ValueCategory = "rating", Purposes = [Purpose, "analytics"] };

        var (next, outcomes) = Learn(null, [
            valued with { SignalId = "declared", ItemId = "1" },
            valued with { SignalId = "for-another", ItemId = "2", ValuePurposes = ["analytics"] },
            valued with { SignalId = "for-none-known", ItemId = "3", ValuePurposes = null },
            valued with { SignalId = "of-no-category", ItemId = "4", ValueCategory = null },
        ]);

        Assert.All(outcomes, outcome => Assert.Equal(SignalOutcome.Stored, outcome));
        Assert.Equal([4d, null, null, null], next!.Entries.OrderBy(entry => entry.ItemId).Select(entry => entry.Value));
        Assert.Equal(["rating", null, null, null], next.Entries.OrderBy(entry => entry.ItemId).Select(entry => entry.ValueCategory));
    }

    [Fact]
    public void Changes_nothing_for_a_signal_it_knows()
    {
        var (first, _) = Learn(null, [Signal("a")]);
        var (again, outcomes) = Learn(first, [Signal("a")]);

        Assert.Null(again);
        Assert.Equal([SignalOutcome.Duplicate], outcomes);
    }

    [Fact]
    public void Takes_from_a_signal_it_knows_only_that_less_may_be_kept()
    {
        var signal = Signal("a") with { Value = 4, ValueCategory = "rating", ValuePurposes = [Purpose] };
        var (first, _) = Learn(null, [signal]);
        var (shorter, _) = Learn(first, [signal with { ExpiresAt = Now.AddDays(1) }]);
        var (again, outcomes) = Learn(shorter, [signal]);
        var (unrated, _) = Learn(first, [signal with { Value = null, ValueCategory = null, ValuePurposes = null }]);
        var (over, _) = Learn(first, [signal with { ExpiresAt = Now }]);

        Assert.Equal(Now.AddDays(1), Assert.Single(shorter!.Entries).ExpiresAt);
        Assert.Null(again);
        Assert.Equal([SignalOutcome.Duplicate], outcomes);
        Assert.Null(Assert.Single(unrated!.Entries).Value);
        Assert.Equal(Now, over!.ExpiresAt);
    }

    [Theory]
    [InlineData(30, 1)]
    [InlineData(1, 30)]
    public void What_expired_by_its_shorter_telling_is_not_brought_back_by_the_longer_one(int first, int second)
    {
        SignalRecorded Told(int days) => Signal("a") with { ExpiresAt = Now.AddDays(days) };
        var history = Learn(Learn(null, [Told(first)]).Next, [Told(second)]).Next;
        var said = SubjectHistory.Heed(history, Feedback.DontUse, entry => entry.SignalId == "a", null, Gate, Now);

        foreach (var known in new[] { history, said })
        {
            var swept = known!.WithoutExpired(Now.AddDays(1));
            var (next, outcomes) = SubjectHistory.Learn(swept, [Told(30), Signal("b")], Gate, Purpose, 100, Now.AddDays(1));

            Assert.Equal(Now.AddDays(1), known.ExpiresAt);
            Assert.Empty(swept!.Entries);
            Assert.Equal([SignalOutcome.Expired, SignalOutcome.Stored], outcomes);
            Assert.Equal("b", Assert.Single(next!.Entries).SignalId);

            // What stands for it says nothing but that, and goes when nobody could store it any more.
            Assert.Equal(new ShortenedSignal("a", Now.AddDays(30)), Assert.Single(next.Shortened));
            Assert.Equal(Now.AddDays(30), swept.ExpiresAt);
            Assert.Null(swept.WithoutExpired(Now.AddDays(30)));
        }
    }

    [Fact]
    public void A_telling_with_less_and_a_later_end_lengthens_nothing()
    {
        var (shorter, _) = Learn(null, [Signal("a") with { Value = 4, ValueCategory = "rating", ExpiresAt = Now.AddDays(1) }]);
        var (less, _) = Learn(shorter, [Signal("a") with { ValuePurposes = null }]);

        Assert.Equal((null, Now.AddDays(1)), (Assert.Single(less!.Entries).Value, less.Entries[0].ExpiresAt));
    }

    [Fact]
    public void Ends_alike_whatever_order_signals_about_an_item_come_in()
    {
        SignalRecorded[] signals =
        [
            Signal("old") with { ItemId = "film", Time = Now.AddHours(-3), Value = 1 },
            Signal("new-a") with { ItemId = "film", Time = Now.AddHours(-1), Value = 4 },
            Signal("new-b") with { ItemId = "film", Time = Now.AddHours(-1), Value = 5 },
            Signal("other") with { Time = Now.AddHours(-2) },
        ];
        var random = new Random(11);
        for (var round = 0; round < 50; round++)
        {
            SubjectHistory? history = null;
            foreach (var signal in signals.Concat(signals).OrderBy(_ => random.Next())) history = Learn(history, [signal]).Next ?? history;
            var (atOnce, _) = Learn(null, [.. signals.OrderBy(_ => random.Next())]);
            Assert.Equal(["other", "new-b"], history!.Entries.Select(entry => entry.SignalId));
            Assert.Equal(history.Entries, atOnce!.Entries);
        }
    }

    [Fact]
    public void Forgets_the_oldest_when_it_is_full()
    {
        var signals = Enumerable.Range(0, 5).Select(i => Signal($"s{i}") with { Time = Now.AddHours(-i) }).ToArray();

        var (next, outcomes) = SubjectHistory.Learn(null, signals, Gate, Purpose, 3, Now);

        Assert.Equal(["s2", "s1", "s0"], next!.Entries.Select(entry => entry.SignalId));
        Assert.Equal(2, outcomes.Count(outcome => outcome == SignalOutcome.HistoryFull));
    }

    [Fact]
    public void Begins_with_nothing_in_a_new_epoch()
    {
        var ended = new SubjectHistory { Id = Gate.Id, Epoch = 1, ChangedAt = Granted, Entries = [Entry("left-over")] };

        var (next, _) = Learn(ended, [Signal("a")]);

        Assert.Equal("a", Assert.Single(next!.Entries).SignalId);
        Assert.Equal(new("s1_test", 2), next.DataKey);
    }

    [Fact]
    public void Uses_only_what_is_permitted_at_this_moment()
    {
        var history = new SubjectHistory
        {
            Id = Gate.Id,
            Epoch = 2,
            ChangedAt = Now,
            Entries =
            [
                Entry("good"),
                Entry("expired") with { ExpiresAt = Now },
                Entry("category") with { Category = "place" },
                Entry("purpose") with { Purpose = "analytics" },
                Entry("early") with { Time = Granted.AddTicks(-1) },
                Entry("stripped") with { Value = 1, ValueCategory = "place" },
            ],
        };

        var usable = SubjectHistory.UsableOf(history, Gate, Purpose, Now);

        Assert.Equal(["good", "stripped"], usable.Entries.Select(entry => entry.SignalId));
        Assert.Null(usable.Entries[1].Value);
        Assert.Equal(Now.AddDays(5), usable.Until);
        Assert.Equal(Now.AddDays(1), SubjectHistory.UsableOf(history with { Entries = [Entry("soon") with { ExpiresAt = Now.AddDays(1) }] }, Gate, Purpose, Now).Until);
        Assert.Empty(SubjectHistory.UsableOf(history, Gate, Purpose, Now.AddDays(5)).Entries);
        Assert.Empty(SubjectHistory.UsableOf(history with { Epoch = 1 }, Gate, Purpose, Now).Entries);
        Assert.Empty(SubjectHistory.UsableOf(history, SubjectGate.Closed(Gate.Id), Purpose, Now).Entries);
        Assert.Empty(SubjectHistory.UsableOf(null, Gate, Purpose, Now).Entries);
    }

    private static (SubjectHistory? Next, IReadOnlyList<SignalOutcome> Outcomes) Learn(SubjectHistory? known, IReadOnlyList<SignalRecorded> signals) =>
        SubjectHistory.Learn(known, signals, Gate, Purpose, 100, Now);

    private static SignalRecorded Signal(string id) => new()
    {
        SignalId = id,
        SubjectRef = Gate.Id,
        Epoch = Gate.Epoch,
        ConsentVersion = Gate.Version,
        EventType = "film.rated",
        ItemId = $"item-{id}",
        Category = "taste",
        Purposes = [Purpose],
        ValuePurposes = [Purpose],
        Time = Now.AddHours(-1),
        ExpiresAt = Now.AddDays(30),
    };

    private static HistoryEntry Entry(string id) => HistoryEntry.Of(Signal(id), Gate, Purpose, Now);
}
