using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>A data key in memory.</summary>
/// <param name="Id">The form of <see cref="DataKeyId.ToString"/>.</param>
/// <param name="Secret">256 bits.</param>
public sealed record DataKey(string Id, ReadOnlyMemory<byte> Secret);

/// <summary>
/// The sealed form of a body: format (1 byte, 1), length of the key id (2 bytes, big endian), key id (UTF-8), nonce (12), tag (16),
/// ciphertext. AES-256-GCM; the associated data is the document's place and the key id, so a body moved to another document doesn't open.
/// </summary>
public static class Envelope
{
    private const byte Format = 1;
    private const int Nonce = 12;
    private const int Tag = 16;

    /// <summary>Encrypts a body for its place.</summary>
    public static byte[] Seal(DataKey key, DocumentKey place, ReadOnlySpan<byte> body)
    {
        var id = Encoding.UTF8.GetBytes(key.Id);
        var header = 3 + id.Length;
        var result = new byte[header + Nonce + Tag + body.Length];
        result[0] = Format;
        BinaryPrimitives.WriteUInt16BigEndian(result.AsSpan(1), (ushort)id.Length);
        id.CopyTo(result, 3);
        var nonce = result.AsSpan(header, Nonce);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key.Secret.Span, Tag);
        cipher.Encrypt(nonce, body, result.AsSpan(header + Nonce + Tag), result.AsSpan(header + Nonce, Tag), AssociatedData(place, key.Id));
        return result;
    }

    /// <summary>Decrypts a body read from its place.</summary>
    /// <exception cref="CryptographicException">It was changed, or belongs elsewhere.</exception>
    public static byte[] Open(DataKey key, DocumentKey place, ReadOnlyMemory<byte> sealedBody)
    {
        var bytes = sealedBody.Span;
        var header = 3 + Encoding.UTF8.GetByteCount(KeyOf(sealedBody));
        var body = new byte[bytes.Length - header - Nonce - Tag];
        using var cipher = new AesGcm(key.Secret.Span, Tag);
        cipher.Decrypt(bytes.Slice(header, Nonce), bytes[(header + Nonce + Tag)..], bytes.Slice(header + Nonce, Tag), body, AssociatedData(place, key.Id));
        return body;
    }

    /// <summary>The id of the key that sealed the body.</summary>
    /// <exception cref="CryptographicException">It isn't of this form.</exception>
    public static string KeyOf(ReadOnlyMemory<byte> sealedBody) => FindKey(sealedBody) ?? throw new CryptographicException("The body is not of the sealed form.");

    /// <summary>The same; null if the body isn't of this form.</summary>
    public static string? FindKey(ReadOnlyMemory<byte> sealedBody)
    {
        var bytes = sealedBody.Span;
        if (bytes.Length < 3 + Nonce + Tag || bytes[0] != Format) return null;
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
        return bytes.Length >= 3 + length + Nonce + Tag ? Encoding.UTF8.GetString(bytes.Slice(3, length)) : null;
    }

    private static byte[] AssociatedData(DocumentKey place, string keyId) => Encoding.UTF8.GetBytes($"{place.Collection}\n{place.Id}\n{keyId}");
}
