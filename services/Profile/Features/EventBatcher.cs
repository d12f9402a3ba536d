using System.Diagnostics;
using System.Runtime.ExceptionServices;
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
    private readonly TimeProvider time;
    private readonly Batcher<Arrival, Result> batcher;

    /// <summary>Made by the module.</summary>
    public EventBatcher(ServiceModule module, DecideEvents decide, ProfileTelemetry telemetry, SubjectRefs refs, TimeProvider time)
    {
        (this.module, this.decide, this.telemetry, this.refs, this.time) = (module, decide, telemetry, refs, time);
        batcher = new Batcher<Arrival, Result>(StoreAsync, Limit);
    }

    /// <summary>Returns when the event is stored, or refused by a rule and counted. What is no event is only said to be for quarantine.</summary>
    public async Task<EventDecision> IngestAsync(CustomerEvent message, CancellationToken cancellationToken)
    {
        // What names a person by itself is kept nowhere; other mistakes may be ours.
        var arrival = ReceivedEvent.Parse(message, refs, out var refused) is { } received
            ? new Arrival(received with { Cause = Activity.Current }, message.Type, message.Source, null)
            : new Arrival(null, message.Type, message.Source, EventDecision.Refuse(refused!));
        if (arrival.Refusal is { Reason: not EventDecision.DirectIdentifier and { } malformed }) return EventDecision.Quarantine(malformed);
        var result = await batcher.HandleAsync(arrival, cancellationToken);
        if (result.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        telemetry.Count([result.Decision!]);
        return result.Decision!;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => batcher.DisposeAsync();

    private async Task<IReadOnlyList<Result>> StoreAsync(IReadOnlyList<Arrival> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                // Without it nothing is known for certain, and what isn't known is no reason to refuse.
                await module.Lease.WaitAsync(cancellationToken);
                using var activity = module.ActivitySource.StartActivity("store events", ActivityKind.Internal, default(ActivityContext), links: LinksTo(batch));
                activity?.SetTag("personalization.batch.size", batch.Count);
                var session = module.OpenSession();
                var decided = new Queue<EventDecision>(await decide.DecideAsync([.. batch.Select(arrival => arrival.Event).OfType<ReceivedEvent>()], session, cancellationToken));
                EventDecision[] decisions = [.. batch.Select(arrival => arrival.Refusal ?? decided.Dequeue())];
                session.Store(EventCounts.Of(batch.Zip(decisions, (arrival, decision) => new CountedEvent(arrival.Type, arrival.Source, decision)), time.GetUtcNow()));
                await session.CommitAsync(cancellationToken);
                return [.. decisions.Select(decision => new Result(decision, null))];
            }
            catch (Exception exception) when (exception is DocumentConflictException or SubjectErasedException && attempt < Attempts)
            {
                // A gate changed meanwhile: decide again on what is there now.
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or KeyEncryptionException or StoreUnreachableException))
            {
                // Smaller writes collide with less, and an event that can't be stored holds up no other.
                if (batch.Count == 1) return [new Result(null, exception)];
                var half = batch.Count / 2;
                return [.. await StoreAsync([.. batch.Take(half)], cancellationToken), .. await StoreAsync([.. batch.Skip(half)], cancellationToken)];
            }
        }
    }

    private static IEnumerable<ActivityLink> LinksTo(IReadOnlyList<Arrival> batch) =>
        batch.Select(arrival => arrival.Event?.Cause).OfType<Activity>().Select(cause => new ActivityLink(cause.Context));

    /// <summary>An event, or its refusal: that is counted in the same write as what is decided.</summary>
    private sealed record Arrival(ReceivedEvent? Event, string Type, string Source, EventDecision? Refusal);

    /// <summary>Either is set.</summary>
    private sealed record Result(EventDecision? Decision, Exception? Failure);
}
