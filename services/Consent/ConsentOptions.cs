using System.ComponentModel.DataAnnotations;

namespace Personalization.Consent;

/// <summary>Section <c>Consent</c>.</summary>
public sealed record ConsentOptions
{
    /// <summary>How long a decision waits for the serving services before it is answered with 202, in milliseconds. Default 2000, 0 to 30000.</summary>
    [Range(0, 30_000)]
    public int WaitForMilliseconds { get; init; } = 2000;

    /// <summary>Years that proofs of consent are kept after an erasure, frozen. Default 3 (152-FZ, GDPR 7(1)), 1 to 10.</summary>
    [Range(1, 10)]
    public int KeepProofsYears { get; init; } = 3;

    /// <summary>Years that rewards are kept after everything else of the person was erased. Default 3, 1 to 10.</summary>
    [Range(1, 10)]
    public int KeepRewardsYears { get; init; } = 3;

    /// <summary>Days that the record of a notice's having been served can be named by a decision. Default 30, 1 to 3650; what the ledger took of it stays.</summary>
    [Range(1, 3650)]
    public int KeepServedNoticesDays { get; init; } = 30;

    /// <summary>Days that the link of a mail unsubscribes. Default 365, 60 to 3650: mails are opened late.</summary>
    [Range(60, 3650)]
    public int KeepUnsubscribeTokensDays { get; init; } = 365;

    /// <summary>Where people reach this deployment; stands in the links of mails. Default http://localhost:8080; anywhere else it is HTTPS (RFC 8058).</summary>
    [RegularExpression(@"https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?")]
    public string PublicUrl { get; init; } = "http://localhost:8080";

    /// <summary>Counts of a report under this are suppressed, and what they could be computed from. Default 20, 0 to 1000; 0 suppresses nothing.</summary>
    [Range(0, 1000)]
    public int SuppressBelow { get; init; } = 20;

    /// <summary>Since when Global Privacy Control is honoured as it is now, as <c>/.well-known/gpc.json</c> tells. Default 2026-11-25.</summary>
    [RegularExpression(@"\d{4}-\d{2}-\d{2}")]
    public string GpcLastUpdate { get; init; } = "2026-11-25";
}
