using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Domain;
using Polly.Timeout;

namespace Personalization.Retention.Features;

/// <summary>
/// Makes a case of a demand: Consent revokes, or restricts, and the case says so. The demand is stored first, and goes with the write that makes the case, so that no revocation and no restriction is left without one:
/// what broke off in between is done again.
/// </summary>
public sealed partial class CarryOutDemands(
    ServiceModule module, IServiceScopeFactory scopes, ConsentClient consents, RetentionTelemetry telemetry, TimeProvider time, ILogger<CarryOutDemands> logger)
{
    private const int Attempts = 20;
    private const int Batch = 100;

    /// <summary>After what time one is taken up again: longer than asking Consent takes, so that nobody else asks meanwhile.</summary>
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(60);

    /// <summary>Takes a new one and carries it out.</summary>
    /// <returns>Its case.</returns>
    /// <exception cref="HttpRequestException">Consent can't be reached or didn't do it: it is carried out later.</exception>
    /// <exception cref="TimeoutRejectedException">It didn't answer in time: the same.</exception>
    public async Task<ErasureCase> TakeAsync(ErasureDemand demand, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        session.Store(demand);
        await session.CommitAsync(cancellationToken);
        return await CarryOutAsync(demand, cancellationToken);
    }

    /// <summary>Carries out what is left of earlier ones.</summary>
    /// <returns>Whether there may be more.</returns>
    internal async Task<bool> RepeatAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = await module.OpenSession().QueryAsync<ErasureDemand>("due", atMost: Json.FormatTime(now), limit: Batch, cancellationToken: cancellationToken);
        foreach (var demand in due)
        {
            try
            {
                var session = module.OpenSession();
                if (await session.LoadAsync<ErasureDemand>(demand.Id, cancellationToken) is not { } left || left.NextAt > now) continue;
                session.Store(left with { NextAt = now + Again });
                await session.CommitAsync(cancellationToken);
                await CarryOutAsync(left, cancellationToken);
            }
            catch (DocumentConflictException)
            {
                // It was carried out, or another instance took it up.
            }
            catch (Exception failed) when (failed is HttpRequestException or TimeoutRejectedException)
            {
                LogWaits(demand.Id, failed.GetType().Name);
            }
        }

        return due.Count == Batch;
    }

    private async Task<ErasureCase> CarryOutAsync(ErasureDemand demand, CancellationToken cancellationToken)
    {
        if (demand.CancellableUntil is not null)
        {
            var restricted = await consents.RestrictAsync(demand.CustomerId, cancellationToken);
            return (await StoreAsync(demand, (_, session) => CoolOffAsync(ErasureCase.Demanded(demand, restricted), session, cancellationToken), ends: true, cancellationToken))!;
        }

        var revoked = await consents.RevokeAllAsync(demand.CustomerId, cancellationToken);
        if (await StoreAsync(demand, (cases, session) => DemandAsync(cases, revoked, session), ends: true, cancellationToken) is { } erasure) return erasure;

        // All was erased before, and the case of that is closed: this gets one of its own, for which a restriction makes a version.
        var versioned = await consents.RestrictAsync(demand.CustomerId, cancellationToken);
        var own = await StoreAsync(demand, (cases, session) => DemandAsync(cases, revoked with { Version = versioned.Version, CaseId = null }, session), ends: false, cancellationToken);
        await consents.LiftRestrictionAsync(versioned.Restriction.RestrictionId, cancellationToken);
        await StoreAsync(demand, (_, _) => Task.FromResult(own), ends: true, cancellationToken);
        return own!;

        Task<ErasureCase?> DemandAsync(OpenErasureCase cases, RevokedConsents last, DocumentSession session) =>
            cases.DemandAsync(demand.SubjectRef, demand.CustomerId, last, demand.Deadline, demand.Order, session, cancellationToken);
    }

    /// <summary>Decides on the case in a session of its own, on what is there now, and commits it.</summary>
    /// <param name="demand">The demand.</param>
    /// <param name="decide">The case; null: none can be.</param>
    /// <param name="ends">Whether the demand is over with it, and others of the person that want the same.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task<ErasureCase?> StoreAsync(
        ErasureDemand demand, Func<OpenErasureCase, DocumentSession, Task<ErasureCase?>> decide, bool ends, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<CurrentModule>().Name = module.Name;
        var session = scope.ServiceProvider.GetRequiredService<DocumentSession>();

        // What was revoked has its case here, then.
        await scope.ServiceProvider.GetRequiredService<ConsentFollower>().CatchUpAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var erasure = await decide(scope.ServiceProvider.GetRequiredService<OpenErasureCase>(), session);
                ErasureDemand[] over = erasure is null || !ends ? [] :
                [
                    .. (await session.QueryAsync<ErasureDemand>("subject", equalTo: demand.SubjectRef, cancellationToken: cancellationToken))
                        .Where(other => other.Order == demand.Order && other.CancellableUntil is null == demand.CancellableUntil is null),
                ];
                foreach (var other in over) session.Delete<ErasureDemand>(other.Id);
                await session.CommitAsync(cancellationToken);
                foreach (var key in over.Select(other => other.DataKey).OfType<DataKeyId>()) await module.Keys.DestroyAsync(key, cancellationToken);
                return erasure;
            }
            catch (DocumentConflictException) when (attempt < Attempts)
            {
                session.Clear();
            }
        }
    }

    private async Task<ErasureCase?> CoolOffAsync(ErasureCase demanded, DocumentSession session, CancellationToken cancellationToken)
    {
        if (await session.LoadAsync<ErasureCase>(demanded.Id, cancellationToken) is { } faster) return faster;
        session.Store(demanded);
        telemetry.Changed(null, demanded);
        return demanded;
    }

    [LoggerMessage(LogLevel.Warning, "Demand {DemandId} to be forgotten waits for Consent ({Error}); it is tried again")]
    private partial void LogWaits(string demandId, string error);
}

/// <summary>Carries out demands that broke off.</summary>
public sealed partial class RepeatDemands(CarryOutDemands demands, TimeProvider time, ILogger<RepeatDemands> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, demands.RepeatAsync, LogFailed, stoppingToken);

    [LoggerMessage(LogLevel.Warning, "Carrying out demands to be forgotten failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
