using System.Text.Json.Serialization;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Retention.Domain;

/// <summary>That somebody's data of some categories has to be kept, whatever they permit: for a lawsuit, an inquiry. Sealed with a key of its own, which goes with it.</summary>
public sealed record LegalHold : ISubjectDocument
{
    /// <summary>A version 7 UUID.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The caller's id of the person.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The categories it covers; at least one.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>Only what was collected for one of these purposes; null: for any.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>Why, with the legal basis.</summary>
    public required string Reason { get; init; }

    /// <summary>Keyed hash of who placed it.</summary>
    public required string PlacedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset PlacedAt { get; init; }

    /// <summary>When it ends by itself, UTC; null: when somebody ends it.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>When it ended, UTC; null while it stands.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, 0, $"legal-hold-{Id}");

    /// <summary>Whether it stands.</summary>
    [JsonIgnore]
    public bool Stands => EndedAt is null;

    /// <summary>What participants are told of it.</summary>
    public IEnumerable<HeldCategory> Told() =>
        Categories.Select(category => new HeldCategory { HoldId = Id, Category = category, Purposes = Purposes, Until = Until });
}

/// <summary>Counts the changes of a subject's legal holds, so that the participants know which is newer. Names nobody but a pseudonym, and is never deleted: a number must not come again.</summary>
public sealed record LegalHoldVersion : IDocument
{
    /// <summary>The subject ref.</summary>
    public required string Id { get; init; }

    /// <summary>The newest.</summary>
    public required long Version { get; init; }
}
