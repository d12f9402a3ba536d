using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Personalization.Retention.Documents;
using Personalization.Retention.Domain;
using Polly.Timeout;

namespace Personalization.Retention.Features;

/// <summary>
/// Does what is due about exports: makes the archive when all parts are in or the deadline is near, asks again those who haven't answered, ends a link, and
/// deletes what an ended export has left, its key first. Safe in several instances: the version of the export lets one of them win.
/// </summary>
public sealed partial class WatchExports(ServiceModule module, ProfileClient profile, IOptions<RetentionOptions> options, RetentionTelemetry telemetry, TimeProvider time, ILogger<WatchExports> logger)
    : BackgroundService
{
    private const int Batch = 50;
    private const int PieceLength = 1024 * 1024;
    private const string ProductServices = "external";
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.RepeatAsync(Every, WatchAsync, LogFailed, stoppingToken);

    /// <returns>Whether there may be more.</returns>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var due = await module.OpenSession().QueryAsync<ExportCase>("wake", atMost: Json.FormatTime(time.GetUtcNow()), limit: Batch, cancellationToken: cancellationToken);
        if (due.Count > 0)
        {
            using var activity = module.ActivitySource.StartActivity("tend exports");
            foreach (var export in due) await TendAsync(export.Id, cancellationToken);
        }

        var session = module.OpenSession();
        telemetry.Exports(
            await session.CountAsync<ExportCase>("collecting", cancellationToken: cancellationToken),
            await session.CountAsync<ExportCase>("collecting", atMost: Json.FormatTime(time.GetUtcNow()), cancellationToken: cancellationToken));
        await ForgetAsync(cancellationToken);
        return due.Count == Batch;
    }

    private async Task TendAsync(string exportId, CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var now = time.GetUtcNow();
        if (await session.LoadAsync<ExportCase>(exportId, cancellationToken) is not { WakeAt: { } at } export || at > now) return;
        try
        {
            switch (export.State)
            {
                case ExportState.Collecting when export.IsToBeMade(now):
                    await MakeAsync(export, session, now, cancellationToken);
                    break;
                case ExportState.Collecting:
                    RequestExport.Send(export, now, module, options.Value, session);
                    await session.CommitAsync(cancellationToken);
                    LogResent(export.Id, export.Sendings + 1, string.Join(", ", export.Awaiting));
                    break;
                case ExportState.Ready:
                    session.Store(export.End(ExportState.Expired, now));
                    await session.CommitAsync(cancellationToken);
                    break;
                default:
                    await WipeAsync(export, session, now, cancellationToken);
                    break;
            }
        }
        catch (Exception exception) when (exception is DocumentConflictException or SubjectErasedException)
        {
            // A part came, somebody fetched it, it was cancelled, or another instance was faster: what is left is seen the next time.
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // One that can't be made doesn't hold up the others; its deadline shows it.
            LogExportFailed(exportId, exception.GetType().Name);
        }
    }

    private async Task MakeAsync(ExportCase export, DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var pending = await session.LoadAsync<PendingExport>(export.Id, cancellationToken) ?? throw new InvalidOperationException("An export that collects is pending.");
        var prefix = ExportPiece.PrefixOf(export.Id);
        var pieces = await session.QueryAsync<ExportPiece>("place", after: prefix, atMost: prefix + "~", limit: int.MaxValue, cancellationToken: cancellationToken);
        var (parts, missing) = (new List<ExportedPart>(), export.Missing.ToList());
        foreach (var participant in export.Participants)
        {
            if (export.AnswerOf(participant) is not { } answer)
            {
                missing.Add(new MissingPart(participant, MissingReason.NotAnswered));
                continue;
            }

            var places = Enumerable.Range(1, answer.Pieces).Select(number => ExportPiece.PartPlace(participant, answer.AnswerId, number)).ToHashSet();
            try
            {
                byte[] sealedPart = [.. pieces.Where(piece => places.Contains(piece.Place)).SelectMany(piece => piece.Content)];
                parts.Add(ExportedPart.Open(export.Id, participant, pending.PrivateKey, sealedPart));
            }
            catch (Exception exception) when (exception is CryptographicException or InvalidDataException or System.Text.Json.JsonException)
            {
                missing.Add(new MissingPart(participant, MissingReason.Unreadable));
                LogUnreadable(export.Id, participant, exception.GetType().Name);
            }
        }

        try
        {
            // They have copies of their own, which nobody asks for here.
            missing.AddRange((await profile.ParticipantsAsync(cancellationToken)).Select(participant => new MissingPart(participant, MissingReason.TakesNoPart)));
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException && export.Awaiting.Count > 0)
        {
            // It is made because its time is over: then it says that it doesn't know them.
            missing.Add(new MissingPart(ProductServices, MissingReason.NotAnswered));
        }

        var parties = options.Value.Parties;
        var document = new ExportDocument(
            ExportDocument.FormatName, export.Id, pending.CustomerId, export.SubjectRef, export.RequestedAt, now, parties.Operator, parties.InformationSystem, missing.Count == 0, missing, parts);
        foreach (var piece in pieces) session.Delete<ExportPiece>(piece.Id);
        session.Delete<PendingExport>(pending.Id);
        foreach (var (index, content) in ExportArchive.Of(document, export.Language, pending.Password).Chunk(PieceLength).Index())
            session.Store(new ExportPiece { ExportId = export.Id, Place = ExportPiece.ArchivePlace(index), SubjectRef = export.SubjectRef, Content = content });
        session.Store(export.Ready(missing, now, TimeSpan.FromDays(options.Value.ExportLinkDays)));
        session.Publish(new ExportCompleted
        {
            ExportId = export.Id,
            SubjectRef = export.SubjectRef,
            Missing = [.. missing.Select(part => part.Participant)],
            DueAt = export.DueAt,
            CompletedAt = now,
        });
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
    }

    private async Task WipeAsync(ExportCase export, DocumentSession session, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // The key first: rows that a crash leaves behind are found again, and nobody can open them.
        await module.Keys.DestroyAsync(ExportCase.ContentsKeyOf(export.SubjectRef, export.Id), cancellationToken);
        await session.LoadAsync<PendingExport>(export.Id, cancellationToken);
        session.Delete<PendingExport>(export.Id);
        var prefix = ExportPiece.PrefixOf(export.Id);
        foreach (var row in await session.QueryRowsAsync<ExportPiece>("place", after: prefix, atMost: prefix + "~", limit: int.MaxValue, cancellationToken: cancellationToken))
            session.Delete<ExportPiece>(row.Id);
        session.Store(export with { WipedAt = now });
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var session = module.OpenSession();
        var before = Json.FormatTime(time.GetUtcNow().AddYears(-options.Value.KeepCertificatesYears));
        var rows = await session.QueryRowsAsync<ExportCase>("wiped", atMost: before, limit: Batch, cancellationToken: cancellationToken);
        if (rows.Count == 0) return;
        foreach (var key in rows.Select(row => row.Document?.DataKey).OfType<DataKeyId>()) await module.Keys.DestroyAsync(key, cancellationToken);
        foreach (var row in rows) session.Delete<ExportCase>(row.Id);
        await session.CommitAsync(cancellationToken);
        await module.Store.ScrubAsync(cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Export {ExportId} was sent for the {Sending}. time; it waits for {Participants}")]
    private partial void LogResent(string exportId, int sending, string participants);

    [LoggerMessage(LogLevel.Error, "Export {ExportId}: the part of {Participant} can't be opened ({Error})")]
    private partial void LogUnreadable(string exportId, string participant, string error);

    [LoggerMessage(LogLevel.Error, "Export {ExportId} can't go on ({Error}); it is tried again")]
    private partial void LogExportFailed(string exportId, string error);

    [LoggerMessage(LogLevel.Warning, "Looking through the exports failed ({Error}); it is tried again")]
    private partial void LogFailed(string error);
}
