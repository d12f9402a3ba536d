using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Profile;

/// <summary>
/// Published by product services: something a customer did, as a CloudEvents 1.0 event. The JSON of this record is the structured mode of
/// CloudEvents, so publishers without .NET send that to the exchange <c>customer-events</c>. Only what is declared for a purpose the person
/// consents to is stored; the rest is dropped and counted.
/// </summary>
public sealed record CustomerEvent
{
    /// <summary>Always <c>1.0</c>.</summary>
    [JsonPropertyName("specversion")]
    public string SpecVersion { get; init; } = "1.0";

    /// <summary>With <see cref="Source"/> the key of deduplication.</summary>
    public required string Id { get; init; }

    /// <summary>The publishing system, a URI reference.</summary>
    public required string Source { get; init; }

    /// <summary>A declared event type, <c>film.rated</c> for example.</summary>
    public required string Type { get; init; }

    /// <summary>The caller's opaque customer id; never an e-mail, a phone or another direct identifier.</summary>
    public required string Subject { get; init; }

    /// <summary>When it happened. Mandatory here: consent is compared with it.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The declared fields.</summary>
    public required JsonElement Data { get; init; }
}
