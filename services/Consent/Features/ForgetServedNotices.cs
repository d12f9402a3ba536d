using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Deletes records of served notices by age: what a decision named is in its proof.</summary>
public sealed partial class ForgetServedNotices(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetServedNotices> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ForgetAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddDays(-options.Value.KeepServedNoticesDays));
        var old = await session.QueryAsync<ServedNotice>("served", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        foreach (var served in old) session.Delete<ServedNotice>(served.Id);
        await session.CommitAsync(cancellationToken);
        return old.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting served notices failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
