using System.Text.Json.Nodes;

namespace Personalization.Cli;

internal enum ChangeKind
{
    Same,
    Added,
    Changed,
    Removed,
}

/// <summary>A declared thing beside what the server has of it.</summary>
/// <param name="Kind">What applying it would do.</param>
/// <param name="What">Purpose, event type.</param>
/// <param name="Id">Its id.</param>
/// <param name="Differences">Where they differ.</param>
/// <param name="Body">What to PUT.</param>
internal sealed record ApplyChange(ChangeKind Kind, string What, string Id, IReadOnlyList<Difference> Differences, JsonNode Body)
{
    /// <summary>Compares what is declared with what is there; the server may know more of a thing than is declared.</summary>
    public static ApplyChange Of(string what, string id, JsonObject declared, JsonNode? actual)
    {
        if (actual is null) return new ApplyChange(ChangeKind.Added, what, id, [], declared);
        Difference[] differences = [.. declared.SelectMany(member => Between(actual[member.Key], member.Value, member.Key))];
        return new ApplyChange(differences.Length == 0 ? ChangeKind.Same : ChangeKind.Changed, what, id, differences, declared);
    }

    /// <summary>
    /// Whether everything declared is there. The order of a list doesn't matter, and the server may add members to an object; a list, or an
    /// object of objects (fields by name), has to have exactly what is declared, so that taking something out of the file is a change too.
    /// </summary>
    internal static bool Covers(JsonNode? actual, JsonNode? declared) => declared switch
    {
        null => actual is null,
        JsonArray items => actual is JsonArray others && items.Count == others.Count && items.All(item => others.Any(other => Covers(other, item))),
        JsonObject members when IsMap(members) => actual is JsonObject others && members.Count == others.Count && members.All(member => Covers(others[member.Key], member.Value)),
        JsonObject members => actual is JsonObject others && members.All(member => Covers(others[member.Key], member.Value)),
        _ => JsonNode.DeepEquals(actual, declared),
    };

    /// <summary>The smallest parts that differ. There are some exactly if <see cref="Covers"/> says no.</summary>
    private static IEnumerable<Difference> Between(JsonNode? actual, JsonNode? declared, string path)
    {
        if (Covers(actual, declared)) return [];
        if ((actual, declared) is (JsonObject was, JsonObject members))
        {
            var gone = IsMap(members) ? was.Where(member => !members.ContainsKey(member.Key)) : [];
            return members.SelectMany(member => Between(was[member.Key], member.Value, $"{path}.{member.Key}"))
                .Concat(gone.Select(member => new Difference($"{path}.{member.Key}", member.Value, null)));
        }

        if ((actual, declared) is (JsonArray there, JsonArray items) && there.Count == items.Count)
        {
            var without = items.Index().Where(item => !there.Any(other => Covers(other, item.Item))).ToArray();
            var left = there.Where(other => !items.Any(item => Covers(other, item))).ToArray();
            if (without.Length == 1 && left is [JsonObject one]) return Between(one, without[0].Item, $"{path}[{without[0].Index}]");
        }

        return [new Difference(path, actual, declared)];
    }

    private static bool IsMap(JsonObject members) => members.Count > 0 && members.All(member => member.Value is JsonObject);
}

/// <summary>A part that differs.</summary>
/// <param name="Path">Where in the declaration.</param>
/// <param name="Was">What the server has; null for nothing.</param>
/// <param name="Is">What is declared; null for nothing.</param>
internal sealed record Difference(string Path, JsonNode? Was, JsonNode? Is);
