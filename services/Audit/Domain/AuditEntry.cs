using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>
/// One message, told without personal data: a commitment instead of its content. Each entry holds the hash of the one before, so that
/// whoever knows the newest hash notices any change to any of them.
/// </summary>
public sealed record AuditEntry : IDocument
{
    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Json.FormatNumber(Number);

    /// <summary>Contiguous from 1.</summary>
    public required long Number { get; init; }

    /// <summary>When it was recorded, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>The contract's name.</summary>
    public required string Type { get; init; }

    /// <summary>The message's id: one entry per message, however often it was delivered.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>The erasure case it belongs to; names nobody.</summary>
    public string? CaseId { get; init; }

    /// <summary>
    /// Of a consent event: hash of the decision's link in Consent's ledger, in clear, so that a ledger made anew, even with Consent's key, is
    /// found out by whoever compares the two. Null for other messages.
    /// </summary>
    public string? LedgerHash { get; init; }

    /// <summary>Of a read of somebody's data: who read what kind of data and what for, in clear, but not whose. Null for other messages.</summary>
    public AuditedRead? Read { get; init; }

    /// <summary>
    /// Lower-case hex. About a subject: HMAC-SHA-256 of the message's canonical JSON under the subject's key of that epoch, which an erasure
    /// destroys, after which nobody can tell whose entry it is. About nobody: SHA-256. Null for a message about an epoch that was erased already.
    /// </summary>
    public string? Commitment { get; init; }

    /// <summary>Hash of the entry before; of the first one: 64 zeros.</summary>
    public required string Previous { get; init; }

    /// <summary>Lower-case hex SHA-256 of the canonical JSON of all members above.</summary>
    public required string Hash { get; init; }

    /// <summary>What stands before the first entry.</summary>
    public static string Start { get; } = new('0', 64);

    /// <summary>The entry with its hash.</summary>
    public AuditEntry Sealed() => this with { Hash = ComputeHash() };

    /// <summary>The hash it must have.</summary>
    public string ComputeHash() => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(this, "hash")));
}

/// <summary>A read of somebody's data. It names neither the person nor the reader.</summary>
/// <param name="Data"><c>profile</c> or <c>contacts</c>.</param>
/// <param name="Role">The reader's role.</param>
/// <param name="Outcome"><c>shown</c> or <c>refused</c>.</param>
/// <param name="Categories">The categories of data in the answer.</param>
/// <param name="Reader">A keyed hash: the same reader has the same.</param>
/// <param name="Purpose">The purpose of use.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record AuditedRead(
    string Data, string Role, string Outcome, IReadOnlyList<string> Categories, string? Reader = null, string? Purpose = null, string? Reason = null);

/// <summary>The end of the chain.</summary>
public sealed record AuditHead : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "head";

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Entries so far.</summary>
    public required long Size { get; init; }

    /// <summary>Hash of the last one.</summary>
    public required string Hash { get; init; }
}
