using System.Buffers.Text;
using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Personalization.Contracts;

namespace Personalization.Platform.Security;

/// <summary>A message that had to be signed wasn't, or not by who may sign it, or was changed on the way, or speaks of what its signer has no say in. It is never acted on.</summary>
/// <param name="problem">What is wrong, a stable word.</param>
/// <param name="reason">The same in a sentence that repeats nothing of the message.</param>
public sealed class UntrustedMessageException(string problem, string reason) : Exception(reason)
{
    /// <summary>What is wrong: <c>unsigned</c>, <c>unknown-key</c>, <c>wrong-signer</c>, <c>changed</c>, or a consumer's own word.</summary>
    public string Problem { get; } = problem;
}

/// <summary>Signs messages as one service, with its newest key (<c>NAME-N.pem</c>, PKCS#8, ECDSA P-256).</summary>
public sealed class MessageSigner : IDisposable
{
    private readonly ECDsa key = ECDsa.Create();
    private readonly Lock gate = new();
    private readonly TimeProvider time;

    /// <exception cref="InvalidOperationException">The directory holds no signing key.</exception>
    public MessageSigner(string producer, string directory, TimeProvider time)
    {
        (Producer, this.time) = (producer, time);
        var file = Provisioning.SigningKeysIn(directory, producer).OrderByDescending(key => key.Number).FirstOrDefault().Path ?? throw new InvalidOperationException($"There is no signing key {producer}-1.pem; `personalization init` makes one.");
        KeyId = Path.GetFileNameWithoutExtension(file);
        key.ImportFromPem(File.ReadAllText(file));
    }

    /// <summary>The service.</summary>
    public string Producer { get; }

    /// <summary>The key that signs.</summary>
    public string KeyId { get; }

    /// <summary>The message with its signature.</summary>
    public T Sign<T>(T message)
        where T : ISignedMessage<T>
    {
        var unsigned = new MessageSignature { KeyId = KeyId, Producer = Producer, IssuedAt = time.GetUtcNow(), Value = "" };
        return message.WithSignature(unsigned with { Value = Base64Url.EncodeToString(Sign(SigningInput.Of(message, unsigned))) });
    }

    /// <summary>Signs bytes: ECDSA over their SHA-256, IEEE P1363 form (as JWS ES256 has it).</summary>
    public byte[] Sign(byte[] data)
    {
        lock (gate) return key.SignData(data, HashAlgorithmName.SHA256);
    }

    /// <summary>The bytes as a compact JWS (RFC 7515): ES256, with the key's id. Signing the same again gives another signature over the same content.</summary>
    /// <param name="payload">JSON.</param>
    /// <param name="type">What it is, the header's <c>typ</c>: one kind of signed thing must not pass for another.</param>
    public string Jws(ReadOnlySpan<byte> payload, string type)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new { alg = SecurityAlgorithms.EcdsaSha256, kid = KeyId, typ = type, cty = "json" });
        var signed = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>A JWT for this system (ES256, type <c>at+jwt</c>) with the given claims.</summary>
    public string Token(string issuer, DateTimeOffset now, TimeSpan lifetime, IDictionary<string, object> claims)
    {
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = Tokens.Audience,
            IssuedAt = now.UtcDateTime,
            NotBefore = now.UtcDateTime,
            Expires = (now + lifetime).UtcDateTime,
            TokenType = "at+jwt",
            Claims = claims,
            SigningCredentials = new SigningCredentials(SecurityKeys.Of(key, KeyId), SecurityAlgorithms.EcdsaSha256),
        };
        lock (gate) return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();
}

/// <summary>Checks signed messages against the trusted keys and what each producer may say.</summary>
/// <param name="find">The trusted key of an id; null if there is none.</param>
public sealed class MessageVerifier(Func<string, TrustedKey?> find)
{
    // Who may sign what; a service whose key is stolen can't speak for another.
    private static readonly FrozenDictionary<string, string> Signers = new Dictionary<string, string>
    {
        ["ConsentExpired"] = "consent",
        ["ConsentGranted"] = "consent",
        ["ConsentRevoked"] = "consent",
        ["EraseSubject"] = "retention",
        ["ErasureCertificate"] = "retention",
        ["ExportSubject"] = "retention",
        ["LegalHoldsChanged"] = "retention",
    }.ToFrozenDictionary();

    /// <exception cref="UntrustedMessageException">It isn't to be acted on.</exception>
    public void Verify(ISignedMessage message)
    {
        var name = message.GetType().Name;
        var signature = message.Signature ?? throw new UntrustedMessageException("unsigned", $"{name} has no signature.");
        var key = find(signature.KeyId) ?? throw new UntrustedMessageException("unknown-key", $"{name} is signed with a key that is not trusted.");
        if (key.Producer != signature.Producer) throw new UntrustedMessageException("wrong-signer", $"{name} names a producer that the key does not belong to.");
        var mayBeSigned = message switch
        {
            // A product service signs nothing itself; whoever passes its receipt on does.
            Contracts.Retention.SubjectDataErased receipt =>
                key.Producer == (Contracts.Retention.ExternalParticipant.Is(receipt.Participant) ? Contracts.Retention.ExternalParticipant.PassedOnBy : receipt.Participant),
            Contracts.Retention.SubjectDataExpired expired => key.Producer == expired.Participant,
            Contracts.Retention.SubjectDataExported part => key.Producer == part.Participant,
            _ => Signers.TryGetValue(name, out var signer) && signer == key.Producer,
        };
        if (!mayBeSigned) throw new UntrustedMessageException("wrong-signer", $"{name} must not be signed by {key.Producer}.");
        if (!key.Verify(SigningInput.Of(message, signature), signature.Value)) throw new UntrustedMessageException("changed", $"{name} was changed after it was signed.");
    }
}

/// <summary>What a signature covers (see <see cref="MessageSignature"/>).</summary>
internal static class SigningInput
{
    public static byte[] Of(ISignedMessage message, MessageSignature signature)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(message, without: ["signature"])));
        return Encoding.UTF8.GetBytes(string.Join('\n',
            message.GetType().Name, signature.KeyId, signature.Producer, message.SubjectRef,
            message.Epoch.ToString(CultureInfo.InvariantCulture), message.Version.ToString(CultureInfo.InvariantCulture),
            Json.FormatTime(signature.IssuedAt), digest));
    }
}
