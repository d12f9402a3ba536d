using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Deletes what its retention rule keeps no longer, but for what a legal hold covers. Readers stop at the moment itself; this is the rest.</summary>
public sealed partial class ExpireData(ServiceModule module, TimeProvider time, ILogger<ExpireData> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ExpireAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ExpireAsync(CancellationToken cancellationToken) =>
        await ExpireAsync<ProfileDatum>(datum => datum.SubjectRef, (datum, holds) => HeldDatum.Of(datum, datum.Fields, holds, isOfCase: false), cancellationToken) == Batch
        || await ExpireAsync<ContactEntry>(entry => entry.SubjectRef, (entry, holds) => HeldDatum.Of(entry, holds, isOfCase: false) is { } held ? [held] : [], cancellationToken) == Batch;

    private async Task<int> ExpireAsync<T>(Func<T, string> subjectOf, Func<T, KnownLegalHolds, IReadOnlyList<HeldDatum>> hold, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var session = module.OpenSession();
        var due = await session.QueryRowsAsync<T>("expires", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        var known = await session.LoadManyAsync<KnownLegalHolds>([.. due.Select(row => row.Document).OfType<T>().Select(subjectOf).Distinct()], cancellationToken);
        foreach (var row in due)
        {
            session.Delete<T>(row.Id);
            if (row.Document is not { } document) continue;
            foreach (var held in known.TryGetValue(subjectOf(document), out var holds) ? hold(document, holds) : []) session.Store(held);
        }

        await session.CommitAsync(cancellationToken);
        if (due.Count > 0) await module.Store.ScrubAsync(cancellationToken);
        return due.Count;
    }

    [LoggerMessage(LogLevel.Warning, "Deleting expired data failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
