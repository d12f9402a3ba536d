using System.Text.Json;
using CsCheck;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

/// <summary>What rules say of a person, whenever and in whatever order it is heard of.</summary>
public sealed class RuleTests
{
    private const string Purpose = "marketing-groups";
    private static readonly string[] Types = ["film.rated", "film.bought"];
    private static readonly string[] Categories = ["opinion", "viewing"];
    private static readonly string[] Fields = ["x", "y"];

    // On a coarse grid, so that windows, expiry, ends of grants and thresholds often fall together.
    private static readonly Gen<TimeSpan> Ago = Gen.Int[0, 60].Select(quarters => TimeSpan.FromHours(quarters * 6));

    private static readonly Gen<ProfileDatum> Data = Gen.Select(Gen.Int[0, 1_000_000], Gen.OneOf(Types), Ago, Gen.Int[1, 80], Gen.Int[0, 3], Gen.OneOf(Categories), Gen.Bool)
        .Select((id, type, ago, quarters, value, category, isFuture) => Datum(
            $"e{id}", type, isFuture ? Given.Now.AddMinutes(3) : Given.Now - ago, Given.Now.AddHours(quarters * 6),
            [new ProfileField("x", JsonSerializer.SerializeToElement(value), category, [Purpose]), new ProfileField("y", JsonSerializer.SerializeToElement(value / 3.0), "viewing", [Purpose])]));

    private static readonly Gen<SubjectGate> Gates = Gen.Select(Gen.Int[0, 40].Nullable(), Ago).Select((quarters, ago) => Given.Gate(
        Given.Grant(Purpose, "viewing", Given.Now.AddDays(-12)),
        Given.Grant(Purpose, "opinion", Given.Now - ago, quarters is { } end ? Given.Now.AddHours((end + 1) * 6) : null)));

    private static readonly Gen<Measure> Measures = Gen.Select(
            Gen.OneOf(Types), Gen.OneOf(Enum.GetValues<MeasureOf>()), Gen.OneOf(Fields), Gen.OneOf<string?>(null, "P3D", "PT36H", "P14D"), Gen.Int[0, 3], Gen.Bool)
        .Select((type, of, field, within, limit, filtered) => new Measure(
            type, of, of is MeasureOf.Count or MeasureOf.DaysSince ? null : field, within,
            filtered ? [new FieldCondition("x", Comparison.AtLeast, new Operand([Scalar.Of(limit)], false))] : null));

    private static readonly Gen<Rule> Leaves = Gen.Select(Measures, Gen.OneOf(Enum.GetValues<Comparison>()), Gen.Int[0, 6])
        .Select((measure, comparison, value) => new Rule(
            Measure: measure, Is: comparison, Value: comparison == Comparison.In ? new Operand([Scalar.Of(value), Scalar.Of(value + 2)], true) : new Operand([Scalar.Of(value)], false)));

    private static readonly Gen<Rule> Rules = Gen.Select(Leaves.Array[1, 3], Leaves, Gen.Int[0, 3]).Select((many, one, form) => form switch
    {
        0 => new Rule(All: [.. many, new Rule(Not: one)]),
        1 => new Rule(Any: [.. many, new Rule(All: [one, many[0]])]),
        2 => new Rule(Not: one),
        _ => one,
    });

    [Fact]
    public void Neither_order_nor_repetition_makes_a_difference()
    {
        var holding = 0;
        Gen.Select(Data.Array[0, 12], Gates, Rules, Gen.Int).Sample(
            (made, gate, rule, seed) =>
            {
                // As from the store: an event is there once. Heard of again it is the same.
                var data = made.DistinctBy(datum => datum.EventId).ToArray();
                var random = new Random(seed);
                var mixed = data.Concat(data.Where(_ => random.Next(2) == 0)).ToArray();
                random.Shuffle(mixed);

                var evaluation = rule.Evaluate(Observations.Of(data, gate, Purpose), Given.Now);

                Assert.Equal(evaluation, rule.Evaluate(Observations.Of(mixed, gate, Purpose), Given.Now));
                if (evaluation.Holds) Interlocked.Increment(ref holding);
            },
            iter: 20_000);
        Assert.InRange(holding, 2_000, 18_000);
    }

