using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Retention;

/// <summary>
/// Published by a service that erased data of somebody because a retention rule kept it no longer: signed, with the write that erased it. No case is opened and nobody answers; it is for
/// the act of the day, which has to name what was destroyed.
/// </summary>
public sealed record SubjectDataExpired : ISignedMessage<SubjectDataExpired>
{
    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <inheritdoc/>
    public required int Epoch { get; init; }

    /// <summary>The newest consent version that what was erased had been stored under.</summary>
    public required long Version { get; init; }

    /// <summary>The service, as the deployment's list of participants names it.</summary>
    public required string Participant { get; init; }

    /// <summary>When it was erased, UTC.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>The retention rules by which it was.</summary>
    public required long RulesVersion { get; init; }

    /// <summary>Per store and category: how many and how; at least one.</summary>
    public required IReadOnlyList<ErasedData> Erased { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    /// <inheritdoc/>
    public SubjectDataExpired WithSignature(MessageSignature signature) => this with { Signature = signature };
}
