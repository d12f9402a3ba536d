extern alias JsonSchema;

using System.Text.Json;
using System.Text.Json.Nodes;
using JsonSchema::Json.Schema;
using Personalization.Profile.Domain;
using Xunit;

namespace Personalization.Profile.Tests.Domain;

public sealed class EventSchemaTests
{
    private static readonly EventType Open = Given.Type(
        null,
        ("filmId", Given.Field(FieldType.String, "viewing", "recommendations")),
        ("rating", Given.Field(FieldType.Number, "opinion", "recommendations")),
        ("seats", Given.Field(FieldType.Integer, "viewing", "recommendations")),
        ("is3d", Given.Field(FieldType.Boolean, "viewing", "recommendations")),
        ("startedAt", Given.Field(FieldType.Time, "viewing", "recommendations")));

    private static readonly EventType Rated = Open with { Sources = ["/cinema"] };

    private static readonly JsonSchema::Json.Schema.JsonSchema Schema = JsonSchema::Json.Schema.JsonSchema.FromText(EventSchema.Of(Rated).ToJsonString());

    [Fact]
    public void Is_valid_by_the_meta_schema() =>
        Assert.True(MetaSchemas.Draft202012.Evaluate(JsonSerializer.SerializeToElement(EventSchema.Of(Rated))).IsValid);

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"datacontenttype":"application/json"}""", true)]
    [InlineData("""{"data":{"filmId":"f1","rating":4.5,"seats":2,"is3d":true,"startedAt":"2026-03-01T12:00:00Z"}}""", true)]
    [InlineData("""{"data":{"filmId":7}}""", false)]
    [InlineData("""{"data":{"seats":1.5}}""", false)]
    [InlineData("""{"data":{"is3d":"yes"}}""", false)]
    [InlineData("""{"data":{"startedAt":"yesterday"}}""", false)]
    [InlineData("""{"data":{"colour":"red"}}""", false)]
    [InlineData("""{"data":{}}""", false)]
    [InlineData("""{"data":[]}""", false)]
    [InlineData("""{"time":"yesterday"}""", false)]
    [InlineData("""{"subject":"dina@example.org"}""", false)]
    [InlineData("""{"source":"/shop"}""", false)]
    [InlineData("""{"specversion":"0.3"}""", false)]
    [InlineData("""{"id":""}""", false)]
    [InlineData("""{"type":"film.watched"}""", false)]
    [InlineData("""{"time":null}""", false)]
    public void Says_of_an_event_what_the_door_says(string change, bool isValid)
    {
        var json = JsonNode.Parse("""{"specversion":"1.0","id":"e1","source":"/cinema","type":"film.rated","subject":"u-1","time":"2026-03-01T12:00:00Z","data":{"filmId":"f1"}}""")!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject()) json[name] = value?.DeepClone();

        var result = Schema.Evaluate(JsonSerializer.SerializeToElement(json), new EvaluationOptions { RequireFormatValidation = true });

        Assert.Equal(isValid, result.IsValid);
    }

    [Fact]
    public void Leaves_the_source_open_where_the_type_does()
    {
        static string SourceOf(EventType type) => EventSchema.Of(type)["properties"]!["source"]!.ToJsonString();

        Assert.Contains("/cinema", SourceOf(Rated), StringComparison.Ordinal);
        Assert.DoesNotContain("enum", SourceOf(Rated with { ThirdParty = true }), StringComparison.Ordinal);
        Assert.DoesNotContain("enum", SourceOf(Open), StringComparison.Ordinal);
    }
}
