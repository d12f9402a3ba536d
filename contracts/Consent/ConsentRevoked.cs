using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Consent;

/// <summary>Published when what a person permits shrank by their own decision (revoked, denied, fewer categories, objection). For a refusal of what was never granted nothing is narrowed, nor for a restriction of use: what is held stays then, and no case follows. A consumer stops using what is narrowed before it answers anything else, and an erasure case follows.</summary>
public sealed record ConsentRevoked : IConsentEvent, ISignedMessage<ConsentRevoked>
{
    /// <inheritdoc/>
    public required ConsentSnapshot Consent { get; init; }

    /// <inheritdoc/>
    public required IReadOnlyList<NarrowedConsent> Narrowed { get; init; }

    /// <inheritdoc/>
    public required bool EpochEnded { get; init; }

    /// <inheritdoc/>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <inheritdoc/>
    public string? LedgerHash { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public string SubjectRef => Consent.SubjectRef;

    /// <inheritdoc/>
    [JsonIgnore]
    public int Epoch => Consent.Epoch;

    /// <inheritdoc/>
    [JsonIgnore]
    public long Version => Consent.Version;

    /// <inheritdoc/>
    public ConsentRevoked WithSignature(MessageSignature signature) => this with { Signature = signature };
}
