using CsCheck;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

/// <summary>P5: a field is stored if and only if it is declared for a purpose that the person allowed for its category when it happened, and a rule says how long.</summary>
public sealed class MinimalStorageTests
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly string[] Purposes = ["ads", "recommendations", "research"];
    private static readonly string[] Categories = ["opinion", "place", "viewing"];

    // Around each other, so that every order of grant, event, end and now comes up.
    private static readonly Gen<DateTimeOffset> Moments = Gen.Int[-4, 4].Select(minutes => Given.Now.AddMinutes(minutes));

    private static readonly Gen<Dictionary<string, FieldDeclaration>> Declarations =
        from names in Gen.Shuffle(Names, 0, Names.Length)
        from fields in Gen.Select(Gen.OneOf(Categories), Gen.Shuffle(Purposes, 1, Purposes.Length)).Array[names.Length]
        select names.Zip(fields).ToDictionary(pair => pair.First, pair => Given.Field(FieldType.Integer, pair.Second.Item1, pair.Second.Item2));

    private static readonly Gen<Grant[]> Grants =
        Gen.Select(Gen.OneOf(Purposes), Gen.OneOf(Categories), Moments, Moments.Nullable())
            .Select((purpose, category, at, until) => new Grant(purpose, category, at, until)).Array[0, 9]
            .Select(grants => grants.DistinctBy(grant => (grant.Purpose, grant.Category)).ToArray());

    private static readonly Gen<RetentionRule[]> Rules =
        Gen.Select(Gen.OneOf(Purposes), Gen.OneOf(Categories), Gen.Int[1, 400])
            .Select((purpose, category, days) => new RetentionRule { Purpose = purpose, Category = category, KeepDays = days }).Array[0, 9]
            .Select(rules => rules.DistinctBy(rule => (rule.Purpose, rule.Category)).ToArray());

    [Fact]
    public void A_field_is_stored_exactly_if_something_justifies_it_and_for_exactly_that()
    {
        var (accepted, refused, dropped) = (0, 0, 0);
        Gen.Select(Declarations, Grants, Rules, Gen.Shuffle(Names, 0, Names.Length), Moments).Sample(
            (declared, grants, rules, sent, time) =>
            {
                var decision = EventDecision.Of(
                    Given.Event(sent.ToDictionary(name => name, _ => 1), time), Given.Type(null, [.. declared.Select(pair => (pair.Key, pair.Value))]),
                    Given.Gate(grants), new RetentionRules { Version = 1, Rules = rules }, Given.Now);

                // Said again in other words than the code's: every triple that could justify a field, one by one.
                var justified = (
                    from name in sent
                    where declared.ContainsKey(name)
                    from purpose in declared[name].Purposes
                    from grant in grants
                    where grant.Purpose == purpose && grant.Category == declared[name].Category && grant.GrantedAt <= time && (grant.ValidUntil is null || grant.ValidUntil > Given.Now)
                    from rule in rules
                    where rule.Purpose == purpose && rule.Category == declared[name].Category
                    select (Name: name, Purpose: purpose, rule.KeepDays)).ToArray();

                var stored = decision.Datum?.Fields.SelectMany(field => field.Purposes.Select(purpose => (field.Name, purpose))).ToArray() ?? [];
                Assert.Equal(justified.Select(triple => (triple.Name, triple.Purpose)).Order(), stored.Order());
                Assert.Equal(justified.Length > 0 ? EventOutcome.Accepted : EventOutcome.Refused, decision.Outcome);
                if (decision.Datum is { } datum)
                {
                    Assert.Equal(Given.Now.AddDays(justified.Min(triple => triple.KeepDays)), datum.ExpiresAt);
                    Assert.Equal(sent.Except(justified.Select(triple => triple.Name)).Order(), decision.Dropped.Select(field => field.Field).Order());
                    Assert.All(datum.Fields, field => Assert.Equal(declared[field.Name].Category, field.Category));
                    Interlocked.Increment(ref accepted);
                    if (decision.Dropped.Count > 0) Interlocked.Increment(ref dropped);
                }
                else
                {
                    Assert.NotNull(decision.Reason);
                    Interlocked.Increment(ref refused);
                }
            },
            iter: 20_000);

        // All three happen often, or the property would be about something else.
        Assert.All([accepted, refused, dropped], count => Assert.InRange(count, 500, 20_000));
    }

    [Fact]
    public void What_is_used_later_was_justified_when_stored_and_is_still_permitted()
    {
        Gen.Select(Declarations, Grants, Rules, Grants, Moments).Sample(
            (declared, grants, rules, laterGrants, time) =>
            {
                var datum = EventDecision.Of(
                    Given.Event(Names.ToDictionary(name => name, _ => 1), time), Given.Type(null, [.. declared.Select(pair => (pair.Key, pair.Value))]),
                    Given.Gate(grants), new RetentionRules { Version = 1, Rules = rules }, Given.Now).Datum;
                if (datum is null) return;
                var later = Given.Now.AddMinutes(2);
                var before = datum.Fields.SelectMany(field => field.Purposes.Select(purpose => (field.Name, purpose))).ToArray();

                var usable = datum.PermittedBy(Given.Gate(laterGrants), later)?.Fields ?? [];

                var expected = before.Where(pair => laterGrants.Any(grant =>
                    grant.Purpose == pair.purpose && grant.Category == declared[pair.Name].Category && grant.GrantedAt <= time && (grant.ValidUntil is null || grant.ValidUntil > later)));
                Assert.Equal(expected.Order(), usable.SelectMany(field => field.Purposes.Select(purpose => (field.Name, purpose))).Order());
            },
            iter: 20_000);
    }
}
