using System.Text.Json;
using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;

namespace Personalization.Contracts.Retention;

/// <summary>
/// Sent to every participant of an erasure case: erase what no remaining purpose justifies and answer with <see cref="SubjectDataErased"/>.
/// It never touches a later epoch, whenever and however often it arrives.
/// </summary>
public sealed record EraseSubject : ISignedMessage<EraseSubject>
{
    /// <summary>The erasure case.</summary>
    public required string CaseId { get; init; }

    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <summary>The epoch to erase in; earlier ones are erased with it.</summary>
    public required int Epoch { get; init; }

    /// <summary>The consent version that opened the case. A participant whose own copy is older brings it up to date first.</summary>
    public required long Version { get; init; }

    /// <summary>Erase all of the epoch and destroy its key, not only what is narrowed.</summary>
    public required bool WholeEpoch { get; init; }

    /// <summary>What stopped being permitted.</summary>
    public required IReadOnlyList<NarrowedConsent> Narrowed { get; init; }

    /// <summary>Why: <c>revoked</c>, <c>expired</c>, <c>requested</c> by the person or <c>ordered</c> by an authority.</summary>
    public required string Reason { get; init; }

    /// <summary>The legal holds on the subject's data when this was sent, as signed; null if there never was one. A participant that knows older ones takes these first.</summary>
    public LegalHoldsChanged? Holds { get; init; }

    /// <summary>When the case was opened, UTC. Null from older publishers.</summary>
    public DateTimeOffset? OpenedAt { get; init; }

    /// <summary>By when the law wants it done, UTC. Null from older publishers.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    /// <inheritdoc/>
    public EraseSubject WithSignature(MessageSignature signature) => this with { Signature = signature };
}
