using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Messaging;

/// <summary>Deletes inbox entries by age. Safe: the inbox saves work, versions and epochs decide.</summary>
internal sealed partial class InboxPurge(ServiceModule module, TimeProvider time, ILogger<InboxPurge> logger) : BackgroundService
{
    private static readonly TimeSpan Keep = TimeSpan.FromDays(3);
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await PurgeAsync(stoppingToken) > 0)
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(module.Name, exception.GetType().Name);
            }
        }
    }

    private async Task<int> PurgeAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var old = await session.QueryAsync<InboxEntry>("received", atMost: Json.FormatTime(time.GetUtcNow() - Keep), limit: 500, cancellationToken: cancellationToken);
        foreach (var entry in old) session.Delete<InboxEntry>(entry.Id);
        await session.CommitAsync(cancellationToken);
        return old.Count;
    }

    [LoggerMessage(LogLevel.Warning, "{Module}: purging the inbox failed ({Error})")]
    private partial void LogFailed(string module, string error);
}
