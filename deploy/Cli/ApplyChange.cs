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
/// <param name="Members">The members that differ.</param>
/// <param name="Body">What to PUT.</param>
internal sealed record ApplyChange(ChangeKind Kind, string What, string Id, IReadOnlyList<string> Members, JsonNode Body)
{
    /// <summary>Compares what is declared with what is there; the server may know more of a thing than is declared.</summary>
    public static ApplyChange Of(string what, string id, JsonObject declared, JsonNode? actual)
    {
        if (actual is null) return new ApplyChange(ChangeKind.Added, what, id, [], declared);
        var differing = declared.Where(member => !Covers(actual[member.Key], member.Value)).Select(member => member.Key).ToArray();
        return new ApplyChange(differing.Length == 0 ? ChangeKind.Same : ChangeKind.Changed, what, id, differing, declared);
    }

    /// <summary>
    /// Whether everything declared is there. The order of lists does not matter, neither does what the server adds to an object of its own;
    /// a list, or an object that is a map of named things, has to have exactly what is declared.
    /// </summary>
    internal static bool Covers(JsonNode? actual, JsonNode? declared) => declared switch
    {
        null => actual is null,
        JsonArray items => actual is JsonArray others && items.Count == others.Count && items.All(item => others.Any(other => Covers(other, item))),
        JsonObject members when IsMap(members) => actual is JsonObject others && members.Count == others.Count && members.All(member => Covers(others[member.Key], member.Value)),
        JsonObject members => actual is JsonObject others && members.All(member => Covers(others[member.Key], member.Value)),
        _ => JsonNode.DeepEquals(actual, declared),
    };

    private static bool IsMap(JsonObject members) => members.Count > 0 && members.All(member => member.Value is JsonObject);
}
