namespace Personalization.Contracts;

/// <summary>
/// An ECDSA P-256 signature (IEEE P1363 form, base64url) over the lines: message name, key id, producer, subject ref, epoch, version,
/// issued-at and the lower-case hex SHA-256 of the message's canonical JSON without the signature (members sorted ordinally, no whitespace).
/// </summary>
public sealed record MessageSignature
{
    /// <summary>Names the key in the deployment's list of trusted keys.</summary>
    public required string KeyId { get; init; }

    /// <summary>The service that signed; the trusted list says which messages it may sign.</summary>
    public required string Producer { get; init; }

    /// <summary>When it was signed, UTC.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>The signature, base64url without padding.</summary>
    public required string Value { get; init; }
}

/// <summary>A message that consumers act on only if its signature verifies; anything else is refused and alarmed.</summary>
public interface ISignedMessage
{
    /// <summary>The subject's pseudonym.</summary>
    string SubjectRef { get; }

    /// <summary>The subject's epoch that the message speaks of.</summary>
    int Epoch { get; }

    /// <summary>The subject's consent version that the message speaks of.</summary>
    long Version { get; }

    /// <summary>The producer's signature; null only before it was signed.</summary>
    MessageSignature? Signature { get; }
}

/// <summary>A signed message that can take its signature.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface ISignedMessage<out TSelf> : ISignedMessage
{
    /// <summary>The same message with the signature in place.</summary>
    TSelf WithSignature(MessageSignature signature);
}
