using Microsoft.Extensions.Options;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Retention.Domain;
using Personalization.Retention.Features;

namespace Personalization.Retention;

/// <summary>How long data is kept, and the erasure cases that prove it was forgotten.</summary>
public sealed class RetentionModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Retention";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Options<RetentionOptions>()
        .Services((services, _) => services.AddSingleton<IValidateOptions<RetentionOptions>, NamedOperator>())

        .ReadRules("retention_read_rules")
        .Document<ErasureCase>(
            "erasure_cases",
            RetentionDataMap.ErasureCases,
            ("state", erasure => erasure.StateOrder),
            ("subject", erasure => SubjectIndex.Of(erasure.SubjectRef, erasure.Epoch, erasure.Id)),
            ("opened", erasure => erasure.OpenedOrder),
            ("held", erasure => erasure.KeepsForHold ? erasure.SubjectRef : null),
            ("deadline", erasure => erasure.DueOrder),
            ("telling", erasure => erasure.TellingOrder),
            ("sequence", erasure => erasure.SequenceOrder),
            ("due", erasure => erasure.ResendAt is { } at ? Json.FormatTime(at) : null),
            ("cooling", erasure => erasure.CoolingOff?.NextAt is { } at ? Json.FormatTime(at) : null),
            ("demanded", erasure => erasure.CoolingOff is { NextAt: not null } ? erasure.SubjectRef : null),
            ("completed", erasure => erasure.EndedAt is { } at ? Json.FormatTime(at) : null))
        .Document<ErasureDemand>("erasure_demands", RetentionDataMap.ErasureDemands, ("due", demand => Json.FormatTime(demand.NextAt)), ("subject", demand => demand.SubjectRef))
        .Document<ErasureCertificate>("erasure_certificates", RetentionDataMap.ErasureCertificates, ("completed", certificate => Json.FormatTime(certificate.CompletedAt)))
        .Document<ErasureActLine>("erasure_act_lines", RetentionDataMap.ErasureActLines, ("day", erasure => erasure.Id))
        .Document<RefusedReceipt>(
            "refused_receipts",
            RetentionDataMap.RefusedReceipts,
            ("case", refused => refused.CaseId),
            ("refused", refused => RefusedReceipt.OrderOf(refused.RefusedAt, refused.Id)))
        .Document<RetentionRules>("retention_rules", RetentionDataMap.RetentionRules)
        .Document<RetentionRulesVersion>("retention_rule_versions", RetentionDataMap.RetentionRuleVersions, ("newest", version => version.NewestFirst))
        .CompletesDataMapWith<RetentionDataMap>()

        .Document<LegalHold>(
            "legal_holds",
            RetentionDataMap.LegalHolds,
            ("subject", hold => hold.Stands ? hold.SubjectRef : null),
            ("placed", ListLegalHolds.OrderOf),
            ("state", ListLegalHolds.StateOrderOf),
            ("until", hold => hold is { Stands: true, Until: { } until } ? Json.FormatTime(until) : null),
            ("ended", hold => hold.EndedAt is { } at ? Json.FormatTime(at) : null))
        .Document<LegalHoldVersion>("legal_hold_versions", RetentionDataMap.LegalHoldVersions)
        .Document<Objection>(
            "objections",
            RetentionDataMap.Objections,
            ("state", objection => objection.StateOrder),
            ("subject", objection => SubjectIndex.Of(objection.SubjectRef, 0, objection.Id)),
            ("resolved", objection => objection.ResolvedAt is { } at ? Json.FormatTime(at) : null))
        .Document<ExportCase>(
            "export_cases",
            RetentionDataMap.ExportCases,
            ("subject", export => SubjectIndex.Of(export.SubjectRef, 0, export.Id)),
            ("collecting", export => export.State == ExportState.Collecting ? Json.FormatTime(export.DueAt) : null),
            ("wake", export => export.WakeAt is { } at ? Json.FormatTime(at) : null),
            ("wiped", export => export.WipedAt is { } at ? Json.FormatTime(at) : null))
        .Document<PendingExport>("pending_exports", RetentionDataMap.PendingExports)
        .Document<ExportPiece>("export_pieces", RetentionDataMap.ExportPieces, ("place", piece => piece.Id))

        .Publishes<EraseSubject>()
        .Publishes<ErasureCancelled>()
        .Publishes<ErasureCompleted>()
        .Publishes<ErasureDueSoon>()
        .Publishes<ErasureOverdue>()
        .Publishes<ErasureReceiptRefused>()
        .Publishes<ExportCompleted>()
        .Publishes<ExportSubject>()
        .Publishes<LegalHoldsChanged>()
        .Publishes<ObjectionReceived>()
        .Publishes<ObjectionResolved>()
        .Publishes<RetentionRulesChanged>()

        .Endpoint(RequestErasure.Map)
        .Endpoint(ReadErasure.Map)
        .Endpoint(RetryErasure.Map)
        .Endpoint(CancelErasure.Map)
        .Endpoint(ListRefusedReceipts.Map)
        .Endpoint(ReadCertificate.Map)
        .Endpoint(ReadAct.Map)
        .Endpoint(ListErasures.Map)
        .Endpoint(RequestExport.Map)
        .Endpoint(ListExports.Map)
        .Endpoint(ReadExport.Map)
        .Endpoint(FetchExport.Map)
        .Endpoint(PlaceLegalHold.Map)
        .Endpoint(EndLegalHold.Map)
        .Endpoint(ListLegalHolds.Map)
        .Endpoint(ReadErasureSequence.Map)
        .Endpoint(RaiseObjection.Map)
        .Endpoint(ReadObjection.Map)
        .Endpoint(ListObjections.Map)
        .Endpoint(ResolveObjection.Map)
        .Endpoint(ReadRetentionRules.Map)
        .Endpoint(ListRetentionRules.Map)
        .Endpoint(PreviewRetentionRules.Map)
        .Endpoint(ReplaceRetentionRules.Map)

        .FollowsConsent<OpenErasureCase>()
        .Consumer<AdoptRetentionReadRulesOnReadRulesChanged, ReadRulesChanged>()
        .Consumer<OpenCaseOnConsentRevoked, ConsentRevoked>()
        .Consumer<OpenCaseOnConsentExpired, ConsentExpired>()
        .Consumer<CollectOnSubjectDataErased, SubjectDataErased>(unhandled: typeof(RefuseReceipts))
        .Consumer<RecordOnSubjectDataExpired, SubjectDataExpired>()
        .Consumer<CollectOnSubjectDataExported, SubjectDataExported>(prefetch: 1)
        .Consumer<CancelExportsOnEraseSubject, EraseSubject>()
        .Consumer<HandOverCasesOnExportSubject, ExportSubject>()
        .ExportsWith<CasesExport>()

        .Client<ConsentClient>("Consent:Url")
        .Client<ProfileClient>("Profile:Url")
        .Singleton<RetentionTelemetry>()
        .Singleton<RefuseReceipts>()
        .Singleton<ChangeLegalHolds>()
        .Singleton<CarryOutDemands>()
        .Worker<ResendOpenCases>()
        .Worker<RepeatDemands>()
        .Worker<EndCoolingOff>()
        .Worker<WatchDeadlines>()
        .Worker<EndDueLegalHolds>()
        .Worker<ForgetOldCases>()
        .Worker<WatchExports>()
        .Worker<WatchObjections>()
        .Worker<AnnounceRetentionRules>();
}
