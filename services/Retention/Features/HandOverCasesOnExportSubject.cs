using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Retention's part of an export.</summary>
public sealed class HandOverCasesOnExportSubject(SubjectExport export, CasesExport cases, DocumentSession session) : IConsumer<ExportSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ExportSubject> context) => export.HandleAsync(context.Message, cases, session, context.CancellationToken);
}

/// <summary>What was erased of the person and why, and what they objected to.</summary>
public sealed class CasesExport : IExportParticipant
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExportedDatum>> ExportAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken)
    {
        var (before, through) = (SubjectIndex.Before(subjectRef), SubjectIndex.Through(subjectRef, int.MaxValue));
        var erasures = await session.QueryAsync<ErasureCase>("subject", after: before, atMost: through, limit: int.MaxValue, cancellationToken: cancellationToken);
        var objections = await session.QueryAsync<Objection>("subject", after: before, atMost: through, limit: int.MaxValue, cancellationToken: cancellationToken);
        return
        [
            .. erasures.Where(erasure => erasure.CoolingOff?.ContinuedAs is null).OrderBy(erasure => erasure.OpenedAt).Select(erasure => new ExportedDatum
            {
                Store = "erasure_cases",
                Name = "erasure",
                Value = ExportedDatum.ValueOf(new
                {
                    CaseId = erasure.Id,
                    erasure.State,
                    erasure.Reason,
                    erasure.Narrowed,
                    erasure.OpenedAt,
                    erasure.CompletedAt,
                    erasure.CoolingOff?.CancelledAt,
                    Receipts = erasure.Receipts.Select(receipt => new { receipt.Participant, receipt.ErasedAt, receipt.Erased, receipt.Retained }),
                }),
                Category = "erasure",
                Since = erasure.OpenedAt,
            }),
            .. objections.OrderBy(objection => objection.ReceivedAt).Select(objection => new ExportedDatum
            {
                Store = "objections",
                Name = "objection",
                Value = ExportedDatum.ValueOf(objection),
                Category = "objection",
                Purposes = objection.Purpose is { } purpose ? [purpose] : [],
                Since = objection.ReceivedAt,
            }),
        ];
    }
}
