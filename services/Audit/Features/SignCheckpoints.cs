using Microsoft.Extensions.Options;
using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>
/// Signs the log's end every few seconds and hands it to another party. Each checkpoint has to continue the last one, also that in the other
/// party's file: a store that was rolled back or rewritten gets no signature any more.
/// </summary>
public sealed partial class SignCheckpoints(
    ServiceModule module, CheckpointReceiver receiver, AuditTelemetry telemetry, IConfiguration configuration, IOptions<AuditOptions> options, TimeProvider time, ILogger<SignCheckpoints> logger)
    : BackgroundService
{
    private Checkpoint? last;
    private bool isRewritten;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.CheckpointEverySeconds), time);
        do
        {
            try
            {
                last ??= await receiver.LastAsync(stoppingToken);
                await SignAsync(stoppingToken);
            }
            catch (DocumentConflictException)
            {
                // Another instance signed.
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SignAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        var hour = KeptCheckpoint.IdOf(now);
        await session.PrefetchAsync([session.Key<AuditHead>(AuditHead.Only), session.Key<KeptCheckpoint>(KeptCheckpoint.Latest), session.Key<KeptCheckpoint>(hour)], cancellationToken);
        var head = await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty;
        var kept = (await session.LoadAsync<KeptCheckpoint>(KeptCheckpoint.Latest, cancellationToken))?.Checkpoint;
        foreach (var earlier in new[] { kept, last }.OfType<Checkpoint>())
        {
            if (await ContinuesAsync(head, earlier, session, cancellationToken)) continue;
            telemetry.Checkpointed("rewritten");
            if (!isRewritten) LogRewritten(earlier.Size, earlier.Time);
            isRewritten = true;
            return;
        }

        isRewritten = false;
        if (kept?.Size == head.Size && (last is null || last.Size == head.Size)) return;
        var checkpoint = Checkpoint.Of(head, configuration["Subjects:Region"]!, module.Signer, now);
        session.Store(new KeptCheckpoint { Id = KeptCheckpoint.Latest, Checkpoint = checkpoint });
        session.Store(new KeptCheckpoint { Id = hour, Checkpoint = checkpoint });
        await session.CommitAsync(cancellationToken);
        last = checkpoint;
        telemetry.Checkpointed("signed");
        if (await receiver.DeliverAsync(checkpoint, cancellationToken) is not { } error) return;

        // The next one stands for it too.
        telemetry.Checkpointed("undelivered");
        LogUndelivered(error);
    }

    private static async Task<bool> ContinuesAsync(AuditHead head, Checkpoint earlier, DocumentSession session, CancellationToken cancellationToken) =>
        earlier.Size <= head.Size && Convert.ToHexStringLower(await new AuditTree(session).RootAsync(earlier.Size, cancellationToken)) == earlier.RootHash;

    [LoggerMessage(LogLevel.Critical, "The audit log is not the one that was signed with {Size} entries at {Time}: it was rolled back or rewritten. It is not signed any more")]
    private partial void LogRewritten(long size, DateTimeOffset time);

    [LoggerMessage(LogLevel.Warning, "A checkpoint did not reach who keeps it ({Error}); the next one is tried")]
    private partial void LogUndelivered(string error);

    [LoggerMessage(LogLevel.Warning, "Signing a checkpoint failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
