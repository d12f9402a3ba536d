using Microsoft.Extensions.Options;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
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

        .Document<ErasureCase>(
            "erasure_cases",
            RetentionDataMap.ErasureCases,
            ("state", erasure => erasure.StateOrder),
            ("opened", erasure => erasure.OpenedOrder),
            ("due", erasure => erasure.ResendAt is { } at ? Json.FormatTime(at) : null),
            ("completed", erasure => erasure.CompletedAt is { } at ? Json.FormatTime(at) : null))
        .Document<ErasureCertificate>("erasure_certificates", RetentionDataMap.ErasureCertificates, ("completed", certificate => Json.FormatTime(certificate.CompletedAt)))
        .Document<RetentionRules>("retention_rules", RetentionDataMap.RetentionRules)
        .CompletesDataMapWith<RetentionDataMap>()

        .Publishes<EraseSubject>()
        .Publishes<ErasureCompleted>()
        .Publishes<RetentionRulesChanged>()

        .Endpoint(RequestErasure.Map)
        .Endpoint(ReadErasure.Map)
        .Endpoint(ReadCertificate.Map)
        .Endpoint(ReadAct.Map)
        .Endpoint(ListErasures.Map)
        .Endpoint(ReadRetentionRules.Map)
        .Endpoint(ReplaceRetentionRules.Map)

        .FollowsConsent<OpenErasureCase>()
        .Consumer<OpenCaseOnConsentRevoked, ConsentRevoked>()
        .Consumer<OpenCaseOnConsentExpired, ConsentExpired>()
        .Consumer<CollectOnSubjectDataErased, SubjectDataErased>()

        .Client<ConsentClient>("Consent:Url")
        .Singleton<RetentionTelemetry>()
        .Worker<ResendOpenCases>()
        .Worker<ForgetOldCases>()
        .Worker<AnnounceRetentionRules>();
}
