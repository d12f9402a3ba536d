using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Personalization.Platform;

namespace Personalization.Conventions.Tests;

/// <summary>Documents and messages with every member, in the JSON that stores and brokers hold: made once, of the types of that day, and read ever after.</summary>
internal static class RecordedSamples
{
    // Rules hold rules.
    private const int Deepest = 6;

    /// <summary>A value of a type as JSON, with all that it can hold.</summary>
    /// <exception cref="NotSupportedException">It, or something in it, has a form of its own that is not known here.</exception>
    public static JsonNode? Of(Type type, int depth = 0)
    {
        var value = Nullable.GetUnderlyingType(type) ?? type;
        if (value.IsEnum) return JsonSerializer.SerializeToNode(Enum.GetValues(value).GetValue(0), value, Json.Options);
        var info = Json.Options.GetTypeInfo(value);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                var sample = new JsonObject();
                foreach (var property in info.Properties.Where(property => !property.IsExtensionData && IsRead(info, property)))
                {
                    if (depth < Deepest || property.IsRequired) sample[property.Name] = Of(property.PropertyType, depth + 1);
                }

                return sample;
            case JsonTypeInfoKind.Dictionary:
                return depth < Deepest ? new JsonObject { [KeyOf(info.KeyType!)] = Of(info.ElementType!, depth + 1) } : [];
            case JsonTypeInfoKind.Enumerable:
                return depth < Deepest ? new JsonArray(Of(info.ElementType!, depth + 1)) : [];
            default:
                return Scalar(value);
        }
    }

    /// <summary>What of a recorded value is not in another: members by their path, one for each that is gone or reads otherwise.</summary>
    public static IEnumerable<string> Lost(JsonNode? recorded, JsonNode? read, string path = "$") => (recorded, read) switch
    {
        (JsonObject before, JsonObject after) => before.SelectMany(member => Lost(member.Value, after[member.Key], $"{path}.{member.Key}")),
        (JsonArray before, JsonArray after) when before.Count == after.Count => before.Zip(after).SelectMany((pair, i) => Lost(pair.First, pair.Second, $"{path}[{i}]")),
        _ => JsonNode.DeepEquals(recorded, read) ? [] : [path],
    };

    /// <summary>The paths of all members, without regard to how many items a list has.</summary>
    public static IEnumerable<string> Paths(JsonNode? node, string path = "$") => node switch
    {
        JsonObject members => members.SelectMany(member => Paths(member.Value, $"{path}.{member.Key}").Prepend($"{path}.{member.Key}")),
        JsonArray items => items.SelectMany(item => Paths(item, path + "[]")).Distinct(),
        _ => [],
    };

    // What is computed is written and not read.
    private static bool IsRead(JsonTypeInfo type, JsonPropertyInfo property) => property.Get is not null && (property.Set is not null || property.AssociatedParameter is not null || type.Type.GetConstructors().Any(
        constructor => constructor.GetParameters().Any(parameter => Json.Options.PropertyNamingPolicy!.ConvertName(parameter.Name!) == property.Name)));

    private static string KeyOf(Type type) => type == typeof(string) ? "key" : (string)Of(type)!;

    private static JsonNode Scalar(Type type) => type switch
    {
        _ when type == typeof(string) => "text",
        _ when type == typeof(bool) => true,
        _ when type == typeof(int) || type == typeof(long) || type == typeof(double) => 1,
        _ when type == typeof(DateTimeOffset) => "2026-11-27T12:00:00.0000000Z",
        _ when type == typeof(DateOnly) => "2026-11-27",
        _ when type == typeof(TimeSpan) => "01:00:00",
        _ when type == typeof(Uri) => "https://example.org/",
        _ when type == typeof(Profile.Domain.Operand) => new JsonArray("text"),
        _ when type == typeof(Guid) => "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        _ when type == typeof(byte[]) || type == typeof(ReadOnlyMemory<byte>) => "AQID",
        _ when type == typeof(JsonElement) || type == typeof(JsonNode) || type == typeof(JsonObject) => new JsonObject { ["any"] = 1 },
        _ => throw new NotSupportedException($"{type} has a form of its own: give RecordedSamples one."),
    };
}
