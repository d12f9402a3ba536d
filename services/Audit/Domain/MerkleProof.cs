using Personalization.Platform.Security;

namespace Personalization.Audit.Domain;

/// <summary>Checks the proofs of RFC 6962 by the algorithms of RFC 9162 (2.1.3.2, 2.1.4.2). A proof that is too long, too short or of another place is none.</summary>
public static class MerkleProof
{
    /// <summary>Whether the path shows that the tree of that root and size has this leaf at that index.</summary>
    /// <param name="leafHash">The leaf's hash.</param>
    /// <param name="index">From 0.</param>
    /// <param name="size">Leaves of the tree.</param>
    /// <param name="path">From the leaf up.</param>
    /// <param name="root">The tree's.</param>
    public static bool IsIncluded(byte[] leafHash, long index, long size, IReadOnlyList<byte[]> path, byte[] root)
    {
        if (index < 0 || index >= size) return false;
        var (node, last) = (index, size - 1);
        var hash = leafHash;
        foreach (var other in path)
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                hash = MerkleFrontier.NodeHash(other, hash);
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                hash = MerkleFrontier.NodeHash(hash, other);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash.AsSpan().SequenceEqual(root);
    }

    /// <summary>Whether the path shows that the first tree's leaves are the beginning of the second's, unchanged.</summary>
    /// <param name="first">Leaves of the first tree.</param>
    /// <param name="second">Leaves of the second, at least as many.</param>
    /// <param name="path">As RFC 6962 orders it.</param>
    /// <param name="firstRoot">The first tree's root.</param>
    /// <param name="secondRoot">The second tree's.</param>
    public static bool IsConsistent(long first, long second, IReadOnlyList<byte[]> path, byte[] firstRoot, byte[] secondRoot)
    {
        if (first < 0 || first > second) return false;
        if (first == second) return path.Count == 0 && firstRoot.AsSpan().SequenceEqual(secondRoot);

        // Everything begins with nothing.
        if (first == 0) return path.Count == 0;
        byte[][] nodes = [.. long.IsPow2(first) ? [firstRoot] : Array.Empty<byte[]>(), .. path];
        if (nodes.Length == 0) return false;
        var (node, last) = (first - 1, second - 1);
        while ((node & 1) == 1) (node, last) = (node >> 1, last >> 1);
        var (one, two) = (nodes[0], nodes[0]);
        foreach (var other in nodes.Skip(1))
        {
            if (last == 0) return false;
            if ((node & 1) == 1 || node == last)
            {
                (one, two) = (MerkleFrontier.NodeHash(other, one), MerkleFrontier.NodeHash(other, two));
                while ((node & 1) == 0 && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                two = MerkleFrontier.NodeHash(two, other);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && one.AsSpan().SequenceEqual(firstRoot) && two.AsSpan().SequenceEqual(secondRoot);
    }
}
