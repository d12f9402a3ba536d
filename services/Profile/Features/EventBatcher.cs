using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>Stores events that wait at the same time with one read and one write.</summary>
public sealed class EventBatcher : IAsyncDisposable
{
    /// <summary>Events a unit of work takes at most.</summary>
    public const int Limit = 500;

    private const int Attempts = 3;
    private readonly ServiceModule module;
    private readonly DecideEvents decide;
    private readonly ProfileTelemetry telemetry;
    private readonly SubjectRefs refs;
    private readonly Batcher<ReceivedEvent, EventDecision> batcher;

    /// <summary>Made by the module.</summary>
    public EventBatcher(ServiceModule module, DecideEvents decide, ProfileTelemetry telemetry, SubjectRefs refs)
    {
        (this.module, this.decide, this.telemetry, this.refs) = (module, decide, telemetry, refs);
        batcher = new Batcher<ReceivedEvent, EventDecision>(StoreAsync, Limit);
    }

    /// <summary>Returns when the event is stored, or refused by a rule and counted.</summary>
    public async Task<EventDecision> IngestAsync(CustomerEvent message, CancellationToken cancellationToken)
    {
        var decision = ReceivedEvent.Parse(message, refs, out var refused) is { } received
            ? await batcher.HandleAsync(received, cancellationToken)
            : EventDecision.Refuse(refused!);
        telemetry.Count([decision]);
        return decision;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => batcher.DisposeAsync();

    private async Task<IReadOnlyList<EventDecision>> StoreAsync(IReadOnlyList<ReceivedEvent> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Without it nothing is known for certain, and what isn't known is no reason to refuse.
                await module.Lease.WaitAsync(cancellationToken);
                var session = module.OpenSession();
                var decisions = await decide.DecideAsync(batch, session, cancellationToken);
                await session.CommitAsync(cancellationToken);
                return decisions;
            }
            catch (Exception exception) when (IsOvertaken(exception) && attempt < Attempts)
            {
                // A gate changed meanwhile: decide again on what is there now.
            }
            catch (Exception exception) when (IsOvertaken(exception) && batch.Count > 1)
            {
                // Smaller writes collide with less, and one event that can't be decided holds up no other.
                var half = batch.Count / 2;
                return [.. await StoreAsync([.. batch.Take(half)], cancellationToken), .. await StoreAsync([.. batch.Skip(half)], cancellationToken)];
            }
        }
    }

    private static bool IsOvertaken(Exception exception) => exception is DocumentConflictException or SubjectErasedException;
}
