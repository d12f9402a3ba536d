using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Domain;

/// <summary>A place in the product that shows recommendations, and what may be shown there.</summary>
public sealed record Placement : IDocument
{
    /// <summary>The placement of a request that names none.</summary>
    public const string Default = "default";

    /// <summary>Items an answer has at most.</summary>
    public const int MostItems = 100;

    /// <summary>Where the path says it too, the same; so that what was read can be sent back.</summary>
    public string Id { get; init; } = "";

    /// <summary>Items of an answer whose request doesn't say how many.</summary>
    public int Limit { get; init; } = 10;

    /// <summary>Topics or categories of which an item needs one; empty: any item.</summary>
    public IReadOnlyList<string> AllowedTopics { get; init; } = [];

    /// <summary>Topics or categories of which an item may have none.</summary>
    public IReadOnlyList<string> ExcludedTopics { get; init; } = [];

    /// <summary>Whether items that are sensitive may be recommended, and be reasons.</summary>
    public bool AllowSensitive { get; init; }

    /// <summary>The part of a personal answer that is chosen by chance, so that what is new can be found.</summary>
    public double ExplorationShare { get; init; }

    /// <summary>How much being unlike the items above counts against the score: 0 is the order of the scores.</summary>
    public double Diversity { get; init; } = 0.2;

    /// <summary>Members that nobody knows.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Unknown { get; init; }

    /// <summary>What is wrong with it in one sentence, or null.</summary>
    public string? Flaw() => this switch
    {
        _ when !Item.IsId(Id) => "The id has 1 to 128 letters, digits, '.', '_', ':' or '-'.",
        { Unknown.Count: > 0 } => "A placement has the members id, limit, allowedTopics, excludedTopics, allowSensitive, explorationShare and diversity, and no other.",
        { Limit: < 1 or > MostItems } => "The limit is between 1 and 100.",
        _ when !Item.AreTopics(AllowedTopics) || !Item.AreTopics(ExcludedTopics) => "There are at most 50 topics in a list, of 1 to 100 characters.",
        { ExplorationShare: not (>= 0 and <= 0.5) } => "The exploration share is between 0 and 0.5.",
        { Diversity: not (>= 0 and <= 1) } => "The diversity is between 0 and 1.",
        _ => null,
    };

    /// <summary>Whether the item may be shown here now.</summary>
    public bool Shows(Item item, DateTimeOffset now) =>
        item.IsAvailable(now) && (AllowSensitive || !item.Sensitive)
        && (AllowedTopics.Count == 0 || AllowedTopics.Any(item.IsAbout)) && !ExcludedTopics.Any(item.IsAbout);
}
