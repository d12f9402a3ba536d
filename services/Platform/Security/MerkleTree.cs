using System.Numerics;
using System.Security.Cryptography;

namespace Personalization.Platform.Security;

/// <summary>
/// The Merkle tree hash of RFC 6962, 2.1: one hash that commits to each of some entries and to their order. A leaf is hashed behind a zero
/// byte and an inner node behind a one, so that neither passes for the other.
/// </summary>
public static class MerkleTree
{
    /// <summary>The root over these entries, lower-case hex SHA-256; of no entries, the hash of nothing.</summary>
    public static string RootOf(IReadOnlyList<byte[]> entries) => Convert.ToHexStringLower(entries.Count == 0 ? SHA256.HashData([]) : HashOf([.. entries]));

    private static byte[] HashOf(ReadOnlySpan<byte[]> entries)
    {
        if (entries.Length == 1) return SHA256.HashData([0, .. entries[0]]);

        // The largest power of two that is smaller than their number.
        var left = 1 << BitOperations.Log2((uint)entries.Length - 1);
        return SHA256.HashData([1, .. HashOf(entries[..left]), .. HashOf(entries[left..])]);
    }
}
