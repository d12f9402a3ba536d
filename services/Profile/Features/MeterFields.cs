using Microsoft.Extensions.Options;
using Personalization.Platform;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Notes what takes the fields of event types into account: what is declared, once a day; what is done, when it is done.</summary>
public sealed partial class MeterFields(ServiceModule module, IOptions<ProfileOptions> options, TimeProvider time, ILogger<MeterFields> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private DateOnly? meteredOn;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, MeterAsync, LogFailed, stoppingToken);

    private async Task MeterAsync(CancellationToken cancellationToken)
    {
        var today = time.GetUtcNow().DayOf();
        if (meteredOn == today) return;
        var session = module.OpenSession();
        var types = await session.EventTypesAsync(cancellationToken);
        await session.MeterAsync(types, types.Values, options.Value.RecommenderPurpose, today, cancellationToken);
        await session.CommitAsync(cancellationToken);
        meteredOn = today;
    }

    [LoggerMessage(LogLevel.Warning, "Noting what uses which fields failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
