using Personalization.Platform;
using Personalization.Platform.Security;

namespace Personalization.Retention.Domain;

/// <summary>The act of everything that was destroyed for cases completed on one day, and by the retention rules on it, with its log: what certificates and services say, in one document.</summary>
/// <param name="Format">What the file is.</param>
/// <param name="Day">The day, UTC.</param>
/// <param name="Operator">Who is answerable for the data.</param>
/// <param name="Processor">Who processes the data for the operator; null: nobody.</param>
/// <param name="Executor">Who answers for the destruction; null: to be filled in by hand.</param>
/// <param name="InformationSystem">Where the data was destroyed.</param>
/// <param name="Entries">A line a case, in the order they were completed; then a line a person of whom a retention rule ended something.</param>
/// <param name="MerkleRoot">Root of the Merkle tree (RFC 6962) over the certificates and the services' signed reports in that order.</param>
public sealed record ErasureAct(
    string Format, DateOnly Day, CertificateParty Operator, CertificateParty? Processor, CertificateExecutor? Executor, string InformationSystem,
    IReadOnlyList<ErasureActEntry> Entries, string MerkleRoot)
{
    /// <summary>Says what the file is.</summary>
    public const string FormatName = "personalization-erasure-act/1";

    /// <summary>The act over the day's certificates.</summary>
    public static ErasureAct Of(DateOnly day, IReadOnlyList<ErasureCertificate> certificates, IReadOnlyList<ErasureActLine> terms, CertificateParties parties) => new(
        FormatName, day, parties.Operator, parties.Processor, parties.Executor, parties.InformationSystem,
        [.. certificates.Select(ErasureActEntry.Of), .. terms.Select(ErasureActEntry.Of)],
        Convert.ToHexStringLower(MerkleFrontier.Of(certificates.Select(certificate => certificate.ToJson()).Concat(terms.SelectMany(term => term.Reports).Select(report => CanonicalJson.Of(report)))).Root));
}

/// <summary>One case of an act, or what retention rules ended of one person.</summary>
/// <param name="CaseId">The case; null: a retention rule ended it.</param>
/// <param name="SubjectRef">The person's pseudonym.</param>
/// <param name="CustomerId">The caller's id of the person; null if nobody named them.</param>
/// <param name="Categories">What was destroyed; empty if nothing was held.</param>
/// <param name="Methods">How.</param>
/// <param name="Retained">What was kept by law.</param>
/// <param name="Reason">Why.</param>
/// <param name="CompletedAt">UTC.</param>
/// <param name="Order">Which authority ordered it, and by what; null: none did.</param>
public sealed record ErasureActEntry(
    string? CaseId, string SubjectRef, string? CustomerId, IReadOnlyList<string> Categories, IReadOnlyList<string> Methods, IReadOnlyList<string> Retained,
    ErasureReason Reason, DateTimeOffset CompletedAt, string? Order = null)
{
    internal static ErasureActEntry Of(ErasureCertificate certificate)
    {
        var erased = certificate.Receipts.SelectMany(receipt => receipt.Erased).ToArray();
        return new ErasureActEntry(
            certificate.CaseId, certificate.SubjectRef, certificate.CustomerId,
            Distinct(erased.Select(data => data.Category)), Distinct(erased.Select(data => data.Method)),
            Distinct(certificate.Receipts.SelectMany(receipt => receipt.Retained).Select(data => data.Category)),
            certificate.Reason, certificate.CompletedAt, certificate.Order);
    }

    internal static ErasureActEntry Of(ErasureActLine term)
    {
        var erased = term.Reports.SelectMany(report => report.Erased).ToArray();
        return new ErasureActEntry(
            null, term.SubjectRef, null, Distinct(erased.Select(data => data.Category)), Distinct(erased.Select(data => data.Method)), [], ErasureReason.TermEnded,
            term.Reports.Max(report => report.ErasedAt));
    }

    private static string[] Distinct(IEnumerable<string> values) => [.. values.Distinct().Order(StringComparer.Ordinal)];
}
