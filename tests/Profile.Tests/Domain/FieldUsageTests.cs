using System.Text.Json;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class FieldUsageTests
{
    private const string Purpose = "marketing-groups";
    private const int Days = 90;
    private static readonly DateOnly First = new(2026, 3, 1);
    private static readonly EventType Rated = Given.Type(
        new SignalDeclaration("filmId"),
        ("filmId", Given.Field(FieldType.String, "viewing", "recommendations", Purpose)), ("rating", Given.Field(FieldType.Number, "opinion", "recommendations")),
        ("device", Given.Field(FieldType.String, "technical", "analytics")));

    private static readonly Dictionary<string, EventType> Types = new() { [Rated.Type] = Rated };
    private static readonly FieldUsage Declared = new FieldUsage { Type = Rated.Type }.Declare(null, Rated, First);

    [Fact]
    public void A_field_is_unused_once_nothing_used_it_nor_was_it_declared_for_so_many_days()
    {
        Assert.Empty(Unused(Declared, Days - 1));
        Assert.Equal(["device", "filmId", "rating"], Unused(Declared, Days));

        var used = Declared.Use(["device"], new FieldUse(UseKind.Staff, "analytics", First.AddDays(30), "analytics"));
        Assert.Equal(["filmId", "rating"], Unused(used, Days));
        Assert.Equal(["device", "filmId", "rating"], Unused(used, Days + 30));
    }

    [Fact]
    public void A_field_declared_anew_or_for_a_further_purpose_counts_from_that_day()
    {
        var wider = Rated with
        {
            Fields = Rated.Fields.Append(KeyValuePair.Create("seat", Given.Field(FieldType.String, "viewing", "analytics")))
                .ToDictionary(field => field.Key, field => field.Key == "device" ? field.Value with { Purposes = ["analytics", "research"] } : field.Value),
        };
        var narrower = Rated with { Fields = Rated.Fields.ToDictionary(field => field.Key, field => field.Value with { Purposes = [field.Value.Purposes[0]] }) };

        var used = Declared.Use(["device"], new FieldUse(UseKind.Staff, "analytics", First, "analytics"));

        Assert.Equal(["filmId", "rating"], Unused(Declared.Declare(Rated, wider, First.AddDays(80)), Days, wider));
        Assert.Equal(["filmId", "rating"], Unused(used.Declare(Rated, wider, First.AddDays(80)), Days, wider));
        Assert.Equal(["device", "filmId", "rating", "seat"], Unused(Declared.Declare(Rated, wider, First.AddDays(80)), Days + 80, wider));
        Assert.Equal(["device", "filmId", "rating"], Unused(Declared.Declare(Rated, narrower, First.AddDays(80)), Days, narrower));
    }

    [Fact]
    public void Nothing_is_known_to_be_unused_while_nobody_looked_at_what_is_declared()
    {
        var today = First.AddDays(Days);

        Assert.Empty((Declared with { MeteredOn = today.AddDays(-2) }).UnusedOf(Rated, today, Days));
        Assert.NotEmpty((Declared with { MeteredOn = today.AddDays(-1) }).UnusedOf(Rated, today, Days));
    }

    [Fact]
    public void Segments_traits_and_signals_that_are_declared_use_the_fields_they_take()
    {
        Segment[] segments = [SegmentOf("counting", new Measure("film.rated", MeasureOf.Count)), SegmentOf("of-another-type", new Measure("film.seen", MeasureOf.Count))];
        Trait[] traits = [TraitOf("mean", "recommendations", new Measure("film.rated", MeasureOf.Average, "rating"))];

        var metered = Declared.Meter(Types, segments, traits, "recommendations", First);

        // Whoever only counts events takes all that its purpose may know them by.
        Assert.Equal(["Segment counting", "Model recommender"], UsersOf(metered, "filmId"));
        Assert.Equal(["Trait mean"], UsersOf(metered, "rating"));
        Assert.Empty(UsersOf(metered, "device"));
        Assert.Equal(First, metered.MeteredOn);
    }

    [Fact]
    public void A_rule_that_is_not_borne_any_more_uses_nothing()
    {
        var metered = Declared.Meter(
            Types, [SegmentOf("foreign", new Measure("film.rated", MeasureOf.Last, "rating"))], [TraitOf("foreign", Purpose, new Measure("film.rated", MeasureOf.Max, "rating"))], "analytics", First);

        Assert.Empty(UsersOf(metered, "rating"));
    }

    [Fact]
    public void A_use_is_kept_once_by_its_last_day_and_a_day_noted_twice_changes_nothing()
    {
        var use = new FieldUse(UseKind.Preview, Purpose, First, Purpose);
        var noted = Declared.Use(["filmId", "filmId"], use);

        Assert.Same(noted, noted.Use(["filmId"], use));
        Assert.Same(noted, noted.Use(["filmId"], use with { On = First.AddDays(-1) }));
        Assert.Equal(First.AddDays(1), Assert.Single(noted.Use(["filmId"], use with { On = First.AddDays(1) }).Fields["filmId"].Uses).On);
    }

    [Fact]
    public void A_value_was_used_by_what_came_no_earlier_and_for_the_purposes_it_is_kept_for()
    {
        var usage = Declared
            .Use(["filmId"], new FieldUse(UseKind.Segment, "often", First.AddDays(5), Purpose))
            .Use(["filmId"], new FieldUse(UseKind.Trait, "last-film", First.AddDays(3), "recommendations"))
            .Use(["filmId"], new FieldUse(UseKind.Model, FieldUsage.Recommender, First.AddDays(4), "recommendations"));

        Assert.Equal(["Model 30", "Segment 5", "Trait 3"], Uses(First.AddDays(3), Purpose, "recommendations"));
        Assert.Equal(["Model 30", "Trait 3"], Uses(First.AddDays(3), "recommendations"));
        Assert.Equal(["Model 30", "Segment 5"], Uses(First.AddDays(4), Purpose, "recommendations"));
        Assert.Equal(["Segment 5"], Uses(First.AddDays(4), Purpose));
        Assert.Empty(Uses(First.AddDays(6), Purpose, "recommendations"));

        IEnumerable<string> Uses(DateOnly receivedOn, params string[] purposes) =>
            usage.UsesOf(new ProfileField("filmId", JsonSerializer.SerializeToElement("f1"), "viewing", purposes), receivedOn, First.AddDays(30))
                .Select(use => $"{use.Kind} {use.On.DayNumber - First.DayNumber}");
    }

    [Fact]
    public void An_unused_field_is_dropped_and_an_event_of_nothing_else_refused()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing"), Given.Grant("recommendations", "opinion"));
        var rules = Given.Rules(("recommendations", "viewing", 30), ("recommendations", "opinion", 30));

        var some = EventDecision.Of(Given.Event(new { filmId = "f1", rating = 4 }), Rated, gate, rules, Given.Now, new HashSet<string> { "rating" });
        var all = EventDecision.Of(Given.Event(new { rating = 4 }), Rated, gate, rules, Given.Now, new HashSet<string> { "rating" });

        Assert.Equal([new DroppedField("rating", "unused")], some.Dropped);
        Assert.Equal("filmId", Assert.Single(some.Datum!.Fields).Name);
        Assert.Equal("unused", all.Reason);
    }

    private static IEnumerable<string> Unused(FieldUsage usage, int afterDays, EventType? type = null)
    {
        var today = First.AddDays(afterDays);
        return (usage with { MeteredOn = today }).UnusedOf(type ?? Rated, today, Days).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> UsersOf(FieldUsage usage, string field) => usage.Fields[field].Uses.Select(use => $"{use.Kind} {use.Name}");

    private static Segment SegmentOf(string id, Measure measure) => new()
    {
        Id = id,
        Version = 1,
        Title = id,
        Purpose = Purpose,
        Channels = ["email"],
        Rule = new Rule(Measure: measure, Is: Comparison.AtLeast, Value: new Operand([Scalar.Of(1)], false)),
    };

    private static Trait TraitOf(string name, string purpose, Measure measure) => new() { Name = name, Description = name, Purpose = purpose, Measure = measure };
}
