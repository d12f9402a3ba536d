using System.Security.Cryptography;
using System.Text;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>Why data is used, in words a person can decide on.</summary>
public sealed record Purpose : IDocument
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Only <c>consent</c> so far; a purpose with another basis is not decided here.</summary>
    public required string LawfulBasis { get; init; }

    /// <summary>Categories of data it uses.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>Who receives the data.</summary>
    public IReadOnlyList<string> Recipients { get; init; } = [];

    /// <summary>What the person gets for openness, if anything.</summary>
    public string? Reward { get; init; }

    /// <summary>Days a grant is valid; null: until withdrawn.</summary>
    public int? ValidDays { get; init; }

    /// <summary>The current version of the notices; decisions are made on this one.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>The current texts, one per language.</summary>
    public required IReadOnlyList<Notice> Notices { get; init; }

    /// <summary>The notice in that language, or null.</summary>
    public Notice? NoticeIn(string language) => Notices.FirstOrDefault(notice => notice.Language == language);
}

/// <summary>What a person is told, in one language.</summary>
/// <param name="Language">BCP 47, <c>ru</c> or <c>en</c>.</param>
/// <param name="Title">A few words.</param>
/// <param name="Text">Plain language.</param>
/// <param name="Sha256">Lower-case hex SHA-256 of title, line feed, text in UTF-8: what a decision refers to.</param>
public sealed record Notice(string Language, string Title, string Text, string Sha256)
{
    /// <summary>A notice with its hash.</summary>
    public static Notice Of(string language, string title, string text) =>
        new(language, title, text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{title}\n{text}"))));
}
