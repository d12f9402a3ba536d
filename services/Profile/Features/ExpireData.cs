using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Deletes what its retention rule keeps no longer. Readers stop at the moment itself; this is the rest.</summary>
public sealed partial class ExpireData(ServiceModule module, TimeProvider time, ILogger<ExpireData> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ExpireAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ExpireAsync(CancellationToken cancellationToken) =>
        await ExpireAsync<ProfileDatum>(cancellationToken) == Batch || await ExpireAsync<ContactEntry>(cancellationToken) == Batch;

    private async Task<int> ExpireAsync<T>(CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var session = module.OpenSession();
        var due = await session.QueryRowsAsync<T>("expires", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        foreach (var row in due) session.Delete<T>(row.Id);
        await session.CommitAsync(cancellationToken);
        if (due.Count > 0) await module.Store.ScrubAsync(cancellationToken);
        return due.Count;
    }

    [LoggerMessage(LogLevel.Warning, "Deleting expired data failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
