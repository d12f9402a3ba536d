using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>
/// A read of somebody's data, so that they can be told of it. Beside the log, because it goes with the person: sealed with the key that an erasure
/// destroys, and found by a tag that only that key makes.
/// </summary>
public sealed record SubjectRead : ISubjectDocument
{
    private static ReadOnlySpan<byte> TagLabel => "reads of the subject"u8;

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Json.FormatNumber(Number);

    /// <summary>The number of its entry in the log.</summary>
    public required long Number { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>Who read what for what.</summary>
    public required AuditedRead Read { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>The same for all reads of one subject and epoch; without the key it leads to nobody.</summary>
    public required string Tag { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new(SubjectRef, Epoch);

    /// <summary>The tag of those whose key it is.</summary>
    public static string TagOf(DataKey key) => Convert.ToHexStringLower(HMACSHA256.HashData(key.Secret.Span, TagLabel).AsSpan(0, 16));
}