    [Fact]
    public void A_result_stands_until_the_moment_it_names_and_not_longer()
    {
        var (changing, standing) = (0, 0);
        Gen.Select(Data.Array[0, 12], Gates, Rules, Gen.Int).Sample(
            (data, gate, rule, seed) =>
            {
                var seen = Observations.Of(data, gate, Purpose);
                var (holds, changesAt) = rule.Evaluate(seen, Given.Now);

                var end = changesAt ?? Given.Now.AddDays(100);
                var random = new Random(seed);
                foreach (var moment in Enumerable.Range(0, 25).Select(_ => Given.Now + TimeSpan.FromTicks(random.NextInt64((end - Given.Now).Ticks))).Append(end.AddTicks(-1)))
                    Assert.Equal(holds, rule.HoldsAt(seen, moment));
                if (changesAt is null)
                {
                    Interlocked.Increment(ref standing);
                    return;
                }

                Assert.Equal(!holds, rule.HoldsAt(seen, changesAt.Value));
                Interlocked.Increment(ref changing);
            },
            iter: 10_000);
        Assert.All([changing, standing], count => Assert.InRange(count, 1_000, 9_000));
    }

    [Fact]
    public void After_many_moments_without_a_change_it_says_when_to_look_again()
    {
        // Each event leaves the window by itself; only with the last one the sum is no longer 0 or more than 5.
        var data = Enumerable.Range(0, 200).Select(i => Datum($"e{i}", "film.rated", Given.Now.AddMinutes(-i), Given.Now.AddDays(50), [Field("x", 1)])).ToArray();
        var seen = Observations.Of(data, Gate(), Purpose);
        var rule = new Rule(Measure: new Measure("film.rated", MeasureOf.Count, Within: "P1D"), Is: Comparison.AtMost, Value: new Operand([Scalar.Of(50)], false));

        var (moment, rounds) = (Given.Now, 0);
        while (rule.Evaluate(seen, moment) is { Holds: false, ChangesAt: { } next }) (moment, rounds) = (next, rounds + 1);

        Assert.InRange(rounds, 2, 5);
        Assert.Equal(Given.Now.AddMinutes(-50).AddDays(1), moment);
    }

    [Fact]
    public void Events_are_stored_alike_in_whatever_order_and_however_often_they_come()
    {
        var kept = 0;
        var type = Given.Type(null, ("x", Given.Field(FieldType.Integer, "opinion", Purpose)), ("y", Given.Field(FieldType.Number, "viewing", Purpose, "recommendations")));
        Gen.Select(Gen.Select(Ago, Gen.Int[0, 3], Gen.Bool).Array[1, 10], Gates, Gen.Int).Sample(
            (sent, gate, seed) =>
            {
                var events = sent.Select((one, index) => Given.Event(one.Item3 ? new { x = one.Item2, y = 0.5 } : (object)new { y = 1.5 }, Given.Now - one.Item1) with { EventId = $"e{index}" }).ToArray();
                var random = new Random(seed);
                var mixed = events.Concat(events.Where(_ => random.Next(2) == 0)).ToArray();
                random.Shuffle(mixed);

                Assert.Equal(Stored(events), Stored(mixed));

                string Stored(IEnumerable<ReceivedEvent> arriving)
                {
                    var stored = new SortedDictionary<string, ProfileDatum>(StringComparer.Ordinal);
                    foreach (var received in arriving)
                    {
                        var decision = EventDecision.Of(received, type, gate, Given.Rules((Purpose, "opinion", 20), (Purpose, "viewing", 30)), Given.Now);
                        if (decision.Datum is { } datum) stored.TryAdd(datum.Id, datum);
                    }

                    Interlocked.Add(ref kept, stored.Count);
                    return JsonSerializer.Serialize(stored, Json.Options);
                }
            },
            iter: 2_000);
        Assert.InRange(kept, 5_000, 40_000);
    }

