using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Personalization.Contracts.Consent;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>The proof of one decision: never changed, only frozen under a key of its own when the subject's key goes.</summary>
public sealed record LedgerEntry : ISubjectDocument
{
    /// <summary>The rule that keeps proofs after an erasure.</summary>
    public const string ProofRule = "consent-proof";

    // Not part of what was decided: they change when the proof is frozen, or hide what the commitment is of.
    private static readonly string[] NotCommitted = ["frozenAt", "retentionRule", "salt"];

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => LedgerLink.IdOf(SubjectRef, Version);

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The consent version it made.</summary>
    public required long Version { get; init; }

    /// <summary>The epoch it belongs to.</summary>
    public required int Epoch { get; init; }

    /// <summary>Names the receipt.</summary>
    public required string ReceiptId { get; init; }

    /// <summary>What was decided.</summary>
    public required IReadOnlyList<CategoryConsent> Decisions { get; init; }

    /// <summary>The purposes it touched, as they were then: what its receipt is made of.</summary>
    public required IReadOnlyList<DecidedPurpose> Purposes { get; init; }

    /// <summary>The notice it was decided on: version, language, hash of the text. Null for a withdrawal.</summary>
    public int? NoticeVersion { get; init; }

    /// <summary>Its language.</summary>
    public string? Language { get; init; }

    /// <summary>Its hash.</summary>
    public string? NoticeSha256 { get; init; }

    /// <summary>The record of its having been served, if the page that asked made one.</summary>
    public string? ServedNoticeId { get; init; }

    /// <summary>When it was served, UTC.</summary>
    public DateTimeOffset? ServedAt { get; init; }

    /// <summary>Where it was decided: <c>web</c>, <c>app</c>, <c>import</c>, <c>paper</c>, <c>expiry</c>…</summary>
    public required string Channel { get; init; }

    /// <summary>Where the proof of a decision made elsewhere is: the number of a document, never its content.</summary>
    public string? Evidence { get; init; }

    /// <summary>When the person decided, UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>When it was recorded here, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>32 random bytes, base64url: without it nobody can try what the commitment in the chain might be of.</summary>
    public required string Salt { get; init; }

    /// <summary>Set once frozen: the rule it is kept under.</summary>
    public string? RetentionRule { get; init; }

    /// <summary>When it was frozen, UTC: from then on its time of keeping runs.</summary>
    public DateTimeOffset? FrozenAt { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public DataKeyId? DataKey => new DataKeyId(SubjectRef, Epoch, RetentionRule);

    /// <summary>Lower-case hex SHA-256 of the salt, a line feed and the canonical JSON of what was decided.</summary>
    public string Commitment() =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(Salt + "\n"), .. CanonicalJson.Of(this, NotCommitted)]));

    /// <summary>No more than what <see cref="Commitment"/> is of, and the salt.</summary>
    public LedgerEntry Committed() => this with { FrozenAt = null, RetentionRule = null };

    /// <summary>The same proof under the key that outlives the subject's own.</summary>
    public LedgerEntry Freeze(DateTimeOffset now) => this with { RetentionRule = ProofRule, FrozenAt = now };
}

/// <summary>
/// One decision's place in the subject's chain, kept in clear and for ever: it holds no more of the decision than a salted commitment, so the
/// chain verifies after what it speaks of was erased.
/// </summary>
public sealed record LedgerLink : IDocument
{
    /// <summary>What stands before the first link.</summary>
    public static readonly string Start = new('0', 64);

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(SubjectRef, Version);

    /// <summary>The subject's pseudonym.</summary>
    public required string SubjectRef { get; init; }

    /// <summary>The consent version.</summary>
    public required long Version { get; init; }

    /// <summary>The epoch.</summary>
    public required int Epoch { get; init; }

    /// <summary><see cref="LedgerEntry.Commitment"/>.</summary>
    public required string Commitment { get; init; }

    /// <summary>Hash of the subject's link before; of the first one <see cref="Start"/>.</summary>
    public required string Previous { get; init; }

    /// <summary>Lower-case hex SHA-256 of the canonical JSON of all members above.</summary>
    public required string Hash { get; init; }

    /// <summary>The link of an entry after the one with that hash.</summary>
    public static LedgerLink Of(LedgerEntry entry, string? previous)
    {
        var link = new LedgerLink
        {
            SubjectRef = entry.SubjectRef,
            Version = entry.Version,
            Epoch = entry.Epoch,
            Commitment = entry.Commitment(),
            Previous = previous ?? Start,
            Hash = "",
        };
        return link with { Hash = link.ComputeHash() };
    }

    /// <summary>What <see cref="Hash"/> has to be.</summary>
    public string ComputeHash() => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Of(this, "hash")));

    /// <summary>The place of a subject's decision; places of one subject are ordered by version.</summary>
    public static string IdOf(string subjectRef, long version) => string.Create(CultureInfo.InvariantCulture, $"{subjectRef}/{version:D19}");
}
