using Microsoft.Extensions.Options;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Deletes links of old mails by age.</summary>
public sealed partial class ForgetUnsubscribeTokens(ServiceModule module, IOptions<ConsentOptions> options, TimeProvider time, ILogger<ForgetUnsubscribeTokens> logger) : BackgroundService
{
    private const int Batch = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ForgetAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddDays(-options.Value.KeepUnsubscribeTokensDays));
        var rows = await session.QueryRowsAsync<UnsubscribeToken>("issued", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        foreach (var row in rows) session.Delete<UnsubscribeToken>(row.Id);
        await session.CommitAsync(cancellationToken);
        return rows.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting unsubscribe tokens failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
