using Personalization.Audit.Domain;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Features;

/// <summary>Reads the nodes of the log's Merkle tree that a root or a proof is made of. A node never changes once its leaves are there, so a tree of any earlier size can be read while the log grows.</summary>
internal sealed class AuditTree(DocumentSession session)
{
    private readonly Dictionary<(int Level, long Index), byte[][]> tiles = [];

    /// <summary>The root of the first so many entries.</summary>
    public async Task<byte[]> RootAsync(long size, CancellationToken cancellationToken) =>
        size == 0 ? new MerkleFrontier().Root : await RangeAsync(0, size, cancellationToken);

    /// <summary>The audit path of RFC 6962, 2.1.1: from the leaf up.</summary>
    /// <param name="index">The leaf's, from 0.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<byte[]>> InclusionAsync(long index, long size, CancellationToken cancellationToken)
    {
        var path = new List<byte[]>();
        var (from, to) = (0L, size);
        while (to - from > 1)
        {
            var middle = from + LeftOf(to - from);
            path.Add(index < middle ? await RangeAsync(middle, to, cancellationToken) : await RangeAsync(from, middle, cancellationToken));
            (from, to) = index < middle ? (from, middle) : (middle, to);
        }

        path.Reverse();
        return path;
    }

    /// <summary>The consistency proof of RFC 6962, 2.1.2: that the first so many leaves of the tree are those of an earlier one.</summary>
    public async Task<IReadOnlyList<byte[]>> ConsistencyAsync(long earlier, long size, CancellationToken cancellationToken)
    {
        if (earlier == 0 || earlier == size) return [];
        var path = new List<byte[]>();
        var (from, to) = (0L, size);
        while (earlier < to)
        {
            var middle = from + LeftOf(to - from);
            path.Add(earlier <= middle ? await RangeAsync(middle, to, cancellationToken) : await RangeAsync(from, middle, cancellationToken));
            (from, to) = earlier <= middle ? (from, middle) : (middle, to);
        }

        // A complete subtree that begins with the first leaf is the earlier tree itself, whose root whoever checks knows.
        if (from > 0) path.Add(await RangeAsync(from, to, cancellationToken));
        path.Reverse();
        return path;
    }

    /// <summary>The largest power of two smaller than it.</summary>
    private static long LeftOf(long leaves) => 1L << (63 - (int)long.LeadingZeroCount(leaves - 1));

    private async Task<byte[]> RangeAsync(long from, long to, CancellationToken cancellationToken)
    {
        var leaves = to - from;
        if (long.IsPow2(leaves)) return await SubtreeAsync((int)long.Log2(leaves), from / leaves, cancellationToken);
        var middle = from + LeftOf(leaves);
        var left = await RangeAsync(from, middle, cancellationToken);
        var right = await RangeAsync(middle, to, cancellationToken);
        return MerkleFrontier.NodeHash(left, right);
    }

    /// <summary>The root of a complete subtree, by its height and its place among those as high.</summary>
    private async Task<byte[]> SubtreeAsync(int height, long place, CancellationToken cancellationToken)
    {
        var (level, within) = (height / AuditTile.Height, height % AuditTile.Height);
        var first = place << within;
        var nodes = await NodesAsync(level, first / AuditTile.Width, cancellationToken);
        return MerkleFrontier.RootOf(nodes.AsSpan((int)(first % AuditTile.Width), 1 << within));
    }

    private async Task<byte[][]> NodesAsync(int level, long index, CancellationToken cancellationToken)
    {
        if (tiles.TryGetValue((level, index), out var known)) return known;
        var tile = await session.LoadAsync<AuditTile>(AuditTile.IdOf(level, index), cancellationToken);
        return tiles[(level, index)] = tile is not null ? tile.Nodes() : level == 0 ? await LeavesAsync(index, session, cancellationToken)
            : throw new InvalidOperationException($"The audit log lacks the tile {AuditTile.IdOf(level, index)}.");
    }

    /// <summary>The hashes that the entries of a tile hold themselves.</summary>
    public static async Task<byte[][]> LeavesAsync(long tile, DocumentSession session, CancellationToken cancellationToken)
    {
        var entries = await session.QueryAsync<AuditEntry>(
            "number", after: Json.FormatNumber(tile * AuditTile.Width), limit: AuditTile.Width, cancellationToken: cancellationToken);
        return [.. entries.Select(entry => Convert.FromHexString(entry.Hash))];
    }
}
