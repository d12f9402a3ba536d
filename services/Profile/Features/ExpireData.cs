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
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                while (await ExpireAsync<ProfileDatum>(stoppingToken) == Batch || await ExpireAsync<ContactEntry>(stoppingToken) == Batch)
                {
                }
            }
            catch (DocumentConflictException)
            {
                // Another instance or an erasure was there first; the next tick looks at what is left.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

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
