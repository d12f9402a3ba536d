using System.Text.Json;
using System.Text.Json.Serialization;

namespace Personalization.Contracts.Retention;

/// <summary>
/// Published when a legal hold on somebody's data was placed or ended: all that stand now, signed. A consumer takes the newest version and ignores older
/// ones. What a hold covers is kept, frozen and used for nothing, when an erasure, a retention rule or anything else would erase it.
/// </summary>
public sealed record LegalHoldsChanged : ISignedMessage<LegalHoldsChanged>
{
    /// <inheritdoc/>
    public required string SubjectRef { get; init; }

    /// <summary>0: a hold is on a person's data of whatever epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary>Rises by one with each change of the subject's holds. It is no consent version.</summary>
    public required long Version { get; init; }

    /// <summary>What is held; empty if nothing is any more.</summary>
    public required IReadOnlyList<HeldCategory> Holds { get; init; }

    /// <summary>The hold that was placed, if it is among them, or that ended. Null where nothing changed, and from older publishers.</summary>
    public string? ChangedHoldId { get; init; }

    /// <inheritdoc/>
    public MessageSignature? Signature { get; init; }

    /// <summary>Members of a newer version of this contract; kept because the signature covers them.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Extra { get; init; }

    /// <inheritdoc/>
    public LegalHoldsChanged WithSignature(MessageSignature signature) => this with { Signature = signature };
}

/// <summary>A category of data that a legal hold covers.</summary>
public sealed record HeldCategory
{
    /// <summary>The hold.</summary>
    public required string HoldId { get; init; }

    /// <summary>The category of data.</summary>
    public required string Category { get; init; }

    /// <summary>Only what was collected for one of these purposes; null: for any.</summary>
    public IReadOnlyList<string>? Purposes { get; init; }

    /// <summary>When it ends, UTC; null: when somebody ends it.</summary>
    public DateTimeOffset? Until { get; init; }
}
