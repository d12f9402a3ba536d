using System.Globalization;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Destroys the key of withdrawals that nobody needs any more, and then deletes them: whatever dies in between, none of them can be read.</summary>
public sealed partial class ForgetWithdrawals(ServiceModule module, TimeProvider time, ILogger<ForgetWithdrawals> logger) : BackgroundService
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ForgetAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var ended = await session.QueryRowsAsync<Withdrawal>("expires", atMost: Json.FormatTime(time.GetUtcNow()), limit: Page, cancellationToken: cancellationToken);
        foreach (var end in ended.Select(row => row.Value).Distinct())
            await module.Keys.DestroyAsync(Withdrawal.KeyOf(DateTimeOffset.Parse(end, CultureInfo.InvariantCulture)), cancellationToken);
        foreach (var row in ended) session.Delete<Withdrawal>(row.Id);
        await session.CommitAsync(cancellationToken);
        if (ended.Count > 0) await module.Store.ScrubAsync(cancellationToken);
        return ended.Count == Page;
    }

    [LoggerMessage(LogLevel.Warning, "Forgetting withdrawals failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
