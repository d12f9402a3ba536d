using Microsoft.Extensions.Options;
using Personalization.Contracts.Audit;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Recommendation;

/// <summary>What Recommendation's collections hold; and, to complete the map, the purpose it is set up for.</summary>
internal sealed class RecommendationDataMap(IOptions<RecommendationOptions> options) : IDataMapCompletion
{
    public static CollectionContents CatalogEntries { get; } = Holds.Nobody("what can be recommended", "что можно рекомендовать");

    public static CollectionContents Placements { get; } = Holds.Nobody("where recommendations are shown, and what may be", "где показываются рекомендации и какие допустимы");

    public static CollectionContents SubjectHistories { get; } = new()
    {
        What = Holds.Text("each person's signals: which items they liked, and their own feedback", "сигналы субъекта: какие позиции ему понравились, и его отзывы о рекомендациях"),
        Data = [Holds.Pseudonym(Holds.Consent)],
        Keeping = Holds.ByRetentionRules,
        ExportedBy = "POST /exports",
        ReadBy = ["GET /recommendations/{customerId}", "POST /recommendations:batch"],
    };

    public Task<DataMapAnnounced> CompleteAsync(DataMapAnnounced map, DocumentSession session, CancellationToken cancellationToken) =>
        Task.FromResult(map.With(RecommendationModule.Histories, contents => contents with
        {
            Data = [.. contents.Data, new HeldData { Name = "signals", Category = "signal", Classification = DataClassification.Ordinary, Purposes = [options.Value.Purpose] }],
        }));
}
