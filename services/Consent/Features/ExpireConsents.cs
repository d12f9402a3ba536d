using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Ends grants whose validity is over, or whose notice changed and wasn't agreed to in time; it cascades like a revocation. Gates stop at the moment itself, this is the rest.</summary>
public sealed partial class ExpireConsents(ServiceModule module, NumberConsentChanges stream, ConsentTelemetry telemetry, TimeProvider time, ILogger<ExpireConsents> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, ExpireAsync, LogFailed, stoppingToken);

    private async Task<bool> ExpireAsync(CancellationToken cancellationToken)
    {
        const int Batch = 100;
        var now = time.GetUtcNow();
        var session = module.OpenSession();
        var due = await session.QueryAsync<ConsentRecord>("expires", atMost: Json.FormatTime(now), limit: Batch, cancellationToken: cancellationToken);
        foreach (var record in due)
        {
            if (record.Expire(now) is not { } change) continue;
            // Of a purpose that is over and lapses too, the lapse is told: it is what the person could have prevented.
            var lapsed = record.Renewals.Any(renewal => renewal.RenewBy <= now);
            await RecordChange.StoreAsync(session, change, ChangeKind.Expired, new DecisionSource(lapsed ? "lapse" : "expiry"), now, cancellationToken);
            telemetry.Decided(lapsed ? "lapsed" : "expired");
        }

        await session.CommitAsync(cancellationToken);
        if (due.Count > 0) stream.Wake();
        return due.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Expiring consents failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
