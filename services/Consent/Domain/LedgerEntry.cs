using System.Globalization;
using Personalization.Contracts.Consent;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Domain;

/// <summary>The proof of one decision: never changed, only frozen under a key of its own when the subject's key goes.</summary>
public sealed record LedgerEntry : ISubjectDocument
{
    /// <summary>The rule that keeps proofs after an erasure.</summary>
    public const string ProofRule = "consent-proof";

    /// <inheritdoc/>
    public string Id => IdOf(SubjectRef, Version);

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

    /// <summary>The notice it was decided on: version, language, hash of the text. Null for a withdrawal.</summary>
    public int? NoticeVersion { get; init; }

    /// <summary>Its language.</summary>
    public string? Language { get; init; }

    /// <summary>Its hash.</summary>
    public string? NoticeSha256 { get; init; }

    /// <summary>Where it was decided: <c>web</c>, <c>app</c>, <c>import</c>…</summary>
    public required string Channel { get; init; }

    /// <summary>When the person decided, UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>When it was recorded here, UTC.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Set once frozen: the rule it is kept under.</summary>
    public string? RetentionRule { get; init; }

    /// <inheritdoc/>
    public DataKeyId? DataKey => new DataKeyId(SubjectRef, Epoch, RetentionRule);

    /// <summary>The place of a subject's entry.</summary>
    public static string IdOf(string subjectRef, long version) => string.Create(CultureInfo.InvariantCulture, $"{subjectRef}/{version:D19}");
}
