using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>When a person's segments change by time alone: a window ends, a consent does. One a person, replaced by each evaluation.</summary>
public sealed record DueEvaluation : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => SubjectRef;

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch that was evaluated.</summary>
    public required int Epoch { get; init; }

    /// <summary>From when on, UTC.</summary>
    public required DateTimeOffset DueAt { get; init; }
}
