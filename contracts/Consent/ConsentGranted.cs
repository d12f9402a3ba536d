using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Consent;

/// <summary>Published when a person permitted something more and nothing less. A consumer may use data collected from the decision's time on, for what is granted.</summary>
public sealed record ConsentGranted : IConsentEvent, ISignedMessage<ConsentGranted>
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
    public ConsentGranted WithSignature(MessageSignature signature) => this with { Signature = signature };
}
