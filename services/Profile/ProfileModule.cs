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
        .Document<EventType>("event_types", ("type", type => type.Type))
        .Document<RetentionRules>("adopted_retention_rules")
        .Document<SubjectGate>("subject_gates")
        .Document<ProfileDatum>(
            "profile_data",
            ("subject", datum => SubjectIndex.Of(datum.SubjectRef, datum.Epoch, datum.EventId)),
            ("expires", datum => Json.FormatTime(datum.ExpiresAt)))
        .Document<VaultEntry>("identity_vault_entries", ("subject", entry => SubjectIndex.Of(entry.SubjectRef, entry.Epoch)))
        .Document<ErasureTally>("erasure_tallies")

        .Publishes<ConsentApplied>()
        .Publishes<SignalRecorded>(signal => new(signal.SubjectRef, signal.Epoch))

        .Endpoint(DeclareEventType.Map)
        .Endpoint(ListEventTypes.Map)
        .Endpoint(IngestEvents.Map)
        .Endpoint(ReadProfile.Map)

        .FollowsConsent<ApplyConsent>()
        .Consumer<OpenProfileGateOnConsentGranted, ConsentGranted>()
        .Consumer<CloseProfileGateOnConsentRevoked, ConsentRevoked>()
        .Consumer<CloseProfileGateOnConsentExpired, ConsentExpired>()
        .Consumer<IngestOnCustomerEvent, CustomerEvent>(prefetch: EventBatcher.Limit, exchange: Topology.CustomerEvents)
        .Consumer<AdoptRulesOnRetentionRulesChanged, RetentionRulesChanged>()
        .Consumer<EraseProfileOnEraseSubject, EraseSubject>()
        .ErasesWith<ProfileErasure>()

        .Singleton<ProfileTelemetry>()
        .Singleton<DecideEvents>()
        .Singleton<EventBatcher>()
        .Worker<ExpireData>();
}
