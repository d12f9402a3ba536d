using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Retention;

/// <summary>
/// Sent when a person asks for what is held of them, and again until everybody answered: whoever is named answers with
/// <see cref="SubjectDataExported"/>, sealed with the key in it, so that nobody else can read the answer on its way.
/// </summary>
public sealed record ExportSubject : ISignedMessage<ExportSubject>
{
    /// <summary>The export.</summary>
    public required string ExportId { get; init; }

    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <summary>Who is asked: the services that haven't answered yet.</summary>
    public required IReadOnlyList<string> Participants { get; init; }

    /// <summary>The export's own ECDH P-256 key: SubjectPublicKeyInfo, base64. Its private half never leaves Retention and goes with the export.</summary>
    public required string PublicKey { get; init; }

    /// <summary>When the person asked, UTC.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    // It asks for all that is held now, whatever epoch and version that is of.
    int ISignedMessage.Epoch => 0;

    long ISignedMessage.Version => 0;

    /// <inheritdoc/>
    public ExportSubject WithSignature(MessageSignature signature) => this with { Signature = signature };
}
