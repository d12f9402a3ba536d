using System.Diagnostics;
using Personalization.Consent.Domain;
using Personalization.Contracts.Consent;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>
/// Gives every change the next number of the stream, signs its event, and publishes it: entry, number, head and outbox in one write per
/// batch. The head's version is what makes the numbers contiguous; several instances may try, one wins, the others look again.
/// </summary>
public sealed partial class NumberConsentChanges(ServiceModule module, ILogger<NumberConsentChanges> logger) : BackgroundService
{
    private const int Batch = 200;

    // Left by an instance that died between the decision and this.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);
    private readonly SemaphoreSlim wake = new(0, 1);

    /// <summary>There is something to number.</summary>
    public void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Awake already.
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await NumberAsync(stoppingToken))
                {
                }
            }
            catch (DocumentConflictException)
            {
                continue;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.GetType().Name);
            }

            await wake.WaitAsync(LookAgain, stoppingToken);
        }
    }

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> NumberAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var pending = await session.QueryAsync<PendingChange>("created", limit: Batch, cancellationToken: cancellationToken);
        if (pending.Count == 0) return false;
        var head = await session.LoadAsync<StreamHead>(StreamHead.Only, cancellationToken) ?? StreamHead.None;
        if (head.IsBehind) return false;
        var number = head.Number;
        foreach (var change in pending)
        {
            using var activity = change.TraceParent is { } parent ? module.ActivitySource.StartActivity("number consent change", ActivityKind.Internal, parent) : null;
            var entry = Sign(change, ++number);
            session.Store(new StreamEntry { Id = Json.FormatNumber(number), SubjectRef = change.Consent.SubjectRef, Entry = entry });
            if (entry.Granted is { } granted) session.Publish(granted);
            if (entry.Revoked is { } revoked) session.Publish(revoked);
            if (entry.Expired is { } expired) session.Publish(expired);
            session.Delete<PendingChange>(change.Id);
        }

        await CountDecisions.AddAsync(session, pending, cancellationToken);
        session.Store(new StreamHead { Number = number });
        await session.CommitAsync(cancellationToken);
        return pending.Count == Batch;
    }

    private ConsentStreamEntry Sign(PendingChange change, long number)
    {
        var consent = change.Consent with { Number = number };
        return change.Kind switch
        {
            ChangeKind.Granted => new ConsentStreamEntry
            {
                Granted = module.Signer.Sign(new ConsentGranted
                {
                    Consent = consent,
                    Narrowed = change.Narrowed,
                    EpochEnded = change.EpochEnded,
                    DecidedAt = change.DecidedAt,
                    LedgerHash = change.LedgerHash,
                }),
            },
            ChangeKind.Revoked => new ConsentStreamEntry
            {
                Revoked = module.Signer.Sign(new ConsentRevoked
                {
                    Consent = consent,
                    Narrowed = change.Narrowed,
                    EpochEnded = change.EpochEnded,
                    DecidedAt = change.DecidedAt,
                    LedgerHash = change.LedgerHash,
                }),
            },
            ChangeKind.Expired => new ConsentStreamEntry
            {
                Expired = module.Signer.Sign(new ConsentExpired
                {
                    Consent = consent,
                    Narrowed = change.Narrowed,
                    EpochEnded = change.EpochEnded,
                    DecidedAt = change.DecidedAt,
                    LedgerHash = change.LedgerHash,
                }),
            },
            _ => throw new UnreachableException(),
        };
    }

    [LoggerMessage(LogLevel.Warning, "Numbering the consent stream failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
