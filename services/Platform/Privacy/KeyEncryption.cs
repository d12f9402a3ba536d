using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Platform.Privacy;

/// <summary>Wraps data keys under a key-encryption key that never leaves the provider.</summary>
public interface IKeyEncryption
{
    /// <summary>Wraps under the current key.</summary>
    (string KeyId, byte[] Wrapped) Wrap(string dataKeyId, ReadOnlySpan<byte> secret);

    /// <summary>Unwraps what an earlier or the current key wrapped.</summary>
    /// <exception cref="CryptographicException">The key isn't there, or the wrapped key was changed.</exception>
    byte[] Unwrap(string keyId, string dataKeyId, ReadOnlySpan<byte> wrapped);
}

/// <summary>Key-encryption keys in a directory: <c>kek-N.key</c>, base64 of 32 bytes; the highest N wraps, all unwrap.</summary>
public sealed class FileKeyring : IKeyEncryption
{
    private const int Nonce = 12;
    private const int Tag = 16;
    private readonly Dictionary<string, byte[]> keys = [];
    private readonly string current;

    /// <exception cref="InvalidOperationException">The directory holds no key, or a key isn't 32 bytes.</exception>
    public FileKeyring(string directory)
    {
        var latest = 0;
        foreach (var file in Directory.Exists(directory) ? Directory.GetFiles(directory, "kek-*.key") : [])
        {
            var id = Path.GetFileNameWithoutExtension(file);
            var secret = Convert.FromBase64String(File.ReadAllText(file).Trim());
            if (secret.Length != 32) throw new InvalidOperationException($"Key-encryption key {id} has {secret.Length} bytes instead of 32.");
            keys[id] = secret;
            latest = Math.Max(latest, int.Parse(id.AsSpan(4), CultureInfo.InvariantCulture));
        }

        if (latest == 0) throw new InvalidOperationException("The keyring holds no key-encryption key (kek-1.key); `personalization init` makes one.");
        current = string.Create(CultureInfo.InvariantCulture, $"kek-{latest}");
    }

    /// <inheritdoc/>
    public (string KeyId, byte[] Wrapped) Wrap(string dataKeyId, ReadOnlySpan<byte> secret)
    {
        var wrapped = new byte[Nonce + Tag + secret.Length];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, Nonce));
        using var cipher = new AesGcm(keys[current], Tag);
        cipher.Encrypt(wrapped.AsSpan(0, Nonce), secret, wrapped.AsSpan(Nonce + Tag), wrapped.AsSpan(Nonce, Tag), Encoding.UTF8.GetBytes(dataKeyId));
        return (current, wrapped);
    }

    /// <inheritdoc/>
    public byte[] Unwrap(string keyId, string dataKeyId, ReadOnlySpan<byte> wrapped)
    {
        if (!keys.TryGetValue(keyId, out var key)) throw new CryptographicException($"The keyring has no key {keyId}.");
        var secret = new byte[wrapped.Length - Nonce - Tag];
        using var cipher = new AesGcm(key, Tag);
        cipher.Decrypt(wrapped[..Nonce], wrapped[(Nonce + Tag)..], wrapped.Slice(Nonce, Tag), secret, Encoding.UTF8.GetBytes(dataKeyId));
        return secret;
    }
}
