using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Personalization.Contracts.Consent;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Privacy;

/// <summary>What a service does with a consent event, wherever it comes from: the bus or the pull. It compares versions; nothing else keeps order.</summary>
public interface IConsentListener
{
    /// <summary>Changes the session; the caller commits it and comes again with a fresh one after a conflict.</summary>
    Task ApplyAsync(IConsentEvent change, DocumentSession session, CancellationToken cancellationToken);
}

/// <summary>How far a service's store has applied the consent stream without a gap.</summary>
public sealed record ConsentPosition : IDocument
{
    /// <summary>The one id.</summary>
    public const string Only = "consent";

    /// <inheritdoc/>
    public string Id => Only;

    /// <summary>Every entry up to this number is applied.</summary>
    public required long Through { get; init; }
}

/// <summary>
/// Whether this instance may rely on its gates: for 5 seconds, by its own monotonic clock, from before the newest request after which
/// its store had all that Consent's stream holds.
/// </summary>
public sealed class ConsentLease(TimeProvider time)
{
    /// <summary>How long an agreement counts.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private TaskCompletionSource renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? agreedAt;

    /// <summary>Whether it runs now.</summary>
    public bool IsValid
    {
        get
        {
            lock (gate) return agreedAt is { } at && time.GetElapsedTime(at) < Duration;
        }
    }

    /// <summary>How long it still runs; zero when it doesn't.</summary>
    public TimeSpan Remaining
    {
        get
        {
            lock (gate) return agreedAt is { } at && Duration - time.GetElapsedTime(at) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Returns when it runs: at once, or with the next agreement.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (!IsValid)
        {
            Task next;
            lock (gate) next = renewed.Task;
            if (!IsValid) await next.WaitAsync(cancellationToken);
        }
    }

    internal void Renew(long requestedAt)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            if (agreedAt is { } at && at >= requestedAt) return;
            agreedAt = requestedAt;
            waiting = renewed;
            renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        waiting.TrySetResult();
    }
}

/// <summary>
/// Asks Consent each second for the stream after what the store has applied, and applies what is missing. The bus makes a change fast,
/// this makes it certain: a lost, late or dead-lettered event is repaired, and an instance cut off loses its lease.
/// </summary>
#pragma warning disable CA1001 // Handed out by scopes, which would dispose of it; the semaphore holds nothing unless its wait handle is asked for.
public sealed partial class ConsentFollower(
#pragma warning restore CA1001
    ServiceModule module, IServiceScopeFactory scopes, ConsentStreamClient stream, MessageVerifier verifier, IHostApplicationLifetime lifetime, TimeProvider time,
    ILogger<ConsentFollower> logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RequestDeadline = TimeSpan.FromSeconds(3);
    private readonly SemaphoreSlim one = new(1);
    private bool failing;

    /// <summary>Brings the store up to the stream's head now, for a message that knows a newer version than the gate.</summary>
    /// <exception cref="HttpRequestException">Consent can't be reached.</exception>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            while (!await PullAsync(cancellationToken))
            {
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Follows the stream until told to stop.</summary>
    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        // Consent may live in this very process, and answers once the process listens.
        await Task.Delay(Timeout.InfiniteTimeSpan, time, lifetime.ApplicationStarted).ContinueWith(_ => { }, stoppingToken, TaskContinuationOptions.None, TaskScheduler.Default);
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await CatchUpAsync(stoppingToken);
                if (failing) LogBack(module.Name);
                failing = false;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                if (!failing) LogCutOff(module.Name, exception.GetType().Name);
                failing = true;
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <returns>Whether the store has all that the stream held.</returns>
    private async Task<bool> PullAsync(CancellationToken cancellationToken)
    {
        var requestedAt = time.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(RequestDeadline);
        var position = await module.OpenSession().LoadAsync<ConsentPosition>(ConsentPosition.Only, deadline.Token);
        var page = await stream.ReadAsync(position?.Through ?? 0, deadline.Token);
        foreach (var entry in page.Entries)
        {
            verifier.Verify(entry.Event);
            await ApplyAsync(entry.Event, cancellationToken);
        }

        if (page.Through > (position?.Through ?? 0)) await AdvanceAsync(page.Through, cancellationToken);
        module.Telemetry.Applied(Math.Max(page.Through, position?.Through ?? 0));
        if (page.Through < page.Head) return false;
        module.Lease.Renew(requestedAt);
        return true;
    }

    private async Task ApplyAsync(IConsentEvent change, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            await using var scope = scopes.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<CurrentModule>().Name = module.Name;
            var session = scope.ServiceProvider.GetRequiredService<DocumentSession>();
            await module.ConsentListener(scope.ServiceProvider).ApplyAsync(change, session, cancellationToken);
            try
            {
                await session.CommitAsync(cancellationToken);
                return;
            }
            catch (DocumentConflictException) when (attempt < 20)
            {
                // The bus was faster, or the subject's data changes: decide again.
            }
        }
    }

    private async Task AdvanceAsync(long through, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = module.OpenSession();
            var position = await session.LoadAsync<ConsentPosition>(ConsentPosition.Only, cancellationToken);
            if (position?.Through >= through) return;
            session.Store(new ConsentPosition { Through = through });
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

    [LoggerMessage(LogLevel.Warning, "{Module}: the consent stream can't be followed ({Error}); nothing is personalized once the lease ends")]
    private partial void LogCutOff(string module, string error);

    [LoggerMessage(LogLevel.Information, "{Module}: follows the consent stream again")]
    private partial void LogBack(string module);
}

/// <summary>Runs a follower. Apart from it, because scopes hand the follower out and would dispose of a hosted service.</summary>
internal sealed class ConsentFollowerWorker(ConsentFollower follower) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => follower.RunAsync(stoppingToken);
}
