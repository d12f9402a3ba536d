using Microsoft.Extensions.Options;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Signs the log's end every few seconds, keeps it and hands it to another party.</summary>
public sealed partial class SignCheckpoints(
    ServiceModule module, CheckpointSigner signer, AuditTelemetry telemetry, IOptions<AuditOptions> options, TimeProvider time, ILogger<SignCheckpoints> logger)
    : BackgroundService
{
    private bool isBroken;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(TimeSpan.FromSeconds(options.Value.CheckpointEverySeconds), SignAsync, LogFailed, stoppingToken);

    private async Task SignAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var hour = KeptCheckpoint.IdOf(time.GetUtcNow());
        await session.PrefetchAsync([session.Key<AuditHead>(AuditHead.Only), session.Key<KeptCheckpoint>(KeptCheckpoint.Latest), session.Key<KeptCheckpoint>(hour)], cancellationToken);
        var (checkpoint, broken) = await signer.SignAsync(session, cancellationToken);
        if (checkpoint is null)
        {
            telemetry.Checkpointed("rewritten");
            if (!isBroken) LogRewritten(broken!.Size, broken.Time);
            isBroken = true;
            return;
        }

        isBroken = false;
        if ((await session.LoadAsync<KeptCheckpoint>(KeptCheckpoint.Latest, cancellationToken))?.Checkpoint.Size != checkpoint.Size)
        {
            session.Store(new KeptCheckpoint { Id = KeptCheckpoint.Latest, Checkpoint = checkpoint });
            session.Store(new KeptCheckpoint { Id = hour, Checkpoint = checkpoint });
            await session.CommitAsync(cancellationToken);
            telemetry.Checkpointed("signed");
        }

        if (await signer.DeliverAsync(checkpoint, cancellationToken) is not { } error) return;

        // The next one stands for it too.
        telemetry.Checkpointed("undelivered");
        LogUndelivered(error);
    }

    [LoggerMessage(LogLevel.Critical, "The audit log is not the one that was signed with {Size} entries at {Time}: it was rolled back or rewritten. It is not signed any more")]
    private partial void LogRewritten(long size, DateTimeOffset time);

    [LoggerMessage(LogLevel.Warning, "A checkpoint did not reach who keeps it ({Error}); the next one is tried")]
    private partial void LogUndelivered(string error);

    [LoggerMessage(LogLevel.Warning, "Signing a checkpoint failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
