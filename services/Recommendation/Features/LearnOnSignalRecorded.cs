using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Profile;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Recommendation.Domain;

namespace Personalization.Recommendation.Features;

public sealed class LearnOnSignalRecorded(SignalLearner learner) : IConsumer<SignalRecorded>
{
    public Task Consume(ConsumeContext<SignalRecorded> context) => learner.LearnAsync(context.Message, context.CancellationToken);
}

/// <summary>Takes in the signals that wait at the same time with one read and one write.</summary>
public sealed class SignalLearner : IAsyncDisposable
{
    public const int BatchLimit = 500;
    private const int Attempts = 3;
    private readonly ServiceModule module;
    private readonly ConsentFollower follower;
    private readonly RecommendationTelemetry telemetry;
    private readonly TimeProvider time;
    private readonly RecommendationOptions options;
    private readonly Batcher<SignalRecorded, SignalOutcome> batcher;

    public SignalLearner(
        ServiceModule module,
        [FromKeyedServices(RecommendationModule.Service)] ConsentFollower follower,
        RecommendationTelemetry telemetry,
        IOptions<RecommendationOptions> options,
        TimeProvider time)
    {
        (this.module, this.follower, this.telemetry, this.options, this.time) = (module, follower, telemetry, options.Value, time);
        batcher = new Batcher<SignalRecorded, SignalOutcome>(LearnAsync, BatchLimit);
    }

    /// <summary>Returns when the signal is stored, or refused by a rule and counted.</summary>
    public async Task<SignalOutcome> LearnAsync(SignalRecorded signal, CancellationToken cancellationToken)
    {
        var outcome = await batcher.HandleAsync(signal, cancellationToken);
        telemetry.Learnt(outcome);
        return outcome;
    }

    public ValueTask DisposeAsync() => batcher.DisposeAsync();

    private async Task<IReadOnlyList<SignalOutcome>> LearnAsync(IReadOnlyList<SignalRecorded> batch, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await DecideAsync(batch, cancellationToken);
            }
            catch (Exception exception) when (IsOvertaken(exception) && attempt < Attempts)
            {
                // A gate or a history was changed meanwhile: decide again on what is there now.
            }
            catch (Exception exception) when ((IsOvertaken(exception) || exception is DocumentUnreadableException) && batch.Count > 1)
            {
                // Smaller writes collide with less, and one signal that can't be decided holds up no other.
                var half = batch.Count / 2;
                return [.. await LearnAsync([.. batch.Take(half)], cancellationToken), .. await LearnAsync([.. batch.Skip(half)], cancellationToken)];
            }
        }
    }

    private async Task<IReadOnlyList<SignalOutcome>> DecideAsync(IReadOnlyList<SignalRecorded> batch, CancellationToken cancellationToken)
    {
        // Without it nothing is known for certain, and what isn't known is no reason to refuse.
        await module.Lease.WaitAsync(cancellationToken);
        var session = module.OpenSession();
        var (gates, histories) = await LoadAsync(session, batch, cancellationToken);
        if (batch.Any(signal => signal.ConsentVersion > (gates.GetValueOrDefault(signal.SubjectRef)?.Version ?? 0)))
        {
            await follower.CatchUpAsync(cancellationToken);
            session.Clear();
            (gates, histories) = await LoadAsync(session, batch, cancellationToken);
        }

        var now = time.GetUtcNow();
        var outcomes = new SignalOutcome[batch.Count];
        foreach (var signals in Enumerable.Range(0, batch.Count).GroupBy(i => batch[i].SubjectRef))
        {
            var gate = gates.GetValueOrDefault(signals.Key) ?? SubjectGate.Closed(signals.Key);
            var (next, decided) = SubjectHistory.Learn(
                histories.GetValueOrDefault(signals.Key), [.. signals.Select(i => batch[i])], gate, options.Purpose, options.HistoryLimit, now);
            foreach (var (i, outcome) in signals.Zip(decided)) outcomes[i] = outcome;
            if (next is null) continue;
            session.Store(next);
            session.Require<SubjectGate>(gate.Id);
        }

        await session.CommitAsync(cancellationToken);
        return outcomes;
    }

    private static async Task<(IReadOnlyDictionary<string, SubjectGate> Gates, IReadOnlyDictionary<string, SubjectHistory> Histories)> LoadAsync(
        DocumentSession session, IReadOnlyList<SignalRecorded> batch, CancellationToken cancellationToken)
    {
        var subjects = batch.Select(signal => signal.SubjectRef).ToHashSet();
        await session.PrefetchAsync(
            subjects.SelectMany(subject => new[] { session.Key<SubjectGate>(subject), session.Key<SubjectHistory>(subject) }), cancellationToken);
        return (await session.LoadManyAsync<SubjectGate>(subjects, cancellationToken), await session.LoadManyAsync<SubjectHistory>(subjects, cancellationToken));
    }

    /// <summary>A conflict, or the epoch ended between reading the gate and writing.</summary>
    private static bool IsOvertaken(Exception exception) => exception is DocumentConflictException or SubjectErasedException;
}
