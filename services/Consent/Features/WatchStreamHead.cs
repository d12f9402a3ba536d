using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Personalization.Consent.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>
/// Notes beside the keys how far the stream has come. Data restored from an older copy without the keys then ends before it, and that is noticed
/// before the first decision; where the keys were restored too, the services that follow the stream say how far they were.
/// </summary>
public sealed partial class WatchStreamHead(ServiceModule module, ConsentTelemetry telemetry, TimeProvider time, ILogger<WatchStreamHead> logger) : BackgroundService
{
    /// <summary>What an operator has to do.</summary>
    public const string Behind = "The store of consents was restored from a copy that misses decisions. No decision is taken and nothing is personalized until a newer copy is restored.";

    private const string Position = "consent-stream";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private long noted;

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await module.Keys.PositionAsync(Position, cancellationToken) is { } noted) await HearAsync(long.Parse(noted, CultureInfo.InvariantCulture), cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await NoteAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            // The store is away as well, or the time to stop is over; what was noted a second ago stands.
            LogFailed(exception.GetType().Name);
        }
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, NoteAsync, LogFailed, stoppingToken);

    private async Task NoteAsync(CancellationToken cancellationToken)
    {
        var head = await module.OpenSession().LoadAsync<StreamHead>(StreamHead.Only, cancellationToken) ?? StreamHead.None;
        telemetry.Head(head.Number);
        if (head.IsBehind || head.Number == noted) return;
        await module.Keys.AdvanceAsync(Position, Json.FormatNumber(head.Number), cancellationToken);
        noted = head.Number;
    }

    private async Task HearAsync(long number, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = module.OpenSession();
            if ((await session.LoadAsync<StreamHead>(StreamHead.Only, cancellationToken) ?? StreamHead.None).Hear(number) is not { } behind) return;
            session.Store(behind);
            try
            {
                await session.CommitAsync(cancellationToken);
                LogBehind(behind.Number, number);
                return;
            }
            catch (DocumentConflictException)
            {
                // Another instance heard it.
            }
        }
    }

    [LoggerMessage(LogLevel.Critical, "The consent stream ends with number {Number} although {Known} was given out: the store was restored from a copy that misses decisions. Restore a newer one")]
    private partial void LogBehind(long number, long known);

    [LoggerMessage(LogLevel.Warning, "Noting how far the consent stream has come failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}

/// <summary>Consent isn't ready while decisions are missing.</summary>
internal sealed class ConsentStreamHealth(ServiceModules modules) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var session = modules.All.Single(module => module.Name == "consent").OpenSession();
        return await session.LoadAsync<StreamHead>(StreamHead.Only, cancellationToken) is { IsBehind: true }
            ? HealthCheckResult.Unhealthy(WatchStreamHead.Behind)
            : HealthCheckResult.Healthy();
    }
}
