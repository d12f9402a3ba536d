using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Retention;

/// <summary>
/// A participant's signed receipt: what it erased for a case, what it kept and why, and what a search afterwards found. With <see cref="Failure"/> it
/// is the answer that nothing could be done yet.
/// </summary>
public sealed record SubjectDataErased : ISignedMessage<SubjectDataErased>
{
    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <inheritdoc/>
    public required int Epoch { get; init; }

    /// <inheritdoc/>
    public required long Version { get; init; }

    /// <summary>The participant, as the deployment's list names it.</summary>
    public required string Participant { get; init; }

    /// <summary>When the erasure was finished, UTC.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>Per store and category: how many and how. Empty if nothing was held.</summary>
    public required IReadOnlyList<ErasedData> Erased { get; init; }

    /// <summary>What was kept, and by what right.</summary>
    public required IReadOnlyList<RetainedData> Retained { get; init; }

    /// <summary>What was searched after erasing, and how much was found there.</summary>
    public required IReadOnlyList<ResidualScan> Residual { get; init; }

    /// <summary>The model that no longer holds the subject, where the participant has one.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>
    /// Why it can't be done, a stable word, for example <c>consent-behind</c>; null: it was done. The case waits on, an operator sees it, and a later
    /// receipt takes its place.
    /// </summary>
    public string? Failure { get; init; }

    /// <summary>Who else was told to erase (<see cref="ExternalParticipant"/>): the case waits for a receipt of each of them too; null: nobody.</summary>
    public IReadOnlyList<string>? PassedOnTo { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    /// <inheritdoc/>
    public SubjectDataErased WithSignature(MessageSignature signature) => this with { Signature = signature };
}

/// <summary>What was erased of one category in one store.</summary>
public sealed record ErasedData
{
    /// <summary>The collection or other place.</summary>
    public required string Store { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }

    /// <summary>Documents or values erased.</summary>
    public required long Count { get; init; }

    /// <summary><c>erased</c>, <c>key-destroyed</c> or <c>anonymized</c>.</summary>
    public required string Method { get; init; }
}

/// <summary>What was kept of one category in one store.</summary>
public sealed record RetainedData
{
    /// <summary>The collection or other place.</summary>
    public required string Store { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }

    /// <summary>Documents kept, frozen: nothing uses them but what the reason names.</summary>
    public required long Count { get; init; }

    /// <summary>Why, with the legal basis.</summary>
    public required string Reason { get; init; }

    /// <summary>Until when at the latest, UTC.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether it is kept by a legal hold only: it is erased when the hold ends, and the case isn't completed before. Null: no.</summary>
    public bool? IsOnHold { get; init; }
}

/// <summary>One place searched after erasing.</summary>
public sealed record ResidualScan
{
    /// <summary>The collection or other place.</summary>
    public required string Searched { get; init; }

    /// <summary>What of the erased scope was still there.</summary>
    public required long Found { get; init; }
}
