using System.Collections.Concurrent;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>
/// Tells product services of erasures, apart from everything that waits for nothing else: what has to be told stands in a document, so a restart goes on with it. Of a service that doesn't
/// answer the case stays open, and no other waits for it.
/// </summary>
public sealed partial class PassErasuresOn(ServiceModule module, ParticipantClient client, ProfileTelemetry telemetry, TimeProvider time, ILogger<PassErasuresOn> logger) : BackgroundService
{
    private const int Page = 100;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, Task> running = new();

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, StartEachAsync, LogFailed, stoppingToken);

    private async Task StartEachAsync(CancellationToken cancellationToken)
    {
        foreach (var participant in await module.OpenSession().QueryAsync<Participant>("name", cancellationToken: cancellationToken))
        {
            if (running.TryGetValue(participant.Name, out var task) && !task.IsCompleted) continue;
            running[participant.Name] = Task.Run(() => TellAllAsync(participant, cancellationToken), cancellationToken);
        }
    }

    private async Task TellAllAsync(Participant participant, CancellationToken cancellationToken)
    {
        try
        {
            var due = await module.OpenSession().QueryRowsAsync<ErasureNotice>(
                "due", after: $"{participant.Name}/", atMost: ErasureNotice.DueOf(participant.Name, time.GetUtcNow()), limit: Page, cancellationToken: cancellationToken);
            foreach (var row in due)
            {
                // Its key went, and then something broke off.
                if (row.Document is null) await ForgetAsync(row.Id, cancellationToken);
                else await TellAsync(participant, row.Id, cancellationToken);
            }
        }
        catch (DocumentConflictException)
        {
            // Another instance tells it, or its receipt came: the next time looks at what is left.
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(exception.GetType().Name);
        }
    }

    private async Task TellAsync(Participant participant, string id, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        if (await session.LoadAsync<ErasureNotice>(id, cancellationToken) is not { } notice || notice.DueAt > time.GetUtcNow()) return;
        if (notice.Receipt is not null)
        {
            if (notice.IsPassedBack) await ForgetAsync(notice, cancellationToken);
            else await PassBackAsync(notice, session, cancellationToken);
            return;
        }

        // Written before it is told: of several instances one does, and what kills this one doesn't lose it.
        notice = notice.Sent(time.GetUtcNow());
        session.Store(notice);
        await session.CommitAsync(cancellationToken);
        try
        {
            var receipt = await client.TellAsync(participant, notice, cancellationToken);
            telemetry.CountParticipantAnswer(receipt is null ? "noted" : "answered");
            if (receipt is null || await session.LoadAsync<ErasureNotice>(id, cancellationToken) is not { Receipt: null } told) return;
            await PassBackAsync(told.Answered(receipt, time.GetUtcNow()), session, cancellationToken);
        }
        catch (ParticipantFailedException failed)
        {
            telemetry.CountParticipantAnswer(failed.Outcome);
            LogUnanswered(participant.Name, notice.CaseId, failed.Outcome, notice.Sendings);
        }
    }

    /// <summary>Signs for what the service answered. If it erased everything nobody has to know the customer id any more.</summary>
    private async Task PassBackAsync(ErasureNotice answered, DocumentSession session, CancellationToken cancellationToken)
    {
        var receipt = answered.Receipt!;
        session.Publish(module.Signer.Sign(new SubjectDataErased
        {
            CaseId = answered.CaseId,
            SubjectRef = answered.SubjectRef,
            Epoch = answered.Epoch,
            Version = answered.Version,
            Participant = ExternalParticipant.NameOf(answered.Participant),
            ErasedAt = receipt.ErasedAt,
            Erased = receipt.Erased,
            Retained = receipt.Retained,
            Residual = receipt.Residual,
        }));
        if (receipt.Residual.Any(place => place.Found > 0))
        {
            session.Store((answered with { Receipt = null }).Sent(time.GetUtcNow()));
            await session.CommitAsync(cancellationToken);
            return;
        }

        session.Store(answered with { IsPassedBack = true });
        await session.CommitAsync(cancellationToken);
        await ForgetAsync(answered, cancellationToken);
    }

    // The key first: a row that a crash leaves behind is found again, a key without one would not be.
    private async Task ForgetAsync(ErasureNotice passedBack, CancellationToken cancellationToken)
    {
        await module.Keys.DestroyAsync(passedBack.DataKey!.Value, cancellationToken);
        await ForgetAsync(passedBack.Id, cancellationToken);
    }

    private async Task ForgetAsync(string id, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        await session.LoadAsync<ErasureNotice>(id, cancellationToken);
        session.Delete<ErasureNotice>(id);
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Participant {Participant} did not answer for erasure case {CaseId} ({Outcome}, told {Times} times); the case stays open and it is told again")]
    private partial void LogUnanswered(string participant, string caseId, string outcome, int times);

    [LoggerMessage(LogLevel.Warning, "Passing erasures on failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
