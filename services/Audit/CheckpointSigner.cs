using Personalization.Audit.Domain;
using Personalization.Audit.Features;
using Personalization.Platform;
using Personalization.Platform.Storage;

namespace Personalization.Audit;

/// <summary>
/// Signs the log's end, for whoever asks, and only if it continues what was signed before: the latest checkpoint in the store, and the last one
/// that another party's file holds. A store that was rolled back or rewritten gets no signature any more.
/// </summary>
public sealed class CheckpointSigner(ServiceModule module, CheckpointReceiver receiver, IConfiguration configuration, TimeProvider time)
{
    private volatile Checkpoint? delivered;

    /// <summary>The end of the log, signed.</summary>
    /// <returns>The checkpoint, and null; or null, and the earlier one that the log doesn't continue.</returns>
    public async Task<(Checkpoint? Signed, Checkpoint? Broken)> SignAsync(DocumentSession session, CancellationToken cancellationToken)
    {
        delivered ??= await receiver.LastAsync(cancellationToken);
        var head = await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty;
        var kept = (await session.LoadAsync<KeptCheckpoint>(KeptCheckpoint.Latest, cancellationToken))?.Checkpoint;
        foreach (var earlier in new[] { kept, delivered }.OfType<Checkpoint>().DistinctBy(earlier => earlier.Size))
        {
            if (earlier.Size > head.Size || Convert.ToHexStringLower(await new AuditTree(session).RootAsync(earlier.Size, cancellationToken)) != earlier.RootHash)
                return (null, earlier);
        }

        return (Checkpoint.Of(head, configuration["Subjects:Region"]!, module.Signer, time.GetUtcNow()), null);
    }

    /// <summary>Hands a checkpoint to the other party, unless it holds one of that size.</summary>
    /// <returns>Why it didn't arrive everywhere; null if it did.</returns>
    public async Task<string?> DeliverAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        if (delivered?.Size == checkpoint.Size) return null;
        delivered = checkpoint;
        return await receiver.DeliverAsync(checkpoint, cancellationToken);
    }
}
