using MassTransit;
using Personalization.Audit.Domain;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Audit's part of an erasure: the key that tells whose entries they are.</summary>
public sealed class ShredSaltOnEraseSubject(Erasure erasure, SaltErasure salts, DocumentSession session) : IConsumer<EraseSubject>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<EraseSubject> context) => erasure.HandleAsync(context.Message, salts, session, context.CancellationToken);
}

/// <summary>
/// Entries hold commitments only, so there is no row of the log to erase: with the key gone, nobody can tell whose they are. The chain stays whole. What
/// is beside the log, for the person to be told who read their data, goes with them.
/// </summary>
public sealed class SaltErasure(ServiceModule module) : IErasureParticipant
{
    /// <inheritdoc/>
    public async Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.WholeEpoch) return new ErasureOutcome([], []);
        var epochs = Enumerable.Range(0, command.Epoch + 1).Select(epoch => new DataKeyId(command.SubjectRef, epoch)).ToArray();
        var (held, reads) = (0, 0);
        foreach (var epoch in epochs)
        {
            if (await module.Keys.FindAsync(epoch.ToString(), cancellationToken) is not { } key) continue;
            held++;
            foreach (var row in await session.QueryRowsAsync<SubjectRead>("tag", equalTo: SubjectRead.TagOf(key), limit: int.MaxValue, cancellationToken: cancellationToken))
            {
                session.Delete<SubjectRead>(row.Id);
                reads++;
            }
        }

        ErasedData[] erased =
        [
            new() { Store = "audit_entries", Category = "commitment-keys", Count = held, Method = "key-destroyed" },
            new() { Store = "subject_reads", Category = "access", Count = reads, Method = "erased" },
        ];
        return new ErasureOutcome([.. erased.Where(data => data.Count > 0)], []);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        // Asked before the erasure (is there anything left to do?) and after it (did the key go?).
        var destroyed = !command.WholeEpoch || await module.Keys.IsDestroyedAsync(new DataKeyId(command.SubjectRef, command.Epoch), cancellationToken);
        return [new ResidualScan { Searched = "commitment keys", Found = destroyed ? 0 : 1 }];
    }
}
