using System.Text.Json.Serialization;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>
/// One message, told without personal data: a commitment instead of its content. Entries are the leaves of a Merkle tree (RFC 6962), so whoever
/// knows an earlier root notices any change to what stood before it.
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

    /// <summary>What an instance of Recommendation decided in its answers, in clear: it names nobody. Null for other messages.</summary>
    public RecommendationsAnswered? Answered { get; init; }

    /// <summary>
    /// Lower-case hex. About a subject: HMAC-SHA-256 of the message's canonical JSON under the subject's key of that epoch, which an erasure
    /// destroys, after which nobody can tell whose entry it is. About nobody: SHA-256. Null for a message about an epoch that was erased already.
    /// </summary>
    public string? Commitment { get; init; }

    /// <summary>Its leaf in the tree: lower-case hex SHA-256 of a zero byte and the canonical JSON of all members above.</summary>
    public required string Hash { get; init; }

    /// <summary>The entry with its hash.</summary>
    public AuditEntry Sealed() => this with { Hash = ComputeHash() };

    /// <summary>The hash it must have.</summary>
    public string ComputeHash() => Convert.ToHexStringLower(MerkleFrontier.LeafHash(CanonicalJson.Of(this, "hash")));
}

/// <summary>A read of somebody's data, or of many people's. It names neither a person nor the reader.</summary>
/// <param name="Data">What it is in a word, <c>profile</c> for example.</param>
/// <param name="Role">The reader's role.</param>
/// <param name="Outcome"><c>shown</c>, <c>counted</c> or <c>refused</c>.</param>
/// <param name="Categories">The categories of data in the answer.</param>
/// <param name="Reader">A keyed hash: the same reader has the same.</param>
/// <param name="Purpose">The purpose of use.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Compliance">How it stands to the read rules.</param>
/// <param name="RulesVersion">Their version.</param>
public sealed record AuditedRead(
    string Data, string Role, string Outcome, IReadOnlyList<string> Categories, string? Reader = null, string? Purpose = null, string? Reason = null,
    ReadCompliance? Compliance = null, long? RulesVersion = null)
{
    /// <summary>What an entry says of a message about a read; null of any other.</summary>
    public static AuditedRead? Of(object message) => message switch
    {
        PersonalDataRead read => new(read.Data, read.Role, read.Outcome, read.Categories, read.Reader, read.Purpose, read.Reason, read.Compliance, read.RulesVersion),
        StaffReadDecided read => new(read.Data, read.Role, read.Outcome, read.Categories, read.Reader, read.Purpose, read.Reason, read.Compliance, read.RulesVersion),
        _ => null,
    };
}

/// <summary>The end of the log.</summary>
public sealed record AuditHead : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "head";

    /// <summary>Of a log without entries.</summary>
    public static readonly AuditHead Empty = Of(new MerkleFrontier());

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => Only;

    /// <summary>Entries so far.</summary>
    public required long Size { get; init; }

    /// <summary>The root of their tree, lower-case hex.</summary>
    public required string RootHash { get; init; }

    /// <summary>The tree's right edge (<see cref="MerkleFrontier"/>).</summary>
    public required IReadOnlyList<byte[]> Frontier { get; init; }

    /// <summary>The end of a log whose tree is this.</summary>
    public static AuditHead Of(MerkleFrontier tree) => new() { Size = tree.Size, RootHash = Convert.ToHexStringLower(tree.Root), Frontier = [.. tree.Roots] };

    /// <summary>The tree, to be appended to.</summary>
    public MerkleFrontier Tree() => new(Size, Frontier);
}
