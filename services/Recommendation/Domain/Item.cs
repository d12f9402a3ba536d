using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Domain;

/// <summary>Something that can be recommended.</summary>
public sealed record Item
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public int? Year { get; init; }

    /// <summary>The one shelf it stands on, if the product has shelves.</summary>
    public string? Category { get; init; }

    /// <summary>What it is about.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>Whether it can be had now.</summary>
    public bool InStock { get; init; } = true;

    /// <summary>Whether people take it again: one that isn't repeatable is not recommended to who knows it.</summary>
    public bool Repeatable { get; init; }

    /// <summary>Whether liking it says what people don't want said of them. Such an item is neither recommended nor a reason, unless a placement says so.</summary>
    public bool Sensitive { get; init; }

    public DateTimeOffset? ValidFrom { get; init; }

    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Whatever else the product wants back with the item.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether it can be recommended at all at that time.</summary>
    public bool IsAvailable(DateTimeOffset now) => InStock && (ValidFrom is not { } from || from <= now) && (ValidUntil is not { } until || now < until);

    /// <summary>Whether it is about the topic, or of the category of that name.</summary>
    public bool IsAbout(string topic) => topic == Category || Topics.Contains(topic);

    /// <summary>What is wrong with it in one sentence, or null.</summary>
    public string? Flaw() => this switch
    {
        _ when !IsId(Id) => "The id has 1 to 128 letters, digits, '.', '_', ':' or '-'.",
        { Title: not { Length: > 0 and <= 500 } } => "The title has 1 to 500 characters.",
        { Year: < 0 or > 9999 } => "The year is between 0 and 9999.",
        { Category: not (null or { Length: > 0 and <= 100 }) } => "The category has 1 to 100 characters.",
        _ when !AreTopics(Topics) => "There are at most 50 topics, of 1 to 100 characters.",
        { ValidFrom: { } from, ValidUntil: { } until } when from >= until => "It is valid from a time before the one until which it is.",
        _ when Attributes.Count > 50 || Attributes.Any(pair => pair.Key.Length > 100 || pair.Value is not { Length: <= 1000 })
            => "There are at most 50 attributes, with names of at most 100 and values of at most 1,000 characters.",
        _ => null,
    };

    public static bool IsId(string? id) =>
        id is { Length: > 0 and <= 128 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');

    /// <summary>Whether they can be the topics of an item or of a placement's rule.</summary>
    internal static bool AreTopics(IReadOnlyList<string> topics) => topics.Count <= 50 && topics.All(topic => topic is { Length: > 0 and <= 100 });
}

/// <summary>An item's place in the catalogue. It stays when the item is removed, so that instances which follow the changes hear of it.</summary>
public sealed record CatalogEntry : IDocument
{
    public required string Id { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    /// <summary>Null once it was removed.</summary>
    public Item? Item { get; init; }

    /// <summary>Orders entries by their last change and no two alike, so that pages of them have no ties at their ends.</summary>
    [JsonIgnore]
    public string Changed => $"{Json.FormatTime(ChangedAt)}_{Id}";
}
