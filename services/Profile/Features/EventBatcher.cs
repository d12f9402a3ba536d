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
    private readonly Batcher<ReceivedEvent, Result> batcher;

    /// <summary>Made by the module.</summary>
    public EventBatcher(ServiceModule module, DecideEvents decide, ProfileTelemetry telemetry, SubjectRefs refs)
    {
        (this.module, this.decide, this.telemetry, this.refs) = (module, decide, telemetry, refs);
        batcher = new Batcher<ReceivedEvent, Result>(StoreAsync, Limit);
    }

    /// <summary>Returns when the event is stored, or refused by a rule and counted.</summary>
    public async Task<EventDecision> IngestAsync(CustomerEvent message, CancellationToken cancellationToken)
    {
        if (ReceivedEvent.Parse(message, refs, out var refused) is not { } received) return Count(EventDecision.Refuse(refused!));
        var result = await batcher.HandleAsync(received with { Cause = Activity.Current }, cancellationToken);
        if (result.Failure is { } failure) ExceptionDispatchInfo.Throw(failure);
        return Count(result.Decision!);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => batcher.DisposeAsync();

    private EventDecision Count(EventDecision decision)
    {
        telemetry.Count([decision]);
        return decision;
    }

    private async Task<IReadOnlyList<Result>> StoreAsync(IReadOnlyList<ReceivedEvent> batch, CancellationToken cancellationToken)
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
                var decisions = await decide.DecideAsync(batch, session, cancellationToken);
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

    private static IEnumerable<ActivityLink> LinksTo(IReadOnlyList<ReceivedEvent> batch) =>
        batch.Select(received => received.Cause).OfType<Activity>().Select(cause => new ActivityLink(cause.Context));

    /// <summary>Either is set.</summary>
    private sealed record Result(EventDecision? Decision, Exception? Failure);
}
