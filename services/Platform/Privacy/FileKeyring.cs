using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Personalization.Platform.Privacy;

/// <summary>
/// Key-encryption keys in a directory: <c>kek-N.key</c>, base64 of 32 bytes; the highest N wraps, all unwrap. A key that is put there while
/// the service runs is found when it is asked for, and by <see cref="CurrentKeyAsync"/>.
/// </summary>
public sealed class FileKeyring : IKeyEncryption
{
    private const string Family = "kek-";
    private const int Nonce = 12;
    private const int Tag = 16;
    private readonly string directory;
    private volatile Keys keys;

    /// <exception cref="InvalidOperationException">The directory holds no key, or a key isn't 32 bytes.</exception>
    public FileKeyring(string directory)
    {
        this.directory = directory;
        keys = Read();
    }

    /// <summary>Whether a directory holds a key at all.</summary>
    public static bool IsIn(string directory) => Directory.Exists(directory) && Directory.EnumerateFiles(directory, $"{Family}*.key").Any();

    /// <summary>The id that the next key of a directory gets.</summary>
    public static string NextIn(string directory) => Id(Directory.EnumerateFiles(directory, $"{Family}*.key").Select(NumberOf).DefaultIfEmpty(0).Max() + 1);

    /// <inheritdoc/>
    public ValueTask<string> CurrentKeyAsync(CancellationToken cancellationToken) => new((keys = Read()).Current);

    /// <inheritdoc/>
    public bool Knows(string keyId) => keyId.StartsWith(Family, StringComparison.Ordinal);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WrappedKey>> WrapAsync(IReadOnlyList<DataKey> keys, CancellationToken cancellationToken)
    {
        var held = this.keys;
        using var cipher = new AesGcm(held.ById[held.Current], Tag);
        var wrapped = new WrappedKey[keys.Count];
        for (var i = 0; i < wrapped.Length; i++)
        {
            var secret = keys[i].Secret.Span;
            var bytes = new byte[Nonce + Tag + secret.Length];
            RandomNumberGenerator.Fill(bytes.AsSpan(0, Nonce));
            cipher.Encrypt(bytes.AsSpan(0, Nonce), secret, bytes.AsSpan(Nonce + Tag), bytes.AsSpan(Nonce, Tag), Encoding.UTF8.GetBytes(keys[i].Id));
            wrapped[i] = new WrappedKey(keys[i].Id, held.Current, bytes);
        }

        return new(wrapped);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DataKey>> UnwrapAsync(IReadOnlyList<WrappedKey> keys, CancellationToken cancellationToken)
    {
        var plain = new DataKey[keys.Count];
        for (var i = 0; i < plain.Length; i++)
        {
            var (dataKeyId, keyId, wrapped) = keys[i];
            var secret = new byte[wrapped.Length - Nonce - Tag];
            using var cipher = new AesGcm(Find(keyId), Tag);
            cipher.Decrypt(wrapped.AsSpan(0, Nonce), wrapped.AsSpan(Nonce + Tag), wrapped.AsSpan(Nonce, Tag), secret, Encoding.UTF8.GetBytes(dataKeyId));
            plain[i] = new DataKey(dataKeyId, secret);
        }

        return new(plain);
    }

    private byte[] Find(string keyId)
    {
        // Another instance may have noticed a new key first, and wrapped with it.
        if (!keys.ById.ContainsKey(keyId)) keys = Read();
        return keys.ById.GetValueOrDefault(keyId) ?? throw new CryptographicException($"The keyring has no key {keyId}.");
    }

    private Keys Read()
    {
        var found = new Dictionary<string, byte[]>();
        var latest = 0;
        foreach (var file in Directory.Exists(directory) ? Directory.GetFiles(directory, $"{Family}*.key") : [])
        {
            var id = Path.GetFileNameWithoutExtension(file);
            var secret = Convert.FromBase64String(File.ReadAllText(file).Trim());
            if (secret.Length != 32) throw new InvalidOperationException($"Key-encryption key {id} has {secret.Length} bytes instead of 32.");
            found[id] = secret;
            latest = Math.Max(latest, NumberOf(file));
        }

        if (latest == 0) throw new InvalidOperationException("The keyring holds no key-encryption key (kek-1.key); `personalization init` makes one.");
        return new Keys(found.ToFrozenDictionary(), Id(latest));
    }

    private static int NumberOf(string file) => int.Parse(Path.GetFileNameWithoutExtension(file).AsSpan(Family.Length), CultureInfo.InvariantCulture);

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"{Family}{number}");

    private sealed record Keys(FrozenDictionary<string, byte[]> ById, string Current);
}
