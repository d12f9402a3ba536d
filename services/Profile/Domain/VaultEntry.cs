using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Profile.Domain;

/// <summary>The way back from a pseudonym to the caller's id for the person: the only one, and readable only with the epoch's key.</summary>
public sealed record VaultEntry : ISubjectDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => SubjectRef;

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch);

    /// <summary>The pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch whose first datum it was written with.</summary>
    public required int Epoch { get; init; }

    /// <summary>The caller's opaque id.</summary>
    public required string CustomerId { get; init; }
}
