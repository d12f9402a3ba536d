using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Personalization.Cli;

/// <summary>JSON for people: what fits stands on one line, long lists and texts are cut.</summary>
internal static class JsonText
{
    private const int MostItems = 3, LongestText = 100;

    // For a terminal, not for a page: quotes and other alphabets stay as they are.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value, broken over lines where it is wider than <paramref name="width"/>; further lines are indented.</summary>
    public static string Abbreviate(JsonNode node, int width, int indent)
    {
        var line = Inline(node);
        if (line.Length <= width || node is not (JsonObject { Count: > 0 } or JsonArray { Count: > 0 })) return line;

        var inner = new string(' ', indent + 2);
        var parts = node is JsonObject members
            ? members.Select(member => $"{Quote(member.Key)}: {Value(member.Value, width - member.Key.Length - 6)}")
            : Cut((JsonArray)node).Select(item => item is null ? "null" : Value(item, width - 2)).Concat(Rest((JsonArray)node));
        var (open, close) = node is JsonObject ? ('{', '}') : ('[', ']');
        return $"{open}\n{inner}{string.Join($",\n{inner}", parts)}\n{new string(' ', indent)}{close}";

        string Value(JsonNode? value, int left) => value is null ? "null" : Abbreviate(value, left, indent + 2);
    }

    /// <summary>The value on one line, cut off at the width.</summary>
    public static string Line(JsonNode node, int width) => Inline(node) is var line && line.Length > width ? line[..(width - 1)] + "…" : line;

    private static string Inline(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject members => members.Count == 0 ? "{}" : $"{{ {string.Join(", ", members.Select(member => $"{Quote(member.Key)}: {Inline(member.Value)}"))} }}",
        JsonArray items => $"[{string.Join(", ", Cut(items).Select(Inline).Concat(Rest(items)))}]",
        JsonValue value when value.TryGetValue<string>(out var text) => Quote(text.Length > LongestText ? text[..LongestText] + "…" : text),
        _ => node.ToJsonString(Readable),
    };

    private static IEnumerable<JsonNode?> Cut(JsonArray items) => items.Take(MostItems + 1 == items.Count ? items.Count : MostItems);

    private static IEnumerable<string> Rest(JsonArray items) => items.Count > MostItems + 1 ? [$"… {items.Count - MostItems} more"] : [];

    private static string Quote(string text) => JsonSerializer.Serialize(text, Readable);
}
