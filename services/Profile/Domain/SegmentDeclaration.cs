using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Personalization.Profile.Domain;

/// <summary>A segment as somebody wrote it: read leniently, so that everything wrong with it is said at once.</summary>
public sealed partial record SegmentDeclaration
{
    private const int LongestTitle = 200;
    private const int MostChannels = 10;

    /// <summary>If given, the same as in the path; there so that what was read can be sent back.</summary>
    public string? Id { get; init; }

    /// <summary>Not taken from a declaration.</summary>
    public int? Version { get; init; }

    /// <summary>What people call it.</summary>
    public string? Title { get; init; }

    /// <summary>The one purpose it is for.</summary>
    public string? Purpose { get; init; }

    /// <summary>Where an audience of it may be used.</summary>
    public IReadOnlyList<string?>? Channels { get; init; }

    /// <summary>Who belongs to it.</summary>
    public JsonElement? Rule { get; init; }

    /// <summary>Members that nobody knows.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>The segment in its first version, or null and what is wrong.</summary>
    /// <param name="id">From the path.</param>
    /// <param name="types">The declared event types.</param>
    /// <param name="errors">Everything wrong, with its place.</param>
    public Segment? ToSegment(string id, IReadOnlyDictionary<string, EventType> types, out IReadOnlyList<DeclarationError> errors)
    {
        var reader = new RuleReader(Purpose ?? "", types);
        var rule = Rule is { } json ? reader.ReadRule(json, "rule") : null;
        var found = new List<DeclarationError>(reader.Errors);
        void Error(string path, string message) => found.Add(new DeclarationError(path, message));

        if (!Name().IsMatch(id)) Error("id", "1 to 64 lower-case letters, digits or '-'.");
        if (Id is not null && Id != id) Error("id", "Is not the id in the path.");
        if (Title is not { Length: > 0 and <= LongestTitle }) Error("title", $"1 to {LongestTitle} characters.");
        if (Purpose is null || !Name().IsMatch(Purpose)) Error("purpose", "A purpose's id: lower-case letters, digits and '-'.");
        if (Channels is not { Count: > 0 and <= MostChannels } || !Channels.All(channel => channel is not null && Name().IsMatch(channel)))
            Error("channels", $"1 to {MostChannels} words for where an audience may be used, such as email or push.");
        if (Rule is null) Error("rule", "Who belongs to it.");
        foreach (var name in Unknown?.Keys ?? []) Error(name, "No such member.");

        errors = found;
        return found.Count > 0 ? null : new Segment
        {
            Id = id,
            Version = 1,
            Title = Title!,
            Purpose = Purpose!,
            Channels = [.. Channels!.OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            Rule = rule!,
        };
    }

    [GeneratedRegex("^[a-z0-9-]{1,64}$", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
