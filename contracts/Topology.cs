using Personalization.Contracts.Audit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Contracts.Retention;

namespace Personalization.Contracts;

/// <summary>
/// Who reads what: every queue of the system and the one message it takes. Each service declares all of it before it publishes, because a
/// broker confirms, and forgets, what no queue is bound for yet.
/// </summary>
public static class Topology
{
    /// <summary>The exchange for publishers that send CloudEvents JSON without .NET.</summary>
    public const string CustomerEvents = "customer-events";

    /// <summary>Every queue, by service.</summary>
    public static IReadOnlyList<Subscription> Subscriptions { get; } =
    [
        new("audit", "adopt-audit-read-rules-on-read-rules-changed", typeof(ReadRulesChanged)),
        new("audit", "append-entry-on-audience-opened", typeof(AudienceOpened)),
        new("audit", "append-entry-on-consent-applied", typeof(ConsentApplied)),
        new("audit", "append-entry-on-consent-expired", typeof(ConsentExpired)),
        new("audit", "append-entry-on-consent-granted", typeof(ConsentGranted)),
        new("audit", "append-entry-on-consent-renewal-needed", typeof(ConsentRenewalNeeded)),
        new("audit", "append-entry-on-consent-revoked", typeof(ConsentRevoked)),
        new("audit", "append-entry-on-data-map-changed", typeof(DataMapChanged)),
        new("audit", "append-entry-on-erase-subject", typeof(EraseSubject)),
        new("audit", "append-entry-on-erasure-cancelled", typeof(ErasureCancelled)),
        new("audit", "append-entry-on-erasure-completed", typeof(ErasureCompleted)),
        new("audit", "append-entry-on-erasure-due-soon", typeof(ErasureDueSoon)),
        new("audit", "append-entry-on-erasure-overdue", typeof(ErasureOverdue)),
        new("audit", "append-entry-on-erasure-receipt-refused", typeof(ErasureReceiptRefused)),
        new("audit", "append-entry-on-export-completed", typeof(ExportCompleted)),
        new("audit", "append-entry-on-export-subject", typeof(ExportSubject)),
        new("audit", "append-entry-on-fields-minimized", typeof(FieldsMinimized)),
        new("audit", "append-entry-on-incident-notice-awaited", typeof(IncidentNoticeAwaited)),
        new("audit", "append-entry-on-incident-recorded", typeof(IncidentRecorded)),
        new("audit", "append-entry-on-legal-holds-changed", typeof(LegalHoldsChanged)),
        new("audit", "append-entry-on-objection-received", typeof(ObjectionReceived)),
        new("audit", "append-entry-on-objection-resolved", typeof(ObjectionResolved)),
        new("audit", "append-entry-on-personal-data-read", typeof(PersonalDataRead)),
        new("audit", "append-entry-on-quarantine-resolved", typeof(QuarantineResolved)),
        new("audit", "append-entry-on-read-rules-changed", typeof(ReadRulesChanged)),
        new("audit", "append-entry-on-recommendations-answered", typeof(RecommendationsAnswered)),
        new("audit", "append-entry-on-restriction-lifted", typeof(RestrictionLifted)),
        new("audit", "append-entry-on-retention-rules-changed", typeof(RetentionRulesChanged)),
        new("audit", "append-entry-on-reward-granted", typeof(RewardGranted)),
        new("audit", "append-entry-on-segment-entered", typeof(SegmentEntered)),
        new("audit", "append-entry-on-segment-left", typeof(SegmentLeft)),
        new("audit", "append-entry-on-signal-recorded", typeof(SignalRecorded)),
        new("audit", "append-entry-on-staff-read-decided", typeof(StaffReadDecided)),
        new("audit", "append-entry-on-subject-data-erased", typeof(SubjectDataErased)),
        new("audit", "append-entry-on-subject-data-expired", typeof(SubjectDataExpired)),
        new("audit", "append-entry-on-use-restricted", typeof(UseRestricted)),
        new("audit", "append-entry-on-withdrawal-recorded", typeof(WithdrawalRecorded)),
        new("audit", "hand-over-reads-on-export-subject", typeof(ExportSubject)),
        new("audit", "keep-data-map-on-data-map-announced", typeof(DataMapAnnounced)),
        new("audit", "shred-salt-on-erase-subject", typeof(EraseSubject)),
        new("consent", "adopt-consent-read-rules-on-read-rules-changed", typeof(ReadRulesChanged)),
        new("consent", "adopt-periods-on-retention-rules-changed", typeof(RetentionRulesChanged)),
        new("consent", "confirm-on-consent-applied", typeof(ConsentApplied)),
        new("consent", "freeze-proofs-on-erase-subject", typeof(EraseSubject)),
        new("consent", "hand-over-consents-on-export-subject", typeof(ExportSubject)),
        new("profile", "adopt-rules-on-retention-rules-changed", typeof(RetentionRulesChanged)),
        new("profile", "close-profile-gate-on-consent-expired", typeof(ConsentExpired)),
        new("profile", "close-profile-gate-on-consent-revoked", typeof(ConsentRevoked)),
        new("profile", "erase-profile-on-erase-subject", typeof(EraseSubject)),
        new("profile", "hand-over-profile-on-export-subject", typeof(ExportSubject)),
        new("profile", "ingest-on-customer-event", typeof(CustomerEvent), CustomerEvents),
        new("profile", "keep-holds-on-legal-holds-changed", typeof(LegalHoldsChanged)),
        new("profile", "open-profile-gate-on-consent-granted", typeof(ConsentGranted)),
        new("recommendation", "adopt-recommendation-read-rules-on-read-rules-changed", typeof(ReadRulesChanged)),
        new("recommendation", "close-recommendation-gate-on-consent-expired", typeof(ConsentExpired)),
        new("recommendation", "close-recommendation-gate-on-consent-revoked", typeof(ConsentRevoked)),
        new("recommendation", "erase-signals-on-erase-subject", typeof(EraseSubject)),
        new("recommendation", "hand-over-history-on-export-subject", typeof(ExportSubject)),
        new("recommendation", "learn-on-signal-recorded", typeof(SignalRecorded)),
        new("recommendation", "open-recommendation-gate-on-consent-granted", typeof(ConsentGranted)),
        new("retention", "adopt-retention-read-rules-on-read-rules-changed", typeof(ReadRulesChanged)),
        new("retention", "cancel-exports-on-erase-subject", typeof(EraseSubject)),
        new("retention", "collect-on-subject-data-erased", typeof(SubjectDataErased)),
        new("retention", "collect-on-subject-data-exported", typeof(SubjectDataExported)),
        new("retention", "hand-over-cases-on-export-subject", typeof(ExportSubject)),
        new("retention", "open-case-on-consent-expired", typeof(ConsentExpired)),
        new("retention", "open-case-on-consent-revoked", typeof(ConsentRevoked)),
        new("retention", "record-on-subject-data-expired", typeof(SubjectDataExpired)),
    ];

