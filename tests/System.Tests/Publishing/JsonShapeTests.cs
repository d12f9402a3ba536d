using System.Text.Json.Nodes;
using Xunit;

namespace Personalization.System.Tests.Publishing;

public sealed class JsonShapeTests
{
    [Fact]
    public void A_message_of_another_shape_would_be_noticed()
    {
        var document = JsonNode.Parse("""
            {"schemas":{"A":{
              "type":"object",
              "properties":{"n":{"type":"integer"},"score":{"type":"number"},"word":{"type":"string","enum":["x"]},"many":{"type":"array","items":{"type":"string"}}},
              "required":["n","word"]}}}
            """)!;
        var schema = JsonNode.Parse("""{"properties":{"message":{"$ref":"#/schemas/A"},"messageType":{"contains":{"const":"urn:a"}}}}""")!;

        Assert.Empty(JsonShape.Differences(document, schema, JsonNode.Parse("""{"messageType":["urn:a"],"host":{},"message":{"n":1,"score":4,"word":"x","many":["a"]}}""")));
        Assert.Equal(
            [
                "$.messageType: without urn:a",
                "$.message.word: missing",
                "$.message.n: string instead of integer",
                "$.message.many[0]: integer instead of string",
                "$.message.other: not described",
            ],
            JsonShape.Differences(document, schema, JsonNode.Parse("""{"messageType":["urn:b"],"message":{"n":"1","many":[1],"other":true}}""")));
    }
}
