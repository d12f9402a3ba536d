using MassTransit;
using Personalization.Audit.Domain;
using Personalization.Audit.Features;
using Personalization.Contracts.Audit;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Contracts.Retention;
using Personalization.Platform;

namespace Personalization.Audit;

/// <summary>What happened, in a log that shows any change made to it afterwards, and that names nobody.</summary>
public sealed class AuditModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Audit";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Options<AuditOptions>()
        .ReadRules("audit_read_rules")
        .Document<AuditEntry>("audit_entries", AuditDataMap.AuditEntries, ("number", entry => entry.Id), ("fact", entry => entry.Fact))
        .Document<SubjectRead>("subject_reads", AuditDataMap.SubjectReads, ("tag", read => read.Tag))
        .Document<AuditHead>("audit_heads", AuditDataMap.AuditHeads)
        .Document<AuditTile>("audit_tiles", AuditDataMap.AuditTiles)
        .Document<KeptCheckpoint>("audit_checkpoints", AuditDataMap.AuditCheckpoints, ("hour", kept => kept.Hour))
        .Document<KnownDataMap>("known_data_maps", AuditDataMap.KnownDataMaps, ("participant", map => map.Id))
        .Document<DataMapChange>("data_map_changes", AuditDataMap.DataMapChanges, ("place", change => change.Id))

        .Document<Incident>(
            "incidents",
            AuditDataMap.Incidents,
            ("order", incident => incident.Order),
            ("state", incident => incident.StateOrder),
            ("wake", incident => incident.WakeAt is { } at ? Json.FormatTime(at) : null),
            ("overdue", incident => incident.Notices.Any(notice => notice is { OverdueAt: not null, SentAt: null }) ? incident.Id : null))

        .Publishes<DataMapChanged>()
        .Publishes<IncidentNoticeAwaited>()
        .Publishes<IncidentRecorded>()

        .Endpoint(ReadEntries.Map)
        .Endpoint(ReadCheckpoint.Map)
        .Endpoint(ProveEntries.Map)
        .Endpoint(ExportLog.Map)
        .Endpoint(VerifyEntries.Map)
        .Endpoint(ReadDataMap.Map)
        .Endpoint(ReadAuditPack.Map)
        .Endpoint(ListDataMapChanges.Map)
        .Endpoint(RecordIncident.Map)
        .Endpoint(RecordIncidentMeasures.Map)
        .Endpoint(RecordIncidentNotice.Map)
        .Endpoint(ReadIncident.Map)
        .Endpoint(ListIncidents.Map)

        .Consumer<AppendEntryOn<AudienceOpened>, AudienceOpened>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ConsentApplied>, ConsentApplied>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ConsentExpired>, ConsentExpired>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ConsentGranted>, ConsentGranted>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ConsentRenewalNeeded>, ConsentRenewalNeeded>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ConsentRevoked>, ConsentRevoked>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<DataMapChanged>, DataMapChanged>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<EraseSubject>, EraseSubject>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ErasureCancelled>, ErasureCancelled>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ErasureCompleted>, ErasureCompleted>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ErasureDueSoon>, ErasureDueSoon>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ErasureOverdue>, ErasureOverdue>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ErasureReceiptRefused>, ErasureReceiptRefused>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ExportCompleted>, ExportCompleted>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ExportSubject>, ExportSubject>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<FieldsMinimized>, FieldsMinimized>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<IncidentNoticeAwaited>, IncidentNoticeAwaited>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<IncidentRecorded>, IncidentRecorded>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<LegalHoldsChanged>, LegalHoldsChanged>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ObjectionReceived>, ObjectionReceived>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ObjectionResolved>, ObjectionResolved>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<PersonalDataRead>, PersonalDataRead>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<QuarantineResolved>, QuarantineResolved>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<ReadRulesChanged>, ReadRulesChanged>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<RecommendationsAnswered>, RecommendationsAnswered>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<RestrictionLifted>, RestrictionLifted>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<RetentionRulesChanged>, RetentionRulesChanged>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<RewardGranted>, RewardGranted>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<SegmentEntered>, SegmentEntered>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<SegmentLeft>, SegmentLeft>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<SignalRecorded>, SignalRecorded>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<StaffReadDecided>, StaffReadDecided>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<SubjectDataErased>, SubjectDataErased>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<SubjectDataExpired>, SubjectDataExpired>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<UseRestricted>, UseRestricted>(prefetch: AuditLog.Batch)
        .Consumer<AppendEntryOn<WithdrawalRecorded>, WithdrawalRecorded>(prefetch: AuditLog.Batch)
        .Consumer<AdoptAuditReadRulesOnReadRulesChanged, ReadRulesChanged>()
        .Consumer<KeepDataMapOnDataMapAnnounced, DataMapAnnounced>()
        .Consumer<ShredSaltOnEraseSubject, EraseSubject>()
        .ErasesWith<SaltErasure>()
        .Consumer<HandOverReadsOnExportSubject, ExportSubject>()
        .ExportsWith<ReadsExport>()

        .Worker<SignCheckpoints>()
        .Worker<WatchIncidents>()

        .Singleton<AuditLog>()
        .Singleton<AuditTelemetry>()
        .Singleton<CheckpointReceiver>()
        .Singleton<CheckpointSigner>();
}
