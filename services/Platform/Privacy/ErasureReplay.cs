using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Contracts.Retention;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>Up to which place of the erasure sequence a store has carried everything out. One is in the data, one beside the keys: each may be restored without the other.</summary>
public sealed record ErasurePosition : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "erasures";

    /// <inheritdoc/>
    public string Id => Only;

    /// <summary>The place, as Retention gave it.</summary>
    public required string Through { get; init; }
}

/// <summary>
/// Carries out the erasures that this service's stores have missed: all after the place they reached, when it starts, and it isn't ready
/// before. So a copy restored from before an erasure, or a service deployed after it, holds nothing that was erased; and, for the same reason, it
/// takes the legal holds that stand before. Both come by the bus; this is what makes it certain, and moves the place forward.
/// </summary>
internal sealed partial class ErasureReplay(
    ServiceModule module, IServiceScopeFactory scopes, ErasureSequenceClient sequence, MessageVerifier verifier, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<ErasureReplay> logger) : BackgroundService
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Retention may live in this very process, and answers once the process listens.
        await Task.Delay(Timeout.InfiniteTimeSpan, time, lifetime.ApplicationStarted).ContinueWith(_ => { }, stoppingToken, TaskContinuationOptions.None, TaskScheduler.Default);
        await CatchUpAsync(stoppingToken);
        await time.RepeatAsync(Every, token => ReplayAsync(isStart: false, token), LogFailed, stoppingToken);
    }

    private async Task CatchUpAsync(CancellationToken stoppingToken)
    {
        // What it waits for is another process, whatever time it is here.
        using var timer = new PeriodicTimer(TryAgainAfter);
        for (var isWaiting = false; ;)
        {
            try
            {
                var replayed = await ReplayAsync(isStart: true, stoppingToken);
                module.HasReplayedErasures = true;
                if (replayed > 0 || isWaiting) LogReplayed(module.Name, replayed);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (!isWaiting) LogWaiting(module.Name, exception.GetType().Name);
                isWaiting = true;
            }

            await timer.WaitForNextTickAsync(stoppingToken);
        }
    }

    /// <returns>How many were carried out.</returns>
    private async Task<int> ReplayAsync(bool isStart, CancellationToken cancellationToken)
    {
        var replayed = 0;
        var after = await PlaceAsync(cancellationToken);
        var withHolds = isStart;
        do
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(RequestDeadline);
            var page = await sequence.ReadAsync(after, withHolds, deadline.Token);
            foreach (var holds in withHolds ? page.Holds ?? [] : [])
            {
                verifier.Verify(holds);
                await InSessionAsync((participant, session, _) => participant.TakeHoldsAsync(holds, session, cancellationToken), cancellationToken);
            }

            withHolds = false;
            foreach (var command in page.Erasures)
            {
                verifier.Verify(command);
                if (await CarryOutAsync(command, isStart, cancellationToken)) replayed++;
            }

            await AdvanceAsync(page.Through, cancellationToken);
            after = page.Next;
        }
        while (after is not null);
        return replayed;
    }

    /// <summary>The place that the data and the keys have both reached; null: neither, or one of them hasn't any.</summary>
    private async Task<string?> PlaceAsync(CancellationToken cancellationToken)
    {
        var ofData = (await module.OpenSession().LoadAsync<ErasurePosition>(ErasurePosition.Only, cancellationToken))?.Through;
        var ofKeys = await module.Keys.PositionAsync(ErasurePosition.Only, cancellationToken);
        return string.CompareOrdinal(ofData, ofKeys) < 0 ? ofData : ofKeys;
    }

    private async Task<bool> CarryOutAsync(EraseSubject command, bool isStart, CancellationToken cancellationToken)
    {
        var isCarriedOut = false;
        await InSessionAsync(
            async (participant, session, erasure) =>
            {
                // A copy that was made while the service wrote may hold the record of an erasure and, from a moment before, what it erased.
                isCarriedOut = !await erasure.IsDoneAsync(command, participant, looks: isStart, session, cancellationToken);

                // Its place must not be passed: the case may be closed, and then nobody sends it again. The failure is told by whoever hears the command.
                if (isCarriedOut && !await erasure.HandleAsync(command, participant, session, cancellationToken))
                    throw new InvalidOperationException("An erasure of the sequence can't be carried out for now.");
            },
            cancellationToken);
        return isCarriedOut;
    }

    /// <summary>Does something with a fresh session and commits it, again after a conflict.</summary>
    private async Task InSessionAsync(Func<IErasureParticipant, DocumentSession, Erasure, Task> work, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CurrentModule>().Name = module.Name;
            var session = scope.ServiceProvider.GetRequiredService<DocumentSession>();
            try
            {
                await work(module.ErasureParticipant(scope.ServiceProvider), session, scope.ServiceProvider.GetRequiredService<Erasure>());
                if (session.HasChanges) await session.CommitAsync(cancellationToken);
                return;
            }
            catch (DocumentConflictException) when (attempt < 20)
            {
                // The bus was faster, or the subject's data changes: decide again.
            }
        }
    }

    private async Task AdvanceAsync(string through, CancellationToken cancellationToken)
    {
        await module.Keys.AdvanceAsync(ErasurePosition.Only, through, cancellationToken);
        while (true)
        {
            var session = module.OpenSession();
            var position = await session.LoadAsync<ErasurePosition>(ErasurePosition.Only, cancellationToken);
            if (string.CompareOrdinal(position?.Through, through) >= 0) return;
            session.Store(new ErasurePosition { Through = through });
            try
            {
                await session.CommitAsync(cancellationToken);
                return;
            }
            catch (DocumentConflictException)
            {
                // Another instance advanced it.
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Module}: the erasure sequence can't be read ({Error}); it isn't ready before all that its stores have missed is carried out")]
    private partial void LogWaiting(string module, string error);

    [LoggerMessage(LogLevel.Information, "{Module}: {Replayed} erasures that its stores had missed were carried out")]
    private partial void LogReplayed(string module, int replayed);

    [LoggerMessage(LogLevel.Warning, "Following the erasure sequence failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
