using Personalization.Consent.Domain;
using Personalization.Consent.Features;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;

namespace Personalization.Consent;

/// <summary>What people allow, its proof, and the numbered stream every gate follows.</summary>
public sealed class ConsentModule : IModule
{
    /// <inheritdoc/>
    public string Name => "Consent";

    /// <inheritdoc/>
    public void Configure(ModuleBuilder module) => module
        .Options<ConsentOptions>()

        .Document<Purpose>("purposes", ("all", _ => "purpose"))
        .Document<ConsentRecord>("consent_records", ("expires", record => record.NextExpiry is { } at ? Json.FormatTime(at) : null))
        .Document<LedgerEntry>("consent_ledger", ("subject", entry => entry.SubjectRef))
        .Document<PendingChange>("pending_changes", ("created", change => Json.FormatTime(change.CreatedAt)))
        .Document<StreamEntry>("consent_stream", ("number", entry => entry.Id), ("subject", entry => entry.SubjectRef))
        .Document<StreamHead>("consent_stream_heads")
        .Document<AppliedConsent>("applied_consents")

        .Publishes<ConsentExpired>()
        .Publishes<ConsentGranted>()
        .Publishes<ConsentRevoked>()

        .Endpoint(DeclarePurpose.Map)
        .Endpoint(ListPurposes.Map)
        .Endpoint(ReadConsents.Map)
        .Endpoint(ReadHistory.Map)
        .Endpoint(DecideConsent.Map)
        .Endpoint(RevokeConsent.Map)
        .Endpoint(RevokeAllConsents.Map)
        .Endpoint(ImportConsents.Map)
        .Endpoint(ReadConsentStream.Map)

        .Consumer<ConfirmOnConsentApplied, ConsentApplied>(prefetch: 256)
        .Consumer<FreezeProofsOnEraseSubject, EraseSubject>()
        .ErasesWith<ConsentErasure>()

        .Singleton<InForceWaiter>()
        .Singleton<ConsentTelemetry>()
        .Worker<NumberConsentChanges>()
        .Worker<ExpireConsents>();
}
