using System.Security.Cryptography;

namespace Personalization.Platform.Security;

/// <summary>
/// The right edge of a Merkle tree as RFC 6962 (2.1) defines it: the roots of the complete subtrees that the leaves so far make up, the largest
/// first. All that is needed to append and to tell the root.
/// </summary>
public sealed class MerkleFrontier
{
    /// <summary>Bytes of a hash (SHA-256).</summary>
    public const int HashSize = 32;

    private readonly List<byte[]> roots;

    /// <summary>An empty tree.</summary>
    public MerkleFrontier()
        : this(0, [])
    {
    }

    /// <summary>A tree as it was kept.</summary>
    /// <param name="size">Its leaves.</param>
    /// <param name="roots">As many as the size has bits set.</param>
    public MerkleFrontier(long size, IEnumerable<byte[]> roots) => (Size, this.roots) = (size, [.. roots]);

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>What has to be kept.</summary>
    public IReadOnlyList<byte[]> Roots => roots;

    /// <summary>The root; of no leaves, the hash of nothing.</summary>
    public byte[] Root
    {
        get
        {
            if (roots.Count == 0) return SHA256.HashData([]);
            var root = roots[^1];
            for (var i = roots.Count - 2; i >= 0; i--) root = NodeHash(roots[i], root);
            return root;
        }
    }

    /// <summary>The tree of these leaves.</summary>
    public static MerkleFrontier Of(IEnumerable<byte[]> leaves)
    {
        var tree = new MerkleFrontier();
        foreach (var leaf in leaves) tree.Add(LeafHash(leaf));
        return tree;
    }

    /// <summary>Appends a leaf by its hash.</summary>
    public void Add(byte[] leafHash)
    {
        var root = leafHash;
        for (var size = Size; (size & 1) == 1; size >>= 1)
        {
            root = NodeHash(roots[^1], root);
            roots.RemoveAt(roots.Count - 1);
        }

        roots.Add(root);
        Size++;
    }

    /// <summary>The hash of a leaf: behind a zero byte, so that no node passes for one.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(leaf);
        return hash.GetHashAndReset();
    }

    /// <summary>The hash of an inner node: behind a one.</summary>
    public static byte[] NodeHash(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> node = stackalloc byte[1 + (2 * HashSize)];
        node[0] = 1;
        left.CopyTo(node[1..]);
        right.CopyTo(node[(1 + HashSize)..]);
        return SHA256.HashData(node);
    }

    /// <summary>The root of a complete subtree of these nodes, a power of two of them.</summary>
    public static byte[] RootOf(ReadOnlySpan<byte[]> nodes) =>
        nodes.Length == 1 ? nodes[0] : NodeHash(RootOf(nodes[..(nodes.Length / 2)]), RootOf(nodes[(nodes.Length / 2)..]));
}
