using MassTransit;
using Personalization.Audit.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Audit's part of an export.</summary>
public sealed class HandOverReadsOnExportSubject(SubjectExport export, ReadsExport reads, DocumentSession session) : IConsumer<ExportSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<ExportSubject> context) => export.HandleAsync(context.Message, reads, session, context.CancellationToken);
}

/// <summary>Who was shown the person's data, in which role, what for and when, refused attempts too. Never a colleague's name: Audit doesn't know it.</summary>
public sealed class ReadsExport(ServiceModule module) : IExportParticipant
{
    /// <inheritdoc/>
    public async Task<IReadOnlyList<ExportedDatum>> ExportAsync(string subjectRef, DocumentSession session, CancellationToken cancellationToken)
    {
        var reads = new List<SubjectRead>();

        // Epoch 0 has what knows no epoch. The key of one that was erased is gone, and that of one that never was ends the search.
        for (var epoch = 0; ; epoch++)
        {
            var id = new DataKeyId(subjectRef, epoch);
            if (await module.Keys.FindAsync(id.ToString(), cancellationToken) is { } key)
                reads.AddRange(await session.QueryAsync<SubjectRead>("tag", equalTo: SubjectRead.TagOf(key), limit: int.MaxValue, cancellationToken: cancellationToken));
            else if (epoch > 0 && !await module.Keys.IsDestroyedAsync(id, cancellationToken))
                break;
        }

        return
        [
            .. reads.OrderBy(read => read.Number).Select(read => new ExportedDatum
            {
                Store = "subject_reads",
                Name = "read",
                Value = ExportedDatum.ValueOf(read.Read with { Reader = null }),
                Category = "access",
                Purposes = read.Read.Purpose is { } purpose ? [purpose] : [],
                Since = read.ReadAt,
            }),
        ];
    }
}
