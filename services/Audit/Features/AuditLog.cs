using System.Security.Cryptography;
using Personalization.Audit.Domain;
using Personalization.Contracts.Consent;
using Personalization.Contracts.Profile;
using Personalization.Contracts.Recommendation;
using Personalization.Platform;
using Personalization.Platform.Messaging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>A message to be told of.</summary>
/// <param name="Message">The contract.</param>
/// <param name="MessageId">Its id.</param>
/// <param name="Queue">Where it was read, for the inbox.</param>
/// <param name="Subject">The key that its commitment is made with; null if it is about nobody.</param>
/// <param name="CaseId">The erasure case, if there is one.</param>
public sealed record Told(object Message, Guid MessageId, string Queue, DataKeyId? Subject, string? CaseId);

/// <summary>
/// Appends. What waits at the same time shares one write: entries, full tiles of the tree, its end and the inbox entries, so that a message has
/// exactly one entry whatever is delivered twice or dies in between. Several instances may append; the log's end lets one win.
/// </summary>
public sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Entries a write takes at most.</summary>
    public const int Batch = 500;

    private const int Attempts = 20;
    private readonly ServiceModule module;
    private readonly TimeProvider time;
    private readonly Batcher<Told, bool> batcher;

    /// <summary>Made by the module.</summary>
    public AuditLog(ServiceModule module, TimeProvider time)
    {
        (this.module, this.time) = (module, time);
        batcher = new Batcher<Told, bool>(AppendAsync, Batch);
    }

    /// <summary>Returns when the entry is durable.</summary>
    public Task AppendAsync(Told told, CancellationToken cancellationToken) => batcher.HandleAsync(told, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => batcher.DisposeAsync();

    private async Task<IReadOnlyList<bool>> AppendAsync(IReadOnlyList<Told> batch, CancellationToken cancellationToken)
    {
        var keys = await module.Keys.FindOrCreateAsync(batch.Select(told => told.Subject).OfType<DataKeyId>(), cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var session = module.OpenSession();
            var inbox = batch.Select(told => $"{told.MessageId:N}:{told.Queue}").ToArray();
            var known = (await session.LoadManyAsync<InboxEntry>(inbox, cancellationToken)).Keys.ToHashSet();
            var head = await session.LoadAsync<AuditHead>(AuditHead.Only, cancellationToken) ?? AuditHead.Empty;
            var tree = head.Tree();
            var now = time.GetUtcNow();
            var appended = new bool[batch.Count];
            var leaves = new List<byte[]>();
            for (var i = 0; i < batch.Count; i++)
            {
                if (!known.Add(inbox[i])) continue;
                var entry = new AuditEntry
                {
                    Number = tree.Size + 1,
                    RecordedAt = now,
                    Type = batch[i].Message.GetType().Name,
                    MessageId = batch[i].MessageId,
                    CaseId = batch[i].CaseId,
                    LedgerHash = (batch[i].Message as IConsentEvent)?.LedgerHash,
                    Read = AuditedRead.Of(batch[i].Message),
                    Clock = AuditedClock.Of(batch[i].Message),
                    Hold = AuditedHold.Of(batch[i].Message),
                    Minimized = batch[i].Message as FieldsMinimized,
                    Answered = batch[i].Message as RecommendationsAnswered,
                    Commitment = CommitmentOf(batch[i], keys),
                    Hash = "",
                }.Sealed();
                session.Store(entry);
                if (batch[i].Message is PersonalDataRead { } told && batch[i].Subject is { } subject && keys[subject] is { } key)
                {
                    session.Store(new SubjectRead
                    {
                        Number = entry.Number,
                        SubjectRef = told.SubjectRef,
                        Epoch = told.Epoch,
                        Read = entry.Read!,
                        ReadAt = told.ReadAt,
                        Tag = SubjectRead.TagOf(key),
                    });
                }

                session.Store(new InboxEntry { Id = inbox[i], ReceivedAt = now });
                leaves.Add(Convert.FromHexString(entry.Hash));
                tree.Add(leaves[^1]);
                appended[i] = true;
            }

            if (!appended.Contains(true)) return appended;
            await StoreTilesAsync(head.Size, leaves, session, cancellationToken);
            session.Store(AuditHead.Of(tree));
            try
            {
                await session.CommitAsync(cancellationToken);
                return appended;
            }
            catch (DocumentConflictException) when (attempt < Attempts)
            {
                // Another instance appended: take the new end.
            }
        }
    }

    /// <summary>The tiles of level 0 that these leaves fill, and those above that get their roots.</summary>
    private static async Task StoreTilesAsync(long size, List<byte[]> leaves, DocumentSession session, CancellationToken cancellationToken)
    {
        var tile = size / AuditTile.Width;
        var begun = (int)(size % AuditTile.Width);
        if (begun + leaves.Count < AuditTile.Width) return;
        var nodes = begun == 0 ? leaves : [.. (await AuditTree.LeavesAsync(tile, session, cancellationToken))[..begun], .. leaves];
        foreach (var full in nodes.Chunk(AuditTile.Width).TakeWhile(chunk => chunk.Length == AuditTile.Width)) await StoreFullAsync(0, tile++, full);

        async Task StoreFullAsync(int level, long index, byte[][] full)
        {
            if (level == 0) session.Store(AuditTile.Of(level, index, full));
            var (above, place) = (level + 1, index / AuditTile.Width);
            var known = await session.LoadAsync<AuditTile>(AuditTile.IdOf(above, place), cancellationToken);
            var next = AuditTile.Of(above, place, [.. known?.Nodes() ?? [], MerkleFrontier.RootOf(full)]);
            session.Store(next);
            if (next.Nodes() is { Length: AuditTile.Width } filled) await StoreFullAsync(above, place, filled);
        }
    }

    private static string? CommitmentOf(Told told, IReadOnlyDictionary<DataKeyId, DataKey?> keys)
    {
        var content = CanonicalJson.Of(told.Message);
        if (told.Subject is not { } subject) return Convert.ToHexStringLower(SHA256.HashData(content));
        return keys[subject] is { } key ? Convert.ToHexStringLower(HMACSHA256.HashData(key.Secret.Span, content)) : null;
    }
}
