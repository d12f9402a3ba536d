using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Personalization.Platform.Security;

/// <summary>The public keys of this deployment (<c>trust.json</c>): who signs with which key. Read again when the file changes, so keys rotate by overlap.</summary>
public sealed class TrustedKeys(string file)
{
    private readonly Lock gate = new();
    private FrozenDictionary<string, TrustedKey> keys = FrozenDictionary<string, TrustedKey>.Empty;
    private DateTime readOf;

    /// <summary>Every key listed now: also those that sign nothing any more, whose old signatures still have to be checked.</summary>
    public IReadOnlyList<TrustedKey> All
    {
        get
        {
            ReadIfChanged();
            return keys.Values;
        }
    }

    /// <summary>The key of that id, or null.</summary>
    public TrustedKey? Find(string? keyId)
    {
        if (keyId is null) return null;
        if (keys.TryGetValue(keyId, out var key)) return key;
        ReadIfChanged();
        return keys.GetValueOrDefault(keyId);
    }

    private void ReadIfChanged()
    {
        lock (gate)
        {
            var written = File.GetLastWriteTimeUtc(file);
            if (written == readOf) return;
            var list = JsonSerializer.Deserialize<TrustList>(File.ReadAllText(file), Json.Options)!;
            (keys, readOf) = (list.Keys.ToFrozenDictionary(entry => entry.Kid, entry => new TrustedKey(entry.Kid, entry.Producer, entry.PublicKey)), written);
        }
    }

    private sealed record TrustList(IReadOnlyList<TrustEntry> Keys);

    private sealed record TrustEntry(string Kid, string Producer, string PublicKey);
}

/// <summary>A trusted public key, ECDSA P-256.</summary>
public sealed class TrustedKey
{
    private readonly ECDsa key = ECDsa.Create();
    private readonly Lock gate = new();

    internal TrustedKey(string keyId, string producer, string publicKeyPem)
    {
        (KeyId, Producer) = (keyId, producer);
        key.ImportFromPem(publicKeyPem);
        Point = key.ExportParameters(includePrivateParameters: false).Q;
        SecurityKey = SecurityKeys.Of(key, keyId);
    }

    /// <summary>Its id, <c>kid</c> in JOSE.</summary>
    public string KeyId { get; }

    /// <summary>Its point on the curve.</summary>
    public ECPoint Point { get; }

    /// <summary>Who signs with it: a service, or <c>issuer</c> for the local token issuer.</summary>
    public string Producer { get; }

    /// <summary>The form token validation takes.</summary>
    public SecurityKey SecurityKey { get; }

    /// <summary>Whether the base64url signature is this key's over those bytes.</summary>
    public bool Verify(byte[] data, string signature)
    {
        var bytes = new byte[64];
        if (!Base64Url.IsValid(signature) || !Base64Url.TryDecodeFromChars(signature, bytes, out var length) || length != bytes.Length) return false;
        lock (gate) return key.VerifyData(data, bytes, HashAlgorithmName.SHA256);
    }
}

internal static class SecurityKeys
{
    /// <summary>The library's cache knows keys by id alone and would go on with one that was replaced or closed.</summary>
    public static ECDsaSecurityKey Of(ECDsa key, string keyId) => new(key) { KeyId = keyId, CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } };
}
