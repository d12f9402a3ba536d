using MassTransit;
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

/// <summary>Entries hold commitments only, so there is no row to erase: with the key gone, nobody can tell whose they are. The chain stays whole.</summary>
public sealed class SaltErasure(ServiceModule module) : IErasureParticipant
{
    /// <inheritdoc/>
    public async Task<ErasureOutcome> EraseAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        if (!command.WholeEpoch) return new ErasureOutcome([], []);
        var epochs = Enumerable.Range(0, command.Epoch + 1).Select(epoch => new DataKeyId(command.SubjectRef, epoch)).ToArray();
        var held = 0;
        foreach (var epoch in epochs)
        {
            if (await module.Keys.FindAsync(epoch.ToString(), cancellationToken) is not null) held++;
        }

        return new ErasureOutcome(
            held == 0 ? [] : [new ErasedData { Store = "audit_entries", Category = "commitment-keys", Count = held, Method = "key-destroyed" }], []);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ResidualScan>> ScanAsync(EraseSubject command, DocumentSession session, CancellationToken cancellationToken)
    {
        // Asked before the erasure (is there anything left to do?) and after it (did the key go?).
        var destroyed = !command.WholeEpoch || await module.Keys.IsDestroyedAsync(new DataKeyId(command.SubjectRef, command.Epoch), cancellationToken);
        return [new ResidualScan { Searched = "commitment keys", Found = destroyed ? 0 : 1 }];
    }
}
