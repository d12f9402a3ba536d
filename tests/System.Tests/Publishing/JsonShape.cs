using System.Text.Json;
using System.Text.Json.Nodes;

namespace Personalization.System.Tests.Publishing;

/// <summary>Compares JSON with the part of JSON Schema that contracts/asyncapi.json uses.</summary>
internal static class JsonShape
{
    /// <summary>What of the value is not as the schema says, or not said by it.</summary>
    public static IEnumerable<string> Differences(JsonNode document, JsonNode schema, JsonNode? value, string path = "$")
    {
        if ((string?)schema["$ref"] is { } reference) schema = reference[2..].Split('/').Aggregate(document, (node, name) => node[name]!);
        foreach (var part in schema["allOf"]?.AsArray() ?? [])
        {
            foreach (var difference in Differences(document, part!, value, path)) yield return difference;
        }

        // A whole number is a number too.
        if ((string?)schema["type"] is { } type && type != TypeOf(value) && (type, TypeOf(value)) != ("number", "integer")) yield return $"{path}: {TypeOf(value)} instead of {type}";
        if (schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value))) yield return $"{path}: not among the values";
        if (schema["contains"]?["const"] is { } constant && value is JsonArray all && !all.Any(one => JsonNode.DeepEquals(one, constant)))
            yield return $"{path}: without {constant}";
        if ((string?)schema["format"] == "date-time" && value is not null && !DateTimeOffset.TryParse((string?)value, out _)) yield return $"{path}: no time";
        foreach (var name in schema["required"]?.AsArray().Select(name => (string)name!) ?? [])
        {
            if (value?[name] is null) yield return $"{path}.{name}: missing";
        }

        if (schema["properties"] is JsonObject properties && value is JsonObject members)
        {
            foreach (var (name, member) in members)
            {
                if (properties[name] is { } described)
                {
                    foreach (var difference in Differences(document, described, member, $"{path}.{name}")) yield return difference;
                }
                else if (path.StartsWith("$.message", StringComparison.Ordinal))
                {
                    // The envelope may hold more than is promised of it; a contract may not.
                    yield return $"{path}.{name}: not described";
                }
            }
        }

        if (schema["items"] is { } items && value is JsonArray elements)
        {
            foreach (var (index, element) in elements.Index())
            {
                foreach (var difference in Differences(document, items, element, $"{path}[{index}]")) yield return difference;
            }
        }
    }

    private static string TypeOf(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => value.AsValue().TryGetValue<long>(out _) ? "integer" : "number",
        _ => "null",
    };
}
