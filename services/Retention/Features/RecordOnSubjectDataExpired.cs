using MassTransit;
using Personalization.Contracts.Retention;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;

namespace Personalization.Retention.Features;

/// <summary>Puts what ended by the retention rules into the act of the day. The inbox filter has verified who signed it.</summary>
public sealed class RecordOnSubjectDataExpired(DocumentSession session) : IConsumer<SubjectDataExpired>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SubjectDataExpired> context)
    {
        var report = context.Message;
        var day = ErasureActLine.DayOf(report);
        var known = await session.LoadAsync<ErasureActLine>(ErasureActLine.IdOf(day, report.SubjectRef, report.Epoch), context.CancellationToken)
            ?? new ErasureActLine { Day = day, SubjectRef = report.SubjectRef, Epoch = report.Epoch, Reports = [] };
        session.Store(known with { Reports = [.. known.Reports, report] });
    }
}
