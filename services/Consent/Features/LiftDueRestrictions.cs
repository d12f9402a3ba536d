using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Lifts restrictions whose time is over. Some seconds late, and that is the safe side.</summary>
public sealed partial class LiftDueRestrictions(ServiceModule module, NumberConsentChanges stream, ConsentTelemetry telemetry, TimeProvider time, ILogger<LiftDueRestrictions> logger)
    : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, LiftAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> LiftAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = await module.OpenSession().QueryAsync<Restriction>("until", atMost: Json.FormatTime(now), limit: Batch, cancellationToken: cancellationToken);
        foreach (var id in due.Select(restriction => restriction.Id))
        {
            // One write each: a person may have several that end together.
            var session = module.OpenSession();
            if (await session.LoadAsync<Restriction>(id, cancellationToken) is not { } restriction) continue;
            await LiftRestriction.LiftAsync(restriction, null, null, session, now, cancellationToken);
            await session.CommitAsync(cancellationToken);
            telemetry.Decided("unrestricted");
            stream.Wake();
        }

        return due.Count == Batch;
    }

    [LoggerMessage(LogLevel.Warning, "Lifting restrictions failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
