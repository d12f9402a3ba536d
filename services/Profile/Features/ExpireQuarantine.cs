using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Deletes what waited long enough in quarantine, and the keys of the days that are over: copies of it become unreadable too. Counts what waits.</summary>
public sealed partial class ExpireQuarantine(ServiceModule module, ProfileTelemetry telemetry, TimeProvider time, ILogger<ExpireQuarantine> logger) : BackgroundService
{
    private const int Batch = 200;

    // As far back as a service may have been down.
    private const int DaysBack = 60;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);
    private DateOnly? keysDestroyedOn;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ExpireAllAsync, LogFailed, stoppingToken);

    private async Task ExpireAllAsync(CancellationToken cancellationToken)
    {
        while (await ExpireAsync(cancellationToken) == Batch)
        {
        }

        telemetry.Quarantined(await module.OpenSession().CountAsync<QuarantinedMessage>("waiting", cancellationToken: cancellationToken));
        await DestroyKeysAsync(cancellationToken);
    }

    private async Task<int> ExpireAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var due = await session.QueryRowsAsync<QuarantinedMessage>("expires", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        foreach (var row in due) session.Delete<QuarantinedMessage>(row.Id);
        await session.CommitAsync(cancellationToken);
        if (due.Count > 0) await module.Store.ScrubAsync(cancellationToken);
        return due.Count;
    }

    private async Task DestroyKeysAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (keysDestroyedOn == today) return;
        for (var days = QuarantinedMessage.KeepUnattributedDays + 1; days <= DaysBack; days++)
        {
            // On most days nothing came, and no key was made.
            var key = QuarantinedMessage.DayKey(today.AddDays(-days));
            if (await module.Keys.FindAsync(key.ToString(), cancellationToken) is not null) await module.Keys.DestroyAsync(key, cancellationToken);
        }

        keysDestroyedOn = today;
    }

    [LoggerMessage(LogLevel.Warning, "Deleting expired messages of the quarantine failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
