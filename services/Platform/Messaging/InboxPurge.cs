using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Messaging;

/// <summary>Deletes by age what was kept so that nothing is done twice: inbox entries (safe: they save work, versions and epochs decide) and requests that were answered.</summary>
internal sealed partial class InboxPurge(ServiceModule module, TimeProvider time, ILogger<InboxPurge> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(3);
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, PurgeAsync, error => LogFailed(module.Name, error), stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> PurgeAsync(CancellationToken cancellationToken) =>
        await PurgeAsync<InboxEntry>("received", cancellationToken) || await PurgeAsync<IdempotentRequest>("answered", cancellationToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> PurgeAsync<T>(string field, CancellationToken cancellationToken)
        where T : class, IDocument
    {
        var session = module.OpenSession();
        var old = await session.QueryAsync<T>(field, atMost: Json.FormatTime(time.GetUtcNow() - Keep), limit: Batch, cancellationToken: cancellationToken);
        foreach (var entry in old) session.Delete<T>(entry.Id);
        await session.CommitAsync(cancellationToken);
        return old.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "{Module}: purging the inbox failed ({Error})")]
    private partial void LogFailed(string module, string error);
}
