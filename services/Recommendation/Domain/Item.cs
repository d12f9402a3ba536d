using Personalization.Platform.Storage;

namespace Personalization.Recommendation.Domain;

/// <summary>Something that can be recommended.</summary>
public sealed record Item : IDocument
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    public int? Year { get; init; }

    public IReadOnlyList<string> Genres { get; init; } = [];

    /// <summary>Whatever else the product wants back with the item.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = new Dictionary<string, string>();

    /// <summary>What is wrong with it in one sentence, or null.</summary>
    public string? Flaw() => this switch
    {
        _ when !IsId(Id) => "The id has 1 to 128 letters, digits, '.', '_', ':' or '-'.",
        { Title: not { Length: > 0 and <= 500 } } => "The title has 1 to 500 characters.",
        { Year: < 0 or > 9999 } => "The year is between 0 and 9999.",
        _ when Genres.Count > 50 || Genres.Any(genre => genre is not { Length: > 0 and <= 100 }) => "There are at most 50 genres, of 1 to 100 characters.",
        _ when Attributes.Count > 50 || Attributes.Any(pair => pair.Key.Length > 100 || pair.Value is not { Length: <= 1000 })
            => "There are at most 50 attributes, with names of at most 100 and values of at most 1,000 characters.",
        _ => null,
    };

    public static bool IsId(string? id) =>
        id is { Length: > 0 and <= 128 } && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-');
}
