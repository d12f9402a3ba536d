using System.Globalization;
using Personalization.Contracts;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Profile.Domain;
using Personalization.Profile.Features;

namespace Personalization.Profile;

/// <summary>What customers did, stored only as far as it is declared and they consent.</summary>
public sealed class ProfileModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Profile";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Options<ProfileOptions>()
        .Document<EventType>("event_types", ProfileDataMap.EventTypes, ("type", type => type.Type))
        .Document<EventTypeVersion>("event_type_versions", ProfileDataMap.EventTypeVersions)
        .Document<EventCounts>("event_counts", ProfileDataMap.EventCounts, ("created", counts => counts.Id))
        .Document<DailyEventCounts>("daily_event_counts", ProfileDataMap.DailyEventCounts, ("day", counts => counts.Day.ToString("O", CultureInfo.InvariantCulture)))
        .Document<RetentionRules>("adopted_retention_rules", ProfileDataMap.AdoptedRetentionRules)
        .Gates("subject_gates")
        .Document<ProfileDatum>(
            "profile_data",
            ProfileDataMap.ProfileData,
            ("subject", datum => SubjectIndex.Of(datum.SubjectRef, datum.Epoch, datum.EventId)),
            ("expires", datum => Json.FormatTime(datum.ExpiresAt)))
        .Document<VaultEntry>("identity_vault_entries", ProfileDataMap.IdentityVaultEntries, ("subject", entry => SubjectIndex.Of(entry.SubjectRef, entry.Epoch)))
        .Document<ContactType>("contact_types", ProfileDataMap.ContactTypes)
        .Document<ContactEntry>(
            "contact_entries",
            ProfileDataMap.ContactEntries,
            ("subject", entry => SubjectIndex.Of(entry.SubjectRef, entry.Epoch, entry.Type)),
            ("expires", entry => Json.FormatTime(entry.ExpiresAt)))
        .Document<HeldDatum>(
            "held_data",
            ProfileDataMap.HeldData,
            ("subject", held => SubjectIndex.Of(held.SubjectRef, held.Epoch, held.Id)),
            ("frozen", held => held.FrozenUntil is { } until ? Json.FormatTime(until) : null))
        .Document<KnownLegalHolds>("known_legal_holds", ProfileDataMap.KnownLegalHolds)
        .Document<SubjectActivity>(
            "subject_activities",
            ProfileDataMap.SubjectActivities,
            ("subject", activity => SubjectIndex.Of(activity.SubjectRef, activity.Epoch)),
            ("reached", activity => activity.ReachedSince is { } since ? $"{Json.FormatTime(since)}/{activity.SubjectRef}" : null))
        .ReadRules("read_rules")
        .Document<ErasureTally>("erasure_tallies", ProfileDataMap.ErasureTallies)
        .Document<QuarantinedMessage>(
            "quarantined_messages",
            ProfileDataMap.QuarantinedMessages,
            ("waiting", message => message.Body is null ? null : message.Place),
            ("resolved", message => message.Body is null ? message.Place : null),
            ("subject", message => message.SubjectRef is null ? null : SubjectIndex.Of(message.SubjectRef, message.Epoch, message.Id)),
            ("expires", message => Json.FormatTime(message.ExpiresAt)))
        .Document<Segment>("segments", ProfileDataMap.Segments, ("id", segment => segment.DeletedAt is null ? segment.Id : null))
        .Document<SegmentMember>(
            "segment_members",
            ProfileDataMap.SegmentMembers,
            ("subject", member => SubjectIndex.Of(member.SubjectRef, member.Epoch, member.SegmentId)),
            ("segment", member => SegmentMember.PlaceOf(member.SegmentId, member.SegmentVersion, member.SubjectRef)))
        .Document<DueEvaluation>(
            "due_evaluations",
            ProfileDataMap.DueEvaluations,
            ("subject", evaluation => SubjectIndex.Of(evaluation.SubjectRef, evaluation.Epoch)),
            ("due", evaluation => Json.FormatTime(evaluation.DueAt)))
        .Document<ChangedSubjects>("changed_subjects", ProfileDataMap.ChangedSubjects, ("created", changed => changed.Place))
        .Document<Trait>("traits", ProfileDataMap.Traits, ("name", trait => trait.Name))
        .Document<GroupModel>("group_models", ProfileDataMap.GroupModels, ("purpose", model => model.Purpose))
        .Document<Withdrawal>("withdrawals", ProfileDataMap.Withdrawals, ("number", withdrawal => withdrawal.Id), ("expires", withdrawal => Json.FormatTime(withdrawal.ExpiresAt)))
        .Document<FieldUsage>("field_usages", ProfileDataMap.FieldUsages)
        .Document<EvaluationPass>("evaluation_passes", ProfileDataMap.EvaluationPasses, ("all", pass => pass.Id))
        .Document<Participant>("participants", ProfileDataMap.Participants, ("name", participant => participant.Name))
        .Document<ErasureNotice>("erasure_notices", ProfileDataMap.ErasureNotices, ("due", notice => notice.Due), ("request", notice => notice.RequestId))
        .CompletesDataMapWith<ProfileDataMap>()

        .Publishes<AudienceOpened>()
        .Publishes<ConsentApplied>()
        .Publishes<FieldsMinimized>()
        .Publishes<QuarantineResolved>()
        .Publishes<ReadRulesChanged>()
        .Publishes<SegmentEntered>(entered => new(entered.SubjectRef, entered.Epoch))
        .Publishes<SegmentLeft>(left => new(left.SubjectRef, left.Epoch))
        .Publishes<SignalRecorded>(signal => new(signal.SubjectRef, signal.Epoch))
        .Publishes<SubjectDataExpired>()
        .Publishes<WithdrawalRecorded>()

        .Endpoint(DeclareEventType.Map)
        .Endpoint(ListEventTypes.Map)
        .Endpoint(CountEvents.Map)
        .Endpoint(ListFieldUses.Map)
        .Endpoint(IngestEvents.Map)
        .Endpoint(ListQuarantine.Map)
        .Endpoint(ResolveQuarantined.Map)
        .Endpoint(ReplayQuarantine.Map)
        .Endpoint(ReadProfile.Map)
        .Endpoint(ReplaceReadRules.Map)
        .Endpoint(DeclareContactType.Map)
        .Endpoint(PutContacts.Map)
        .Endpoint(ReadContacts.Map)
        .Endpoint(DeclareTrait.Map)
        .Endpoint(ListTraits.Map)
        .Endpoint(DeclareSegment.Map)
        .Endpoint(DeleteSegment.Map)
        .Endpoint(ListSegments.Map)
        .Endpoint(PreviewSegment.Map)
        .Endpoint(ListGroups.Map)
        .Endpoint(ReadAudience.Map)
        .Endpoint(ReadWithdrawals.Map)
        .Endpoint(PreviewRetention.Map)
        .Endpoint(RegisterParticipant.Map)
        .Endpoint(ListParticipants.Map)
        .Endpoint(RemoveParticipant.Map)
        .Endpoint(TakeOpenDsrCallback.Map)
        .Endpoint(TakeProductReceipt.Map)

        .FollowsConsent<ApplyConsent>()
        .Consumer<OpenProfileGateOnConsentGranted, ConsentGranted>()
        .Consumer<CloseProfileGateOnConsentRevoked, ConsentRevoked>()
        .Consumer<CloseProfileGateOnConsentExpired, ConsentExpired>()
        .Consumer<IngestOnCustomerEvent, CustomerEvent>(prefetch: EventBatcher.Limit, exchange: Topology.CustomerEvents, unhandled: typeof(QuarantineMessages))
        .Consumer<AdoptRulesOnRetentionRulesChanged, RetentionRulesChanged>()
        .Consumer<KeepHoldsOnLegalHoldsChanged, LegalHoldsChanged>()
        .Consumer<EraseProfileOnEraseSubject, EraseSubject>()
        .ErasesWith<ProfileErasure>()
        .Consumer<HandOverProfileOnExportSubject, ExportSubject>()
        .ExportsWith<ProfileExport>()

        .Singleton<ProfileTelemetry>()
        .Singleton<DecideEvents>()
        .Singleton<DecideReads>()
        .Singleton<EventBatcher>()
        .Singleton<QuarantineMessages>()
        .Singleton<ParticipantClient>()
        .Worker<AnnounceReadRules>()
        .Worker<EvaluateSegments>()
        .Worker<CompactEventCounts>()
        .Worker<ExpireData>()
        .Worker<EndReachedData>()
        .Worker<ShortenStoredData>()
        .Worker<ExpireQuarantine>()
        .Worker<ForgetWithdrawals>()
        .Worker<PassErasuresOn>()
        .Worker<LearnGroups>()
        .Worker<MeterFields>()
        .Worker<TellOfMinimization>();
}
