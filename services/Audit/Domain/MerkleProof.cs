using Personalization.Platform.Security;

namespace Personalization.Audit.Domain;

/// <summary>That an entry is in the log. With a checkpoint of that size it is checked without this service: <c>./dev verify-audit</c>.</summary>
/// <param name="Entry">The entry; its leaf index is its number less one.</param>
/// <param name="Size">Entries of the tree.</param>
/// <param name="RootHash">The tree's root, lower-case hex.</param>
/// <param name="Path">RFC 6962, 2.1.1: from the leaf up, lower-case hex.</param>
public sealed record InclusionProof(AuditEntry Entry, long Size, string RootHash, IReadOnlyList<string> Path)
{
    /// <summary>Whether it shows that: by itself, of the tree with its root.</summary>
    public bool IsRight() => Entry.ComputeHash() == Entry.Hash && MerkleProof.Hashes([Entry.Hash, RootHash, .. Path]) is [var leaf, var root, .. var path]
        && MerkleProof.IsIncluded(leaf, Entry.Number - 1, Size, path, root);
}

/// <summary>That the log of one size begins with the log of an earlier one, unchanged.</summary>
/// <param name="From">Entries of the earlier tree.</param>
/// <param name="FromRootHash">Its root, lower-case hex.</param>
/// <param name="To">Entries of the later tree.</param>
/// <param name="ToRootHash">Its root, lower-case hex.</param>
/// <param name="Path">RFC 6962, 2.1.2, lower-case hex.</param>
public sealed record ConsistencyProof(long From, string FromRootHash, long To, string ToRootHash, IReadOnlyList<string> Path)
{
    /// <summary>Whether it shows that: by itself, of the trees with its roots.</summary>
    public bool IsRight() => MerkleProof.Hashes([FromRootHash, ToRootHash, .. Path]) is [var first, var second, .. var path]
        && MerkleProof.IsConsistent(From, To, path, first, second);
}

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

    /// <summary>Hashes in hex as bytes; none at all if one of them isn't one.</summary>
    internal static byte[][] Hashes(IEnumerable<string> hex)
    {
        try
        {
            byte[][] hashes = [.. hex.Select(Convert.FromHexString)];
            return hashes.All(hash => hash.Length == MerkleFrontier.HashSize) ? hashes : [];
        }
        catch (FormatException)
        {
            return [];
        }
    }
}
