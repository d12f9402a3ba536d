using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>That everybody is to be evaluated, because a rule or an event type changed: how far that is. A further change begins it anew.</summary>
public sealed record EvaluationPass : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "everybody";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>The place in the order of subjects up to which all were made due.</summary>
    public string Through { get; init; } = "";

    /// <summary>When the last of them was made due, UTC; the pass is over when nobody is due since then. Null: not yet.</summary>
    public DateTimeOffset? MadeDueAt { get; init; }
}
