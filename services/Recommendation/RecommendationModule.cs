using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Recommendation.Domain;
using Personalization.Recommendation.Features;

namespace Personalization.Recommendation;

public sealed class RecommendationModule : IModule
{
    /// <summary>As the deployment's lists and the container name it.</summary>
    public const string Service = "recommendation";

    internal const string Gates = "subject_gates";
    internal const string Histories = "subject_histories";

    public string Name => "Recommendation";

    public void Configure(ModuleBuilder module) => module
        .Options<RecommendationOptions>()
        .ReadRules("recommendation_read_rules")
        .Document<CatalogEntry>("catalog_entries", RecommendationDataMap.CatalogEntries, ("changed", entry => entry.Changed))
        .Document<Placement>("placements", RecommendationDataMap.Placements)
        .Gates(Gates, ("narrowed", gate => gate.NarrowedBy == 0 ? null : Json.FormatNumber(gate.NarrowedBy)))
        .Document<SubjectHistory>(
            Histories,
            RecommendationDataMap.SubjectHistories,
            ("changed", history => history.Changed),
            ("expires", history => history.ExpiresAt is { } time ? Json.FormatTime(time) : null))
        .CompletesDataMapWith<RecommendationDataMap>()
        .Singleton<RecommendationTelemetry>()
        .Singleton<ItemCatalog>()
        .Services((services, _) => services.AddSingleton(provider => new ItemModel(provider.GetRequiredService<IOptions<RecommendationOptions>>().Value)))
        .Services((services, _) => services.AddSingleton(provider => new Trending(provider.GetRequiredService<IOptions<RecommendationOptions>>().Value.MinSupport)))
        .Singleton<OpenedHistories>()
        .Singleton<ServedModel>()
        .Singleton<AnswerCounts>()
        .Singleton<Recommender>()
        .Services((services, _) => services.AddHealthChecks().AddCheck<ModelHealth>("recommendation-model"))
        .FollowsConsent<ApplyConsent>()
        .Publishes<ConsentApplied>()
        .Publishes<RecommendationsAnswered>()
        .Consumer<AdoptRecommendationReadRulesOnReadRulesChanged, ReadRulesChanged>()
        .Consumer<OpenRecommendationGateOnConsentGranted, ConsentGranted>()
        .Consumer<CloseRecommendationGateOnConsentRevoked, ConsentRevoked>()
        .Consumer<CloseRecommendationGateOnConsentExpired, ConsentExpired>()
        .Singleton<SignalLearner>()
        .Consumer<LearnOnSignalRecorded, SignalRecorded>(prefetch: SignalLearner.BatchLimit)
        .Worker<KeepCatalogCurrent>()
        .Worker<KeepModelCurrent>()
        .Worker<SolveModel>()
        .Worker<SweepExpiredSignals>()
        .Worker<TellOfAnswers>()
        .ErasesWith<SignalErasure>()
        .Consumer<EraseSignalsOnEraseSubject, EraseSubject>()
        .ExportsWith<HistoryExport>()
        .Consumer<HandOverHistoryOnExportSubject, ExportSubject>()
        .Endpoint(PutItem.Map)
        .Endpoint(PutItems.Map)
        .Endpoint(GetItem.Map)
        .Endpoint(RemoveItem.Map)
        .Endpoint(PutPlacement.Map)
        .Endpoint(GetPlacement.Map)
        .Endpoint(GetRecommendations.Map)
        .Endpoint(RecommendInBatch.Map)
        .Endpoint(GiveFeedback.Map)
        .Endpoint(GetModel.Map);
}
