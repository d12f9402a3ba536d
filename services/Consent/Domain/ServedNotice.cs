using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>A notice was shown: which, where and when, never to whom. A decision that names it shows that the person was told before deciding.</summary>
public sealed record ServedNotice : IDocument
{
    /// <summary><c>sn_</c> and 16 random bytes.</summary>
    public required string Id { get; init; }

    /// <summary>The purpose.</summary>
    public required string Purpose { get; init; }

    /// <summary>The version of its notice.</summary>
    public required int NoticeVersion { get; init; }

    /// <summary>The language it was shown in.</summary>
    public required string Language { get; init; }

    /// <summary>Where: <c>web</c>, <c>app</c>…</summary>
    public required string Channel { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ServedAt { get; init; }

    /// <summary>Whether the day's count has it.</summary>
    public bool IsCounted { get; init; }
}
