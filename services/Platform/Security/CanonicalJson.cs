using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Personalization.Platform.Security;

/// <summary>The one byte form of a value that signatures and hashes cover: <see cref="Json.Options"/>, members sorted ordinally, no whitespace.</summary>
public static class CanonicalJson
{
    /// <summary>The UTF-8 bytes of the value, by its runtime type.</summary>
    /// <param name="value">Something that is an object in JSON.</param>
    /// <param name="without">Names of its members to leave out; members of its members are kept.</param>
    public static byte[] Of(object value, params ReadOnlySpan<string> without)
    {
        var members = JsonSerializer.SerializeToNode(value, value.GetType(), Json.Options)!.AsObject();
        foreach (var name in without) members.Remove(name);
        return Encoding.UTF8.GetBytes(Sorted(members)!.ToJsonString(Json.Options));
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, Sorted(member.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
