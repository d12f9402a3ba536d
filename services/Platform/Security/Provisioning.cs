using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Personalization.Platform.Privacy;

namespace Personalization.Platform.Security;

/// <summary>
/// Makes the keys that a deployment starts with, in the layout that every service reads: <c>SERVICE/keyring/kek-N.key</c>,
/// <c>SERVICE/signing/SERVICE-N.pem</c>, <c>shared/subject-ref-1.key</c>, <c>shared/trust.json</c> and <c>issuer/issuer-N.pem</c>.
/// What is there is kept: a run that finds everything changes nothing, and no key is ever overwritten.
/// Files appear whole or not at all and are readable by their owner alone, but for <c>trust.json</c>, which holds public keys.
/// </summary>
public static class Provisioning
{
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly JsonSerializerOptions TrustFormat = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>
    /// Makes what is missing under <paramref name="directory"/> for these services, the shared keys and the local token issuer,
    /// and lists the public keys of all signing keys found in <c>shared/trust.json</c>, beside those already listed there.
    /// </summary>
    public static void EnsureKeys(string directory, IReadOnlyCollection<string> services)
    {
        EnsureFamily(Path.Combine(directory, "shared"), "subject-ref", ".key", NewSecretKey);
        EnsureFamily(Path.Combine(directory, "issuer"), "issuer", ".pem", NewSigningKey);
        foreach (var service in services)
        {
            EnsureFamily(Path.Combine(directory, service, "keyring"), "kek", ".key", NewSecretKey);
            EnsureFamily(Path.Combine(directory, service, "signing"), service, ".pem", NewSigningKey);
        }

        var signers = services.Select(service => (Producer: service, Folder: Path.Combine(directory, service, "signing")))
            .Append(("issuer", Path.Combine(directory, "issuer")));
        EnsureTrust(Path.Combine(directory, "shared", "trust.json"), signers);
    }

    /// <summary>
    /// Adds the next key-encryption key to a service's keyring. Its instances wrap with it from within a minute on and wrap again what is under
    /// the older ones, which stay where they are.
    /// </summary>
    /// <returns>The new key's id.</returns>
    /// <exception cref="InvalidOperationException">There is no keyring to rotate.</exception>
    public static string AddKeyEncryptionKey(string directory, string service)
    {
        var keyring = Path.Combine(directory, service, "keyring");
        if (!FileKeyring.IsIn(keyring)) throw new InvalidOperationException($"There is no keyring of {service}; `personalization init` makes one.");
        while (true)
        {
            var id = FileKeyring.NextIn(keyring);
            var secret = NewSecretKey();

            // Somebody else's key of that number is theirs: the next one is ours.
            if (EnsureSecret(Path.Combine(keyring, $"{id}.key"), () => secret) == secret) return id;
        }
    }

    /// <summary>
    /// Makes the next signing key of a service and lists its public key in <c>shared/trust.json</c>, which everybody reads again when they meet it. An instance
    /// signs with the newest it found at its start.
    /// </summary>
    /// <returns>The new key's id.</returns>
    public static string AddSigningKey(string directory, string service)
    {
        var folder = Path.Combine(directory, service, "signing");
        for (var number = SigningKeysIn(folder, service).Select(key => key.Number).DefaultIfEmpty().Max() + 1; ; number++)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{service}-{number}");
            var key = NewSigningKey();

            // Somebody else's key of that number is theirs: the next one is ours.
            if (EnsureSecret(Path.Combine(folder, $"{id}.pem"), () => key) != key) continue;
            EnsureTrust(Path.Combine(directory, "shared", "trust.json"), [(service, folder)]);
            return id;
        }
    }

    /// <summary>Removes all signing keys of a service but the newest. Their public keys stay trusted: what they signed has to be checked for years.</summary>
    public static void RemoveOlderSigningKeys(string directory, string service)
    {
        foreach (var (_, path) in SigningKeysIn(Path.Combine(directory, service, "signing"), service).OrderBy(key => key.Number).SkipLast(1).ToArray()) File.Delete(path);
    }

    /// <summary>The signing keys of a service in its folder.</summary>
    internal static IEnumerable<(int Number, string Path)> SigningKeysIn(string folder, string service) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, $"{service}-*.pem").Select(path => (int.Parse(Path.GetFileNameWithoutExtension(path).AsSpan(service.Length + 1), CultureInfo.InvariantCulture), path))
        : [];

    /// <summary>Writes a secret that is not there yet, readable by its owner only.</summary>
    /// <returns>What the file holds: of several processes that start at once, one writes and all return the same.</returns>
    public static string EnsureSecret(string path, Func<string> create)
    {
        if (!File.Exists(path))
            Write(path, create(), OwnerReads, overwrite: false);
        return File.ReadAllText(path);
    }

    /// <summary>Replaces a file as a whole; readers see the old or the new content, and a file with this content already is left alone.</summary>
    public static void Replace(string path, string content, UnixFileMode mode)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != content)
            Write(path, content, mode, overwrite: true);
    }

    // Only a family without any key gets its first: after a rotation that removed number 1 it must not come back.
    private static void EnsureFamily(string folder, string family, string extension, Func<string> create)
    {
        if (!Directory.Exists(folder) || !Directory.EnumerateFiles(folder, $"{family}-*{extension}").Any())
            EnsureSecret(Path.Combine(folder, $"{family}-1{extension}"), create);
    }

    private static void EnsureTrust(string path, IEnumerable<(string Producer, string Folder)> signers)
    {
        JsonObject trust = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : [];
        if (trust["keys"] is not JsonArray keys)
            trust["keys"] = keys = [];

        foreach (var (producer, folder) in signers)
            foreach (var pem in Directory.EnumerateFiles(folder, "*.pem").Order(StringComparer.Ordinal))
            {
                var keyId = Path.GetFileNameWithoutExtension(pem);
                using var key = ECDsa.Create();
                key.ImportFromPem(File.ReadAllText(pem));
                if (keys.FirstOrDefault(entry => (string?)entry!["kid"] == keyId) is not JsonObject known)
                    keys.Add(known = new JsonObject { ["kid"] = keyId });
                known["producer"] = producer;
                known["publicKey"] = key.ExportSubjectPublicKeyInfoPem();
            }

        Replace(path, trust.ToJsonString(TrustFormat), OwnerReads | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static string NewSecretKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    private static string NewSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static void Write(string path, string content, UnixFileMode mode, bool overwrite)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        // Key-per-file configuration skips names that begin so: what a crash leaves behind is not read as a setting.
        var temporary = Path.Combine(folder, $"ignore.{Path.GetRandomFileName()}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly);
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }

        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(temporary, mode);
        try
        {
            File.Move(temporary, path, overwrite);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            // Another process was first: its key counts.
            File.Delete(temporary);
        }
    }
}
