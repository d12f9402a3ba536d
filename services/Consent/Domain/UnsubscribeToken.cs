using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>What the link of a mail unsubscribes from. The token itself is only in the mail; who reads this store can unsubscribe nobody.</summary>
public sealed record UnsubscribeToken : ISubjectDocument
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary><see cref="HashOf"/> the token.</summary>
    public required string Id { get; init; }

    /// <summary>The subject's pseudonym; null once they were erased.</summary>
    public string? SubjectRef { get; init; }

    /// <summary>The epoch it was issued in.</summary>
    public int Epoch { get; init; }

    /// <summary>Subject ref and purpose, encrypted with a key made from the token: only the mail opens it.</summary>
    public required string Target { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When it was first used, UTC.</summary>
    public DateTimeOffset? UsedAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => SubjectRef is null ? null : new DataKeyId(SubjectRef, Epoch);

    /// <summary>Of a token for a mail to that subject.</summary>
    public static UnsubscribeToken Of(string token, string subjectRef, int epoch, string purpose, DateTimeOffset now) => new()
    {
        Id = HashOf(token),
        SubjectRef = subjectRef,
        Epoch = epoch,
        Target = Seal(token, $"{subjectRef}\n{purpose}"),
        IssuedAt = now,
    };

    /// <summary>Lower-case hex SHA-256. A token is 256 random bits, so its hash needs no salt.</summary>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>Whom and what it is about, for who has the token.</summary>
    /// <exception cref="CryptographicException">It is of another token.</exception>
    public (string SubjectRef, string Purpose) Open(string token)
    {
        var box = Base64Url.DecodeFromChars(Target).AsSpan();
        var text = new byte[box.Length - NonceLength - TagLength];
        using var cipher = CipherOf(token);
        cipher.Decrypt(box[..NonceLength], box[(NonceLength + TagLength)..], box.Slice(NonceLength, TagLength), text);
        return Encoding.UTF8.GetString(text).Split('\n') is [var subjectRef, var purpose] ? (subjectRef, purpose) : throw new CryptographicException("The target is not of this form.");
    }

    /// <summary>The same for whoever clicks again, and nothing for who reads the store: no way leads from it to the subject.</summary>
    public UnsubscribeToken Anonymize() => this with { SubjectRef = null, Epoch = 0 };

    private static string Seal(string token, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var box = new byte[NonceLength + TagLength + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, NonceLength));
        using var cipher = CipherOf(token);
        cipher.Encrypt(box.AsSpan(0, NonceLength), plain, box.AsSpan(NonceLength + TagLength), box.AsSpan(NonceLength, TagLength));
        return Base64Url.EncodeToString(box);
    }

    private static AesGcm CipherOf(string token) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(token), outputLength: 32, info: "unsubscribe-target"u8.ToArray()), TagLength);
}