    public static TheoryData<string, double?> Measured => new()
    {
        { """{"event":"film.rated","of":"count"}""", 4 },
        { """{"event":"film.rated","of":"count","within":"P2D"}""", 2 },
        { """{"event":"film.rated","of":"count","where":[{"field":"x","is":"in","value":[1,5]}]}""", 3 },
        { """{"event":"film.rated","of":"count","where":[{"field":"x","is":"=","value":5},{"field":"y","is":"!=","value":"f1"}]}""", 1 },
        { """{"event":"film.rated","of":"sum","field":"x"}""", 14 },
        { """{"event":"film.rated","of":"sum","field":"x","within":"PT1H"}""", 0 },
        { """{"event":"film.rated","of":"average","field":"x"}""", 3.5 },
        { """{"event":"film.rated","of":"average","field":"x","within":"PT1H"}""", null },
        { """{"event":"film.rated","of":"min","field":"x"}""", 1 },
        { """{"event":"film.rated","of":"max","field":"x","where":[{"field":"x","is":"<","value":5}]}""", 3 },
        { """{"event":"film.rated","of":"last","field":"x"}""", 3 },
        { """{"event":"film.rated","of":"distinct","field":"y"}""", 2 },
        { """{"event":"film.rated","of":"daysSince"}""", 1 },
        { """{"event":"film.bought","of":"daysSince"}""", null },
        { """{"event":"film.bought","of":"count"}""", 0 },
    };

    [Theory]
    [MemberData(nameof(Measured))]
    public void A_measure_is_made_of_the_events_it_selects(string json, double? expected)
    {
        var seen = Observations.Of(
            [Rated("a", 5, "f1", 10), Rated("b", 1, "f2", 3), Rated("c", 5, "f2", 1.9), Rated("d", 3, "f1", 1.5)], Gate(), Purpose);

        Assert.Equal(expected, JsonSerializer.Deserialize<Measure>(json, Json.Options)!.ValueAt(seen, Given.Now)?.Number);
    }

    [Fact]
    public void What_happened_within_a_window_leaves_it_at_its_end_and_not_a_moment_later()
    {
        var seen = Observations.Of([Rated("a", 5, "f1", 1)], Gate(), Purpose);
        var rule = Rule("""{"measure":{"event":"film.rated","of":"count","within":"P2D"},"is":">=","value":1}""");

        Assert.True(rule.HoldsAt(seen, Given.Now.AddDays(1).AddTicks(-1)));
        Assert.False(rule.HoldsAt(seen, Given.Now.AddDays(1)));
        Assert.Equal(new Evaluation(true, Given.Now.AddDays(1)), rule.Evaluate(seen, Given.Now));
    }

    [Fact]
    public void Days_since_are_whole_days()
    {
        var seen = Observations.Of([Rated("a", 5, "f1", 1.5)], Gate(), Purpose);
        var rule = Rule("""{"measure":{"event":"film.rated","of":"daysSince"},"is":">=","value":30}""");

        Assert.Equal(new Evaluation(false, Given.Now.AddDays(28.5)), rule.Evaluate(seen, Given.Now));
        Assert.True(rule.HoldsAt(seen, Given.Now.AddDays(28.5)));
    }

    [Fact]
    public void What_has_no_value_compares_to_nothing()
    {
        var seen = Observations.Of([], Gate(), Purpose);

        Assert.False(Rule("""{"measure":{"event":"film.rated","of":"last","field":"x"},"is":"!=","value":1}""").HoldsAt(seen, Given.Now));
        Assert.True(Rule("""{"not":{"measure":{"event":"film.rated","of":"last","field":"x"},"is":"=","value":1}}""").HoldsAt(seen, Given.Now));
    }

