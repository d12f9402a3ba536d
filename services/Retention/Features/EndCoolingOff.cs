using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;
using Polly.Timeout;

namespace Personalization.Retention.Features;

/// <summary>
/// What follows when a demand can't be cancelled any more, or was: all that the person permits is revoked, and the case of that goes on in its place; or the restriction is lifted. Each is decided
/// by a conditional write first, so that a demand is either cancelled or carried out, and done afterwards, again after a crash until it is.
/// </summary>
public sealed partial class EndCoolingOff(ServiceModule module, IServiceScopeFactory scopes, ConsentClient consents, TimeProvider time, ILogger<EndCoolingOff> logger)
    : BackgroundService
{
    private const int Batch = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    // Longer than asking Consent takes, so that no other instance asks meanwhile.
    private static readonly TimeSpan TriedAgainAfter = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, EndAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> EndAsync(CancellationToken cancellationToken)
    {
        var due = await module.OpenSession().QueryAsync<ErasureCase>("cooling", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        foreach (var caseId in due.Select(erasure => erasure.Id))
        {
            try
            {
                if (await TakeUpAsync(caseId, cancellationToken) is not { } taken) continue;
                if (taken.State == ErasureState.Cancelled) await LiftAsync(taken, cancellationToken);
                else await CarryOutAsync(taken, cancellationToken);
            }
            catch (DocumentConflictException)
            {
                // It was cancelled, or another instance was faster.
            }
            catch (Exception failed) when (failed is HttpRequestException or TimeoutRejectedException)
            {
                LogWaits(caseId, failed.GetType().Name);
            }
        }

        return due.Count == Batch;
    }

    private async Task<ErasureCase?> TakeUpAsync(string caseId, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        if (await session.LoadAsync<ErasureCase>(caseId, cancellationToken) is not { } erasure || erasure.TakeUp(now, now + TriedAgainAfter) is not { } taken) return null;
        session.Store(taken);
        await session.CommitAsync(cancellationToken);
        return taken;
    }

    private async Task LiftAsync(ErasureCase cancelled, CancellationToken cancellationToken)
    {
        await consents.LiftRestrictionAsync(cancelled.CoolingOff!.RestrictionId, cancellationToken);
        await StoreAsync(cancelled.Id, erasure => erasure.Settle(), module.OpenSession(), cancellationToken);
    }

    private async Task CarryOutAsync(ErasureCase started, CancellationToken cancellationToken)
    {
        // In this order: at no time may anything be used.
        var revoked = started.CoolingOff!.Revoked;
        if (revoked is null)
        {
            revoked = await consents.RevokeAllAsync(started.CustomerId!, cancellationToken);
            await StoreAsync(started.Id, erasure => erasure.Revoke(revoked), module.OpenSession(), cancellationToken);
        }

        await consents.LiftRestrictionAsync(started.CoolingOff.RestrictionId, cancellationToken);

        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentModule>().Name = module.Name;
        var session = scope.ServiceProvider.GetRequiredService<DocumentSession>();

        // The case of what was revoked is here then. Where nothing was, the restriction has made a version for one of its own.
        await scope.ServiceProvider.GetRequiredService<ConsentFollower>().CatchUpAsync(cancellationToken);
        var cases = scope.ServiceProvider.GetRequiredService<OpenErasureCase>();
        var deadline = new ErasureDeadline(started.DueAt, started.IsDueEstimated);
        var demanded = await cases.DemandAsync(started.SubjectRef, started.CustomerId!, revoked, deadline, null, session, cancellationToken)
            ?? await cases.DemandAsync(started.SubjectRef, started.CustomerId!, revoked with { CaseId = null }, deadline, null, session, cancellationToken);
        await StoreAsync(started.Id, erasure => erasure.Settle(demanded!.Id), session, cancellationToken);
    }

    private static async Task StoreAsync(string caseId, Func<ErasureCase, ErasureCase> change, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<ErasureCase>(caseId, cancellationToken) is not { } erasure) return;
        session.Store(change(erasure));
        await session.CommitAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "The end of the cooling-off of erasure case {CaseId} waits for Consent ({Error}); it is tried again")]
    private partial void LogWaits(string caseId, string error);

    [LoggerMessage(LogLevel.Warning, "Ending cooling-off periods failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
