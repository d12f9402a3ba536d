using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>What a link in a mail unsubscribes from. The token itself is only in the mail; who reads this store can unsubscribe nobody.</summary>
public sealed record UnsubscribeToken : ISubjectDocument
{
    /// <summary><see cref="HashOf"/> the token.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch it was issued in; it goes with it.</summary>
    public required int Epoch { get; init; }

    /// <summary>The purpose that the mail was sent for.</summary>
    public required string Purpose { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new DataKeyId(SubjectRef, Epoch);

    /// <summary>Lower-case hex SHA-256. A token is 256 random bits, so its hash needs no salt.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
