using System.Globalization;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class DailyEventCountsTests
{
    private static readonly DateOnly Day = new(2026, 3, 1);

    [Fact]
    public void Counts_events_by_outcome_and_fields_by_reason()
    {
        var counts = Assert.Single(DailyEventCounts.Of(
            [
                Counted(EventOutcome.Accepted, null, ("colour", EventDecision.NotDeclared)),
                Counted(EventOutcome.Accepted, null, ("colour", EventDecision.NotDeclared), ("rating", EventDecision.NoConsent)),
                Counted(EventOutcome.Duplicate, null, ("colour", EventDecision.NotDeclared)),
                Counted(EventOutcome.Refused, EventDecision.NoConsent, ("rating", EventDecision.NoConsent)),
            ],
            Day));

        Assert.Equal(
            ["film.rated /cinema 2 Accepted", "film.rated /cinema 1 Duplicate", "film.rated /cinema 1 Refused no-consent", "film.rated /cinema 2 not-declared colour", "film.rated /cinema 2 no-consent rating"],
            counts.Counts.Select(Text),
            Unordered);
    }

    [Fact]
    public void Adds_up_to_the_same_in_any_grouping()
    {
        var events = Enumerable.Range(0, 30).Select(i => Counted((EventOutcome)(i % 3), i % 3 == 2 ? EventDecision.NoConsent : null, ("colour", EventDecision.NotDeclared))).ToArray();
        var whole = DailyEventCounts.Of(events, Day)[0];
        var parts = events.Chunk(7).Select(part => DailyEventCounts.Of(part, Day)[0]).Aggregate((sum, part) => sum.Add(part.Counts));

        Assert.Equal(whole.Counts.Select(Text), parts.Counts.Select(Text), Unordered);
    }

    [Fact]
    public void Names_what_a_publisher_makes_up_only_as_far_as_it_is_few()
    {
        var many = Enumerable.Range(0, 1000).Select(i => Counted(EventOutcome.Accepted, null, ($"made_up_{Letters(i)}", EventDecision.NotDeclared)) with { Source = $"/source-{Letters(i)}" });
        var unknown = Enumerable.Range(0, 1000).Select(i => new CountedEvent($"made.up.{Letters(i)}", $"/s-{Letters(i)}", EventDecision.Refuse(EventDecision.UnknownType)));

        var days = DailyEventCounts.Of(many.Concat(unknown), Day);

        Assert.Equal([DailyEventCounts.Undeclared, "film.rated"], days.Select(day => day.Key).Order(StringComparer.Ordinal));
        Assert.All(days, day => Assert.InRange(day.Counts.Select(count => count.Source).Distinct().Count(), 1, 11));
        Assert.All(days, day => Assert.InRange(day.Counts.Select(count => count.Type).Distinct().Count(), 1, 51));
        Assert.All(days, day => Assert.InRange(day.Counts.Select(count => count.Field).Distinct().Count(), 1, 22));
        Assert.Equal(2000, days.Sum(day => day.Counts.Where(count => count.Outcome is not null).Sum(count => count.Count)));
    }

    [Theory]
    [InlineData("colour", "colour")]
    [InlineData("address2", "address2")]
    [InlineData("u000001", "(other)")]
    [InlineData("dina@example.org", "(other)")]
    [InlineData("Dina Ivanova", "(other)")]
    public void Does_not_repeat_a_name_that_may_be_a_persons(string field, string told)
    {
        var day = DailyEventCounts.Of([Counted(EventOutcome.Accepted, null, (field, EventDecision.NotDeclared)) with { Source = "/dina@example.org" }], Day)[0];

        Assert.Equal(told, day.Counts.Single(count => count.Field is not null).Field);
        Assert.All(day.Counts, count => Assert.Equal("(other)", count.Source));
    }

    private static IEqualityComparer<IEnumerable<string>> Unordered { get; } = EqualityComparer<IEnumerable<string>>.Create(
        (a, b) => a!.Order(StringComparer.Ordinal).SequenceEqual(b!.Order(StringComparer.Ordinal)), _ => 0);

    private static string Text(EventCount count) => string.Join(
        ' ', new[] { count.Type, count.Source, count.Count.ToString(CultureInfo.InvariantCulture), count.Outcome?.ToString(), count.Reason, count.Field }.OfType<string>());

    private static string Letters(int number) => string.Concat(number.ToString(CultureInfo.InvariantCulture).Select(digit => (char)('a' + digit - '0')));

    private static CountedEvent Counted(EventOutcome outcome, string? reason, params (string Field, string Reason)[] dropped) =>
        new("film.rated", "/cinema", new EventDecision(outcome, reason, [.. dropped.Select(field => new DroppedField(field.Field, field.Reason))], "film.rated", null));
}
