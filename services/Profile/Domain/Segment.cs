using System.Text.Json;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>A rule over profiles, and what it may be used for.</summary>
public sealed record Segment : IDocument
{
    /// <inheritdoc/>
    public required string Id { get; init; }

    /// <summary>Rises by one when the purpose or the rule changes; who belonged to an earlier version belongs to none until they are looked at again.</summary>
    public required int Version { get; init; }

    /// <summary>What people call it.</summary>
    public required string Title { get; init; }

    /// <summary>The one purpose it is for: whose data counts, and what the audience may be used for.</summary>
    public required string Purpose { get; init; }

    /// <summary>Where an audience of it may be used, <c>email</c> for example; at least one.</summary>
    public required IReadOnlyList<string> Channels { get; init; }

    /// <summary>Who belongs to it.</summary>
    public required Rule Rule { get; init; }

    /// <summary>When it was deleted, UTC; null: it wasn't. Its version stays known, so that one declared under its name later has none of its people.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>The segment with what was declared last. Nothing but what decides on people makes another version.</summary>
    public Segment Replace(Segment declared) =>
        declared with { Version = DeletedAt is null && Purpose == declared.Purpose && Text(Rule) == Text(declared.Rule) ? Version : Version + 1 };

    /// <summary>The segment once it is deleted: in a version that nobody belongs to.</summary>
    public Segment Delete(DateTimeOffset now) => this with { Version = Version + 1, DeletedAt = now };

    private static string Text(Rule rule) => JsonSerializer.Serialize(rule, Json.Options);
}