    /// <summary>What each service publishes, by service. It may write to the exchanges of these messages and to no others.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<Type>> Publications { get; } = new Dictionary<string, IReadOnlyList<Type>>
    {
        ["audit"] =
        [
            typeof(DataMapAnnounced), typeof(DataMapChanged), typeof(IncidentNoticeAwaited), typeof(IncidentRecorded), typeof(PersonalDataRead),
            typeof(StaffReadDecided), typeof(SubjectDataErased), typeof(SubjectDataExported),
        ],
        ["consent"] =
        [
            typeof(ConsentExpired), typeof(ConsentGranted), typeof(ConsentRenewalNeeded), typeof(ConsentRevoked), typeof(DataMapAnnounced),
            typeof(PersonalDataRead), typeof(RestrictionLifted), typeof(RewardGranted), typeof(StaffReadDecided), typeof(SubjectDataErased),
            typeof(SubjectDataExported), typeof(UseRestricted),
        ],
        ["profile"] =
        [
            typeof(AudienceOpened), typeof(ConsentApplied), typeof(DataMapAnnounced), typeof(FieldsMinimized), typeof(PersonalDataRead),
            typeof(QuarantineResolved), typeof(ReadRulesChanged), typeof(SegmentEntered), typeof(SegmentLeft), typeof(SignalRecorded),
            typeof(StaffReadDecided), typeof(SubjectDataErased), typeof(SubjectDataExpired), typeof(SubjectDataExported), typeof(WithdrawalRecorded),
        ],
        ["recommendation"] =
        [
            typeof(ConsentApplied), typeof(DataMapAnnounced), typeof(PersonalDataRead), typeof(RecommendationsAnswered), typeof(StaffReadDecided),
            typeof(SubjectDataErased), typeof(SubjectDataExported),
        ],
        ["retention"] =
        [
            typeof(DataMapAnnounced), typeof(EraseSubject), typeof(ErasureCancelled), typeof(ErasureCompleted), typeof(ErasureDueSoon),
            typeof(ErasureOverdue), typeof(ErasureReceiptRefused), typeof(ExportCompleted), typeof(ExportSubject), typeof(LegalHoldsChanged),
            typeof(ObjectionReceived), typeof(ObjectionResolved), typeof(PersonalDataRead), typeof(RetentionRulesChanged), typeof(StaffReadDecided),
            typeof(SubjectDataExported),
        ],
    };
}

/// <summary>A queue and what it takes.</summary>
/// <param name="Service">The service that reads it.</param>
/// <param name="Queue">The consumer's name in kebab case.</param>
/// <param name="Message">The contract.</param>
/// <param name="Exchange">A plain exchange bound to it as well.</param>
public sealed record Subscription(string Service, string Queue, Type Message, string? Exchange = null)
{
    /// <summary>What is done with the message, by the queue's name; the same for no other service, because rights over queues go by it.</summary>
    public string Reaction => Queue[..Queue.IndexOf("-on-", StringComparison.Ordinal)];
}
