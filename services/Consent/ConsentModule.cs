using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Consent.Features;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;

namespace Personalization.Consent;

/// <summary>What people allow, its proof, and the numbered stream every gate follows.</summary>
public sealed class ConsentModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Consent";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Options<ConsentOptions>()

        .ReadRules("consent_read_rules")
        .Document<Purpose>("purposes", ConsentDataMap.Purposes, ("all", _ => "purpose"))
        .Document<PurposeVersion>("purpose_versions", ConsentDataMap.PurposeVersions)
        .Document<ServedNotice>(
            "served_notices",
            ConsentDataMap.ServedNotices,
            ("served", served => served.IsCounted ? Json.FormatTime(served.ServedAt) : null),
            ("uncounted", served => served.IsCounted ? null : Json.FormatTime(served.ServedAt)))
        .Document<DecisionTally>("decision_tallies", ConsentDataMap.DecisionTallies, ("place", tally => tally.Id))
        .Document<ServedTally>("served_tallies", ConsentDataMap.ServedTallies, ("place", tally => tally.Id))
        .Document<UnsubscribeToken>(
            "unsubscribe_tokens",
            ConsentDataMap.UnsubscribeTokens,
            ("subject", token => token.SubjectRef is null ? null : SubjectIndex.Of(token.SubjectRef, token.Epoch, token.Id)),
            ("issued", token => Json.FormatTime(token.IssuedAt)))
        .Document<RewardGrant>("reward_grants", ConsentDataMap.RewardGrants, ("place", grant => grant.Id), ("left", grant => grant.LeftAt is { } at ? Json.FormatTime(at) : null))
        .Document<NoticeChange>("notice_changes", ConsentDataMap.NoticeChanges, ("due", change => Json.FormatTime(change.PassStartedAt)))
        .Document<ConsentRecord>(
            "consent_records",
            ConsentDataMap.ConsentRecords,
            ("subject", record => record.Id),
            ("expires", record => record.NextExpiry is { } at ? Json.FormatTime(at) : null),
            ("granting", record => record.HasGrants ? record.Id : null),
            ("renewing", record => record.Renewals.Count > 0 ? record.Id : null))
        .Document<Restriction>(
            "restrictions",
            ConsentDataMap.Restrictions,
            ("place", restriction => restriction.Id),
            ("until", restriction => restriction.Until is { } until ? Json.FormatTime(until) : null))
        .Document<LedgerEntry>("ledger_entries", ConsentDataMap.LedgerEntries, ("place", entry => entry.Id), ("frozen", entry => entry.FrozenAt is { } at ? Json.FormatTime(at) : null))
        .Document<LedgerLink>("ledger_links", ConsentDataMap.LedgerLinks, ("place", link => link.Id))
        .Document<PendingChange>("pending_changes", ConsentDataMap.PendingChanges, ("created", change => Json.FormatTime(change.CreatedAt)))
        .Document<StreamEntry>("consent_stream_entries", ConsentDataMap.ConsentStreamEntries, ("number", entry => entry.Id), ("subject", entry => entry.SubjectRef))
        .Document<StreamHead>("consent_stream_heads", ConsentDataMap.ConsentStreamHeads)
        .Document<AppliedConsent>("applied_consents", ConsentDataMap.AppliedConsents)
        .Document<ConsentImport>("consent_imports", ConsentDataMap.ConsentImports, ("changed", import => Json.FormatTime(import.ChangedAt)))
        .Document<RetentionPeriods>("retention_periods", ConsentDataMap.RetentionPeriods)
        .CompletesDataMapWith<ConsentDataMap>()

        .Publishes<ConsentExpired>()
        .Publishes<ConsentGranted>()
        .Publishes<ConsentRenewalNeeded>()
        .Publishes<ConsentRevoked>()
        .Publishes<RestrictionLifted>()
        .Publishes<RewardGranted>()
        .Publishes<UseRestricted>()

        .Endpoint(DeclarePurpose.Map)
        .Endpoint(ListPurposes.Map)
        .Endpoint(ReadPurposeVersion.Map)
        .Endpoint(RecordServedNotice.Map)
        .Endpoint(ReadConsents.Map)
        .Endpoint(ReadHistory.Map)
        .Endpoint(ReadRewards.Map)
        .Endpoint(ReadReceipt.Map)
        .Endpoint(ListSigningKeys.Map)
        .Endpoint(DecideConsent.Map)
        .Endpoint(RefuseBundles.Map)
        .Endpoint(RevokeConsent.Map)
        .Endpoint(RevokeAllConsents.Map)
        .Endpoint(RestrictUse.Map)
        .Endpoint(LiftRestriction.Map)
        .Endpoint(ListRestrictions.Map)
        .Endpoint(IssueUnsubscribeToken.Map)
        .Endpoint(ShowUnsubscribePage.Map)
        .Endpoint(UnsubscribeByToken.Map)
        .Endpoint(RecordWithdrawal.Map)
        .Endpoint(StateGpcSupport.Map)
        .Endpoint(RecordGpcSignal.Map)
        .Endpoint(ReportConsents.Map)
        .Endpoint(ImportConsents.Map)
        .Endpoint(ExportConsents.Map)
        .Endpoint(ExportLedger.Map)
        .Endpoint(VerifyLedger.Map)
        .Endpoint(ReadConsentStream.Map)

        .Consumer<AdoptConsentReadRulesOnReadRulesChanged, ReadRulesChanged>()
        .Consumer<AdoptPeriodsOnRetentionRulesChanged, RetentionRulesChanged>()
        .Consumer<ConfirmOnConsentApplied, ConsentApplied>(prefetch: 256)
        .Consumer<FreezeProofsOnEraseSubject, EraseSubject>()
        .ErasesWith<ConsentErasure>()
        .Consumer<HandOverConsentsOnExportSubject, ExportSubject>()
        .ExportsWith<ConsentExport>()

        .Services((services, _) => services.AddSingleton<IValidateOptions<ConsentOptions>, NamedParties>())
        .Singleton<InForceWaiter>()
        .Singleton<ConsentTelemetry>()
        .Worker<WatchStreamHead>()
        .Services((services, _) => services.AddHealthChecks().AddCheck<ConsentStreamHealth>("consent-stream"))
        .Worker<NumberConsentChanges>()
        .Worker<ExpireConsents>()
        .Worker<LiftDueRestrictions>()
        .Worker<MarkRenewals>()
        .Worker<WatchRenewals>()
        .Worker<CountServedNotices>()
        .Worker<ForgetOldProofs>()
        .Worker<ForgetOldRewards>()
        .Worker<ForgetServedNotices>()
        .Worker<ForgetUnsubscribeTokens>();
}
