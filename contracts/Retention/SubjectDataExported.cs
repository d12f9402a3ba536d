using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Retention;

/// <summary>A piece of a participant's answer to <see cref="ExportSubject"/>. What it says is sealed with the export's key: nobody but Retention can read it.</summary>
public sealed record SubjectDataExported : ISignedMessage<SubjectDataExported>
{
    /// <summary>The export.</summary>
    public required string ExportId { get; init; }

    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <summary>The participant, as the deployment's list names it.</summary>
    public required string Participant { get; init; }

    /// <summary>Names the answer: pieces of different answers of one participant don't fit together.</summary>
    public required string AnswerId { get; init; }

    /// <summary>Which piece, from 1.</summary>
    public required int Piece { get; init; }

    /// <summary>How many there are.</summary>
    public required int Pieces { get; init; }

    /// <summary>The piece of the sealed answer, base64.</summary>
    public required string Content { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    int ISignedMessage.Epoch => 0;

    long ISignedMessage.Version => 0;

    /// <inheritdoc/>
    public SubjectDataExported WithSignature(MessageSignature signature) => this with { Signature = signature };
}
