using MassTransit;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

/// <summary>Recommendation's part of an export.</summary>
public sealed class HandOverHistoryOnExportSubject(SubjectExport export, HistoryExport history, DocumentSession session) : IConsumer<ExportSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ExportSubject> context) => export.HandleAsync(context.Message, history, session, context.CancellationToken);
}

/// <summary>The person's signals and what they said of them; and what would be recommended to them now, with the reasons, because that is what is made of it.</summary>
public sealed class HistoryExport(Recommender recommender, IOptions<RecommendationOptions> options, TimeProvider time) : IExportParticipant
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExportedDatum>> ExportAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken)
    {
        var gate = await session.LoadAsync<SubjectGate>(subjectRef, cancellationToken) ?? SubjectGate.Closed(subjectRef);
        var history = await session.LoadAsync<SubjectHistory>(subjectRef, cancellationToken);
        var now = time.GetUtcNow();
        var held = history is null || history.Epoch != gate.Epoch ? [] : history.Entries.Where(entry => entry.ExpiresAt > now && gate.Keeps(entry.Purpose, entry.Category, entry.Time, history.Epoch, now));
        var recommended = await recommender.ExplainAsync(gate, session, cancellationToken);
        return
        [
            .. held.Select(entry => entry.WithoutValueUnless(category => gate.Keeps(entry.Purpose, category, entry.Time, history!.Epoch, now))).Select(entry => new ExportedDatum
            {
                Store = RecommendationModule.Histories,
                Name = "signal",
                Value = ExportedDatum.ValueOf(new { entry.SignalId, entry.ItemId, entry.Value, entry.Feedback }),
                Category = entry.Category,
                Purposes = [entry.Purpose],
                Since = entry.Time,
                Until = entry.ExpiresAt,
                From = "profile",
            }),
            .. (recommended?.Items ?? []).Select(item => new ExportedDatum
            {
                Store = RecommendationModule.Histories,
                Name = "recommendation",
                Value = ExportedDatum.ValueOf(new { recommended!.ModelVersion, item.ItemId, item.Title, item.Score, item.Reasons }),
                Category = "recommendation",
                Purposes = [options.Value.Purpose],
                Since = now,
            }),
        ];
    }
}
