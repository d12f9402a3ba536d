using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Platform.Security;

/// <summary>
/// Seals something so that only the holder of a private key can open it (ECIES): an ephemeral ECDH P-256 key, HKDF-SHA-256 (RFC 5869) over the shared
/// secret, salted with both public keys, and AES-256-GCM. Each sealing has a key of its own, so the nonce is zero.
/// </summary>
/// <remarks>
/// Format (1 byte, 1), length of the ephemeral public key (2 bytes, big endian), that key (SubjectPublicKeyInfo), tag (16), ciphertext. It says nothing
/// of who sealed: a signature around it does.
/// </remarks>
public static class SealedBox
{
    private const byte Format = 1;
    private const int Tag = 16;
    private const int KeyLength = 32;

    /// <summary>A new pair of keys.</summary>
    public static SealedBoxKeys NewKeys()
    {
        using var key = ECDiffieHellman.Create(Curve);
        return new SealedBoxKeys(key.ExportPkcs8PrivateKey(), key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>Seals for the holder of the private key.</summary>
    /// <param name="publicKey"><see cref="SealedBoxKeys.PublicKey"/>.</param>
    /// <param name="content">What only they shall read.</param>
    /// <param name="context">What it is and whose: opened as something else, it doesn't open.</param>
    /// <exception cref="CryptographicException">It is no public key on P-256.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> content, string context)
    {
        using var recipient = Import(publicKey);
        using var ephemeral = ECDiffieHellman.Create(Curve);
        var ephemeralKey = ephemeral.ExportSubjectPublicKeyInfo();
        var header = 3 + ephemeralKey.Length;
        var sealedBox = new byte[header + Tag + content.Length];
        sealedBox[0] = Format;
        BinaryPrimitives.WriteUInt16BigEndian(sealedBox.AsSpan(1), (ushort)ephemeralKey.Length);
        ephemeralKey.CopyTo(sealedBox, 3);
        using var cipher = Cipher(ephemeral, recipient, ephemeralKey, publicKey, context);
        cipher.Encrypt(Nonce, content, sealedBox.AsSpan(header + Tag), sealedBox.AsSpan(header, Tag), Encoding.UTF8.GetBytes(context));
        return sealedBox;
    }

    /// <summary>Opens what was sealed for this key in this context.</summary>
    /// <exception cref="CryptographicException">It was changed, is of another context, or for another key.</exception>
    public static byte[] Open(ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> sealedBox, string context)
    {
        if (sealedBox.Length < 3 || sealedBox[0] != Format) throw new CryptographicException("It is not of the sealed form.");
        var header = 3 + BinaryPrimitives.ReadUInt16BigEndian(sealedBox[1..]);
        if (sealedBox.Length < header + Tag) throw new CryptographicException("It is not of the sealed form.");
        using var recipient = ECDiffieHellman.Create();
        recipient.ImportPkcs8PrivateKey(privateKey, out _);
        using var ephemeral = Import(sealedBox[3..header]);
        var content = new byte[sealedBox.Length - header - Tag];
        using var cipher = Cipher(recipient, ephemeral, sealedBox[3..header], recipient.ExportSubjectPublicKeyInfo(), context);
        cipher.Decrypt(Nonce, sealedBox[(header + Tag)..], sealedBox.Slice(header, Tag), content, Encoding.UTF8.GetBytes(context));
        return content;
    }

    private static ReadOnlySpan<byte> Nonce => new byte[12];

    private static ECCurve Curve => ECCurve.NamedCurves.nistP256;

    // A curve that the platform doesn't know is another exception there than one that it knows; neither is ours.
    private static ECDiffieHellman Import(ReadOnlySpan<byte> publicKey)
    {
        var key = ECDiffieHellman.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(publicKey, out _);
            return key.ExportParameters(false).Curve.Oid.Value == Curve.Oid.Value ? key : throw new CryptographicException("It is no public key on P-256.");
        }
        catch (Exception exception)
        {
            key.Dispose();
            if (exception is PlatformNotSupportedException) throw new CryptographicException("It is no public key on P-256.", exception);
            throw;
        }
    }

    private static AesGcm Cipher(ECDiffieHellman own, ECDiffieHellman other, ReadOnlySpan<byte> ephemeralKey, ReadOnlySpan<byte> recipientKey, string context)
    {
        using var otherKey = other.PublicKey;
        var secret = own.DeriveRawSecretAgreement(otherKey);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, KeyLength, [.. ephemeralKey, .. recipientKey], Encoding.UTF8.GetBytes("personalization-sealed-box-1\n" + context));
        try
        {
            return new AesGcm(key, Tag);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
            CryptographicOperations.ZeroMemory(key);
        }
    }
}

/// <summary>Keys of a sealed box.</summary>
/// <param name="PrivateKey">PKCS#8: opens.</param>
/// <param name="PublicKey">SubjectPublicKeyInfo: seals.</param>
public sealed record SealedBoxKeys(byte[] PrivateKey, byte[] PublicKey);
