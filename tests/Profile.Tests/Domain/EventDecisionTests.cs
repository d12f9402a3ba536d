using System.Text.Json;
using Personalization.Platform.Privacy;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class EventDecisionTests
{
    private static readonly EventType Rated = Given.Type(
        new SignalDeclaration("filmId", "rating"),
        ("filmId", Given.Field(FieldType.String, "viewing", "marketing-groups", "recommendations")),
        ("rating", Given.Field(FieldType.Number, "opinion", "recommendations")));

    private static readonly RetentionRules Rules = Given.Rules(("recommendations", "viewing", 365), ("recommendations", "opinion", 90), ("marketing-groups", "viewing", 30));

    [Fact]
    public void Keeps_for_the_shortest_time_of_all_that_justifies_it()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing"), Given.Grant("recommendations", "opinion"));

        Assert.Equal(Given.Now.AddDays(365), Decide(new { filmId = "f1" }, gate).Datum!.ExpiresAt);
        Assert.Equal(Given.Now.AddDays(90), Decide(new { filmId = "f1", rating = 4 }, gate).Datum!.ExpiresAt);
        Assert.Equal(Given.Now.AddDays(30), Decide(new { filmId = "f1", rating = 4 }, gate with { Grants = [.. gate.Grants, Given.Grant("marketing-groups", "viewing")] }).Datum!.ExpiresAt);
    }

    [Fact]
    public void Takes_no_value_older_than_it_is_of_use_and_keeps_it_no_longer()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing", Given.Now.AddYears(-1)), Given.Grant("recommendations", "opinion", Given.Now.AddYears(-1)));
        var type = Rated with { Fields = new Dictionary<string, FieldDeclaration>(Rated.Fields) { ["rating"] = Rated.Fields["rating"] with { MaxAgeDays = 10 } } };
        EventDecision Of(DateTimeOffset time, object data) => EventDecision.Of(Given.Event(data, time), type, gate, Rules, Given.Now);

        var fresh = Of(Given.Now.AddDays(-4), new { filmId = "f1", rating = 4 });
        var old = Of(Given.Now.AddDays(-10), new { filmId = "f1", rating = 4 });

        Assert.Empty(fresh.Dropped);
        Assert.Equal(Given.Now.AddDays(6), fresh.Datum!.ExpiresAt);
        Assert.Equal([new DroppedField("rating", EventDecision.TooOld)], old.Dropped);
        Assert.Equal(Given.Now.AddDays(365), old.Datum!.ExpiresAt);
        Assert.Empty(Of(Given.Now.AddDays(-10).AddTicks(1), new { filmId = "f1", rating = 4 }).Dropped);
        Assert.Equal(EventDecision.TooOld, Of(Given.Now.AddDays(-11), new { rating = 4 }).Reason);
    }

    [Fact]
    public void Takes_a_third_party_only_if_the_type_says_so()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing"));
        EventDecision From(string source, EventType type) => EventDecision.Of(Given.Event(new { filmId = "f1" }) with { Source = source }, type, gate, Rules, Given.Now);
        var listed = Rated with { Sources = ["/cinema", "/shop"] };

        Assert.Equal(EventOutcome.Accepted, From("/shop", listed).Outcome);
        Assert.Equal(EventDecision.ThirdPartySource, From("/shop/", listed).Reason);
        Assert.Equal(EventDecision.ThirdPartySource, From("https://broker.example/feed", listed).Reason);
        Assert.Equal(EventOutcome.Accepted, From("https://broker.example/feed", listed with { ThirdParty = true }).Outcome);
        Assert.Equal(EventOutcome.Accepted, From("/anybody", Rated).Outcome);
    }

    [Fact]
    public void Searches_what_people_write_for_direct_identifiers()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing"));
        var type = Rated with { Fields = new Dictionary<string, FieldDeclaration>(Rated.Fields) { ["note"] = Given.Field(FieldType.String, "viewing", "recommendations") with { FreeText = true } } };
        EventDecision Of(object data) => EventDecision.Of(Given.Event(data), type, gate, Rules, Given.Now);

        Assert.Equal([new DroppedField("note", EventDecision.DirectIdentifier)], Of(new { filmId = "f1", note = "call +7 916 123-45-67" }).Dropped);
        Assert.Equal(EventDecision.DirectIdentifier, Of(new { note = "dina@example.org" }).Reason);
        Assert.Empty(Of(new { filmId = "f1", note = "liked it" }).Dropped);

        // A field that people don't write is what it is declared to be.
        Assert.Empty(Of(new { filmId = "4111111111111111" }).Dropped);
    }

    [Fact]
    public void Names_each_field_of_an_event_that_has_nothing_left()
    {
        var decision = Decide(new { filmId = 7, rating = 4, colour = "red" }, Given.Gate(Given.Grant("recommendations", "viewing")));

        Assert.Equal((EventOutcome.Refused, EventDecision.NoConsent), (decision.Outcome, decision.Reason));
        Assert.Equal([("filmId", "wrong-type"), ("rating", "no-consent"), ("colour", "not-declared")], decision.Dropped.Select(field => (field.Field, field.Reason)));
    }

    [Fact]
    public void Counts_the_time_to_keep_from_receipt_and_not_from_what_the_publisher_says()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing", Given.Now.AddYears(-1)));

        var datum = EventDecision.Of(Given.Event(new { filmId = "f1" }, Given.Now.AddMonths(-6)), Rated, gate, Rules, Given.Now).Datum!;

        Assert.Equal((Given.Now.AddMonths(-6), Given.Now, Given.Now.AddDays(365)), (datum.Time, datum.ReceivedAt, datum.ExpiresAt));
    }

    [Fact]
    public void Stores_under_the_epoch_and_version_it_was_decided_on()
    {
        var datum = Decide(new { filmId = "f1" }, Given.Gate(Given.Grant("recommendations", "viewing"))).Datum!;

        Assert.Equal((2, 3L, new("s1_person", 2)), (datum.Epoch, datum.ConsentVersion, datum.DataKey));
    }

    [Theory]
    [InlineData(FieldType.String, "\"a\"", true)]
    [InlineData(FieldType.String, "1", false)]
    [InlineData(FieldType.Number, "1.5", true)]
    [InlineData(FieldType.Number, "\"1.5\"", false)]
    [InlineData(FieldType.Number, "1e999", false)]
    [InlineData(FieldType.Integer, "9223372036854775807", true)]
    [InlineData(FieldType.Integer, "9223372036854775808", false)]
    [InlineData(FieldType.Integer, "1.5", false)]
    [InlineData(FieldType.Boolean, "false", true)]
    [InlineData(FieldType.Boolean, "0", false)]
    [InlineData(FieldType.Time, "\"2026-03-01T12:00:00+03:00\"", true)]
    [InlineData(FieldType.Time, "\"2026-03-01T12:00:00\"", false)]
    [InlineData(FieldType.Time, "\"2026-03-01\"", false)]
    [InlineData(FieldType.String, "{\"a\":1}", false)]
    [InlineData(FieldType.String, "[\"a\"]", false)]
    public void Keeps_only_values_of_the_declared_type(FieldType type, string json, bool isKept)
    {
        var decision = EventDecision.Of(
            Given.Event(new { value = JsonElement.Parse(json) }), Given.Type(null, ("value", Given.Field(type, "viewing", "recommendations"))),
            Given.Gate(Given.Grant("recommendations", "viewing")), Rules, Given.Now);

        Assert.Equal(isKept ? null : "wrong-type", decision.Reason);
    }

    [Fact]
    public void Takes_the_first_of_a_member_that_stands_there_twice()
    {
        var twice = Given.Event(new { }) with { Data = JsonElement.Parse("""{"filmId":"first","filmId":"second"}""") };

        var datum = EventDecision.Of(twice, Rated, Given.Gate(Given.Grant("recommendations", "viewing")), Rules, Given.Now).Datum!;

        Assert.Equal("first", Assert.Single(datum.Fields).Value.GetString());
    }

    [Fact]
    public void Says_the_most_telling_of_several_reasons()
    {
        Assert.Equal("no-consent", Decide(new { filmId = 7, rating = 4, colour = "red" }, Given.Gate(Given.Grant("analytics", "device"))).Reason);
        Assert.Equal("before-consent", Decide(new { filmId = "f1", rating = 4 }, Given.Gate(Given.Grant("recommendations", "viewing", Given.Now.AddTicks(1)))).Reason);
        Assert.Equal("no-retention-rule", EventDecision.Of(
            Given.Event(new { filmId = "f1", colour = "red" }), Rated, Given.Gate(Given.Grant("recommendations", "viewing")), RetentionRules.None, Given.Now).Reason);
    }

    [Fact]
    public void Repeats_of_an_event_say_what_is_not_kept_of_it_now()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing"));
        var first = Decide(new { filmId = "f1", rating = 4, colour = "red" }, gate);

        var same = Decide(new { filmId = "f1", rating = 4, colour = "red" }, gate).AsDuplicateOf(first.Datum!);
        var wider = Decide(new { filmId = "f1", rating = 4, colour = "red" }, gate with { Grants = [.. gate.Grants, Given.Grant("recommendations", "opinion")] }).AsDuplicateOf(first.Datum!);

        Assert.Equal((EventOutcome.Duplicate, null), (same.Outcome, same.Datum));
        Assert.Equal(first.Dropped, same.Dropped);
        Assert.Equal([new DroppedField("colour", "not-declared"), new DroppedField("rating", "stored-before")], wider.Dropped);
    }

    [Fact]
    public void Tells_no_signal_without_the_item()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "opinion"));

        Assert.Null(EventDecision.SignalOf(Decide(new { filmId = "f1", rating = 4 }, gate).Datum!, Rated));
        Assert.Null(EventDecision.SignalOf(Decide(new { rating = 4 }, gate).Datum!, Rated with { Signal = null }));
    }

    [Fact]
    public void Says_for_which_of_the_items_purposes_the_value_is_declared()
    {
        var gate = Given.Gate(Given.Grant("recommendations", "viewing"), Given.Grant("recommendations", "opinion"), Given.Grant("marketing-groups", "viewing"));

        var both = EventDecision.SignalOf(Decide(new { filmId = "f1", rating = 4 }, gate).Datum!, Rated)!;
        var other = EventDecision.SignalOf(
            Decide(new { filmId = "f1", rating = 4 }, gate with { Grants = [Given.Grant("recommendations", "opinion"), Given.Grant("marketing-groups", "viewing")] }).Datum!, Rated)!;

        Assert.Equal(["marketing-groups", "recommendations"], both.Purposes);
        Assert.Equal((4d, "opinion"), (both.Value, both.ValueCategory));
        Assert.Equal(["recommendations"], both.ValuePurposes);
        Assert.Equal(["marketing-groups"], other.Purposes);
        Assert.Equal((null, null, null), (other.Value, other.ValueCategory, other.ValuePurposes));
    }

    [Fact]
    public void Names_an_item_by_its_number_too()
    {
        var type = Given.Type(new SignalDeclaration("filmId"), ("filmId", Given.Field(FieldType.Integer, "viewing", "recommendations")));
        var datum = EventDecision.Of(Given.Event(new { filmId = 42 }), type, Given.Gate(Given.Grant("recommendations", "viewing")), Rules, Given.Now).Datum!;

        Assert.Equal("42", EventDecision.SignalOf(datum, type)!.ItemId);
    }

    private static EventDecision Decide(object data, SubjectGate gate) => EventDecision.Of(Given.Event(data), Rated, gate, Rules, Given.Now);
}
