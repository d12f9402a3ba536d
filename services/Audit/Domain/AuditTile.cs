using System.Text.Json.Serialization;
using Personalization.Platform;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Audit.Domain;

/// <summary>
/// Up to 256 neighbouring nodes of the log's Merkle tree: of level 0, hashes of entries; of each level above, the roots of the tiles below. A tile
/// of level 0 is kept once it is full (until then the entries themselves hold their hashes), one above from its first node on. So a
/// proof about any of a million entries reads a handful of documents.
/// </summary>
public sealed record AuditTile : IDocument
{
    /// <summary>The levels of the tree in one of tiles.</summary>
    public const int Height = 8;

    /// <summary>Nodes of a full tile.</summary>
    public const int Width = 1 << Height;

    /// <inheritdoc/>
    [JsonIgnore]
    public string Id => IdOf(Level, Index);

    /// <summary>0 for hashes of entries.</summary>
    public required int Level { get; init; }

    /// <summary>Its place in the level, from 0.</summary>
    public required long Index { get; init; }

    /// <summary>The nodes, one after the other.</summary>
    public required byte[] Hashes { get; init; }

    /// <summary>Where a tile is.</summary>
    public static string IdOf(int level, long index) => $"{level}/{Json.FormatNumber(index)}";

    /// <summary>A tile of these nodes.</summary>
    public static AuditTile Of(int level, long index, IEnumerable<byte[]> nodes) => new() { Level = level, Index = index, Hashes = [.. nodes.SelectMany(node => node)] };

    /// <summary>The nodes.</summary>
    public byte[][] Nodes() => [.. Hashes.Chunk(MerkleFrontier.HashSize)];
}