    [Fact]
    public void Only_what_the_purpose_may_use_of_what_the_person_permits_for_it_is_seen()
    {
        ProfileDatum[] data =
        [
            Datum("a", "film.rated", Given.Now.AddDays(-2), Given.Now.AddDays(1), [new ProfileField("x", JsonElement.Parse("1"), "viewing", ["recommendations"])]),
            Datum("b", "film.rated", Given.Now.AddDays(-2), Given.Now.AddDays(1), [new ProfileField("x", JsonElement.Parse("2"), "place", [Purpose])]),
            Datum("c", "film.rated", Given.Now.AddDays(-20), Given.Now.AddDays(1), [new ProfileField("x", JsonElement.Parse("3"), "viewing", [Purpose])]),
            Datum("d", "film.rated", Given.Now.AddDays(-2), Given.Now.AddDays(1), [new ProfileField("x", JsonElement.Parse("4"), "viewing", [Purpose])]) with { Epoch = 1 },
            Datum("e", "film.rated", Given.Now.AddDays(-2), Given.Now, [new ProfileField("x", JsonElement.Parse("5"), "viewing", [Purpose])]),
            Datum("f", "film.rated", Given.Now.AddDays(-2), Given.Now.AddDays(1), [new ProfileField("x", JsonElement.Parse("6"), "viewing", [Purpose])]),
        ];
        var gate = Given.Gate(Given.Grant(Purpose, "viewing", Given.Now.AddDays(-12)), Given.Grant("recommendations", "place", Given.Now.AddDays(-12)));
        var measure = new Measure("film.rated", MeasureOf.Distinct, "x");

        Assert.Equal([Scalar.Of(6)], measure.NewestAt(Observations.Of(data, gate, Purpose), 10, Given.Now));
        Assert.Empty(measure.NewestAt(Observations.Of(data, SubjectGate.Closed("s1_person"), Purpose), 10, Given.Now));
    }

    [Fact]
    public void A_moment_is_the_same_however_it_is_written()
    {
        Assert.Equal(Scalar.Of("2026-03-01T12:00:00+03:00"), Scalar.Of("2026-03-01T09:00:00Z"));
        Assert.True(Scalar.Of("2026-03-01T12:00:00+03:00").CompareTo(Scalar.Of("2026-03-01T10:00:00Z")) < 0);
        Assert.NotEqual(Scalar.Of(JsonElement.Parse("9007199254740993")), Scalar.Of(JsonElement.Parse("9007199254740992")));
        Assert.Equal("[9007199254740993,1.5,true,\"a\"]", JsonSerializer.Serialize(JsonSerializer.Deserialize<Scalar[]>("[9007199254740993,1.5,true,\"a\"]", Json.Options), Json.Options));
    }

    private static Rule Rule(string json) => JsonSerializer.Deserialize<Rule>(json, Json.Options)!;

    private static SubjectGate Gate() => Given.Gate(Given.Grant(Purpose, "viewing", Given.Now.AddDays(-12)), Given.Grant(Purpose, "opinion", Given.Now.AddDays(-12)));

    private static ProfileField Field(string name, object value) => new(name, JsonSerializer.SerializeToElement(value), "viewing", [Purpose]);

    private static ProfileDatum Rated(string id, int x, string y, double daysAgo) => Datum(id, "film.rated", Given.Now.AddDays(-daysAgo), Given.Now.AddDays(300), [Field("x", x), Field("y", y)]);

    private static ProfileDatum Datum(string id, string type, DateTimeOffset time, DateTimeOffset expires, IReadOnlyList<ProfileField> fields) => new()
    {
        SubjectRef = "s1_person",
        Epoch = 2,
        ConsentVersion = 3,
        EventType = type,
        Source = "/cinema",
        EventId = id,
        Fields = fields,
        Time = time,
        ReceivedAt = Given.Now,
        ExpiresAt = expires,
    };
}
