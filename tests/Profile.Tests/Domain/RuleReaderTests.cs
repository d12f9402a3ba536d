using System.Text.Json;
using Personalization.Platform;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

/// <summary>What a rule has to be, said all at once.</summary>
public sealed class RuleReaderTests
{
    private static readonly Dictionary<string, EventType> Types = new()
    {
        ["film.rated"] = Given.Type(
            null,
            ("filmId", Given.Field(FieldType.String, "viewing", "ads", "research")),
            ("rating", Given.Field(FieldType.Number, "opinion", "ads")),
            ("seenAt", Given.Field(FieldType.Time, "viewing", "ads")),
            ("home", Given.Field(FieldType.Boolean, "place", "ads")),
            ("device", Given.Field(FieldType.String, "technical", "research")),
            ("belief", Given.Field(FieldType.String, "belief", "ads", "research") with { Classification = Classification.Sensitive, GroupingPurposes = ["research"] })),
    };

    [Theory]
    [InlineData("""{"measure":{"event":"film.rated","of":"count"},"is":">=","value":3}""")]
    [InlineData("""{"measure":{"event":"film.rated","of":"max","field":"seenAt","within":"PT12H"},"is":"<","value":"2026-03-01T12:00:00.0000000Z"}""")]
    [InlineData("""{"all":[{"any":[{"not":{"measure":{"event":"film.rated","of":"last","field":"filmId","where":[{"field":"home","is":"=","value":true}]},"is":"in","value":["a","b"]}}]}]}""")]
    [InlineData("""{"measure":{"event":"film.rated","of":"average","field":"rating","within":"P30D","where":[{"field":"rating","is":">","value":2.5}]},"is":"!=","value":3}""")]
    public void A_rule_that_is_right_is_read_as_it_was_written(string json)
    {
        var reader = new RuleReader("ads", Types);

        var rule = reader.ReadRule(JsonElement.Parse(json), "rule");

        Assert.Empty(reader.Errors);
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonSerializer.SerializeToElement(rule, Json.Options)));
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(json), JsonSerializer.SerializeToElement(JsonSerializer.Deserialize<Rule>(json, Json.Options), Json.Options)));
        Assert.True(new UsableFields("ads", Types).Permit(rule!));
    }

    [Theory]
    [InlineData("[]", "rule")]
    [InlineData("{}", "rule")]
    [InlineData("""{"all":[],"any":[]}""", "rule")]
    [InlineData("""{"all":[]}""", "rule.all")]
    [InlineData("""{"any":[1]}""", "rule.any[0]")]
    [InlineData("""{"not":{"measure":{},"is":"~"}}""", "rule.not.measure.event", "rule.not.measure.of", "rule.not.is", "rule.not.value")]
    [InlineData("""{"measure":{"event":"film.sold","of":"count"},"is":">","value":1}""", "rule.measure.event")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count","field":"rating"},"is":">","value":1}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"sum"},"is":">","value":1}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"sum","field":"filmId"},"is":">","value":1}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"max","field":"filmId"},"is":"=","value":"a"}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"last","field":"nothing"},"is":"=","value":"a"}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"last","field":"device"},"is":"=","value":"a"}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"last","field":"belief"},"is":"=","value":"a"}""", "rule.measure.field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count","where":[{"field":"belief","is":"=","value":"a"}]},"is":"=","value":1}""", "rule.measure.where[0].field")]
    [InlineData("""{"measure":{"event":"film.rated","of":"last","field":"filmId"},"is":"<","value":"a"}""", "rule.is")]
    [InlineData("""{"measure":{"event":"film.rated","of":"last","field":"filmId"},"is":"=","value":1}""", "rule.value")]
    [InlineData("""{"measure":{"event":"film.rated","of":"last","field":"seenAt"},"is":"=","value":"yesterday"}""", "rule.value")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count"},"is":"in","value":1}""", "rule.value")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count"},"is":"=","value":[1]}""", "rule.value")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count"},"is":"=","value":{}}""", "rule.value")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count","within":"P1M","since":1},"is":"=","value":1,"weight":2}""", "rule.weight", "rule.measure.since", "rule.measure.within")]
    [InlineData("""{"measure":{"event":"film.rated","of":"count","within":"P0D"},"is":"=","value":1}""", "rule.measure.within")]
    [InlineData("""{"not":{"not":{"not":{"not":{"not":{"measure":{"event":"film.rated","of":"count"},"is":"=","value":1}}}}}}""", "rule.not.not.not.not")]
    [InlineData(
        """{"all":[{"measure":{"event":"x","of":"count"},"is":"=","value":1},{"measure":{"event":"film.rated","of":"count","where":[{"field":"home","is":">","value":1},{}]},"is":"=","value":"a"}]}""",
        "rule.all[0].measure.event", "rule.all[1].measure.where[1].field", "rule.all[1].measure.where[1].is", "rule.all[1].measure.where[1].value")]
    public void What_is_wrong_with_a_rule_is_said_with_its_place(string json, params string[] paths)
    {
        var reader = new RuleReader("ads", Types);

        reader.ReadRule(JsonElement.Parse(json), "rule");

        Assert.Equal(paths.Order(StringComparer.Ordinal), reader.Errors.Select(error => error.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void No_rule_has_more_comparisons_than_an_evaluation_may_take()
    {
        var leaf = """{"measure":{"event":"film.rated","of":"count"},"is":"=","value":1}""";
        var reader = new RuleReader("ads", Types);

        reader.ReadRule(JsonElement.Parse($$"""{"all":[{"any":[{{string.Join(',', Enumerable.Repeat(leaf, 50))}}]},{{leaf}}]}"""), "rule");

        Assert.Equal("rule.all[1]", Assert.Single(reader.Errors).Path);
    }

    [Fact]
    public void A_sensitive_field_is_for_the_purposes_only_that_its_declaration_names_once_more()
    {
        var rule = """{"measure":{"event":"film.rated","of":"last","field":"belief"},"is":"=","value":"a"}""";
        var reader = new RuleReader("research", Types);

        var read = reader.ReadRule(JsonElement.Parse(rule), "rule")!;

        Assert.Empty(reader.Errors);
        Assert.True(new UsableFields("research", Types).Permit(read));
        Assert.False(new UsableFields("ads", Types).Permit(read));
    }

    [Fact]
    public void A_rule_is_not_evaluated_any_more_when_the_event_types_do_not_bear_it()
    {
        var rule = new RuleReader("ads", Types).ReadRule(JsonElement.Parse("""{"not":{"measure":{"event":"film.rated","of":"last","field":"rating"},"is":">","value":3}}"""), "rule")!;
        var fields = Types["film.rated"].Fields;
        Dictionary<string, EventType> Changed(FieldDeclaration rating) => new() { ["film.rated"] = Types["film.rated"] with { Fields = new Dictionary<string, FieldDeclaration>(fields) { ["rating"] = rating } } };

        Assert.True(new UsableFields("ads", Types).Permit(rule));
        Assert.False(new UsableFields("ads", new Dictionary<string, EventType>()).Permit(rule));
        Assert.False(new UsableFields("ads", Changed(fields["rating"] with { Purposes = ["research"] })).Permit(rule));
        Assert.False(new UsableFields("ads", Changed(fields["rating"] with { Classification = Classification.Sensitive })).Permit(rule));
        Assert.False(new UsableFields("ads", Changed(fields["rating"] with { Type = FieldType.String })).Permit(rule));
    }
}
