using System.Security.Cryptography;
using System.Text;
using Personalization.Audit.Domain;
using Personalization.Platform.Security;

namespace Personalization.Audit.Tests;

public sealed class MerkleTests
{
    // The leaves and roots that implementations of RFC 6962 are tested with (Certificate Transparency's reference implementation).
    private static readonly string[] Leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] Roots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Trees_have_the_published_roots()
    {
        var tree = new MerkleFrontier();
        var roots = new List<string> { Hex(tree.Root) };
        foreach (var leaf in Leaves)
        {
            tree.Add(MerkleFrontier.LeafHash(Convert.FromHexString(leaf)));
            roots.Add(Hex(tree.Root));
        }

        Assert.Equal(Roots, roots);
    }

    [Fact]
    public void A_kept_edge_goes_on_as_if_it_had_never_been_put_away()
    {
        var (whole, kept) = (new MerkleFrontier(), new MerkleFrontier());
        for (var i = 0; i < 300; i++)
        {
            whole.Add(LeafHash(i));
            kept = new MerkleFrontier(kept.Size, kept.Roots);
            kept.Add(LeafHash(i));
            Assert.Equal(whole.Root, kept.Root);
        }
    }

    [Fact]
    public void A_right_inclusion_proof_is_taken_and_every_wrong_one_refused()
    {
        foreach (var size in (int[])[1, 2, 3, 7, 8, 9, 31, 33])
        {
            byte[][] leaves = [.. Enumerable.Range(0, size).Select(LeafHash)];
            var root = RootOf(leaves);
            for (var index = 0; index < size; index++)
            {
                var path = PathOf(index, leaves);
                Assert.True(MerkleProof.IsIncluded(leaves[index], index, size, path, root));
                foreach (var (wrong, what) in Wrongs(path)) Assert.False(MerkleProof.IsIncluded(leaves[index], index, size, wrong, root), $"{index} of {size}: {what}");
                Assert.False(MerkleProof.IsIncluded(LeafHash(size), index, size, path, root), $"{index} of {size}: another leaf");
                Assert.False(MerkleProof.IsIncluded(leaves[index], index, size, path, LeafHash(0)) && size > 1, $"{index} of {size}: another root");
                foreach (var other in Enumerable.Range(0, size).Where(other => other != index))
                    Assert.False(MerkleProof.IsIncluded(leaves[index], other, size, path, root), $"{index} of {size}: as if it were at {other}");
                Assert.False(MerkleProof.IsIncluded(leaves[index], size, size, path, root) || MerkleProof.IsIncluded(leaves[index], -1, size, path, root), $"{index} of {size}: outside");
            }
        }
    }

    [Fact]
    public void A_right_consistency_proof_is_taken_and_every_wrong_one_refused()
    {
        foreach (var size in (int[])[1, 2, 3, 7, 8, 9, 20])
        {
            byte[][] leaves = [.. Enumerable.Range(0, size).Select(LeafHash)];
            for (var earlier = 0; earlier <= size; earlier++)
            {
                var path = ConsistencyOf(earlier, leaves, isWhole: true);
                var (first, second) = (RootOf(leaves[..earlier]), RootOf(leaves));
                Assert.True(MerkleProof.IsConsistent(earlier, size, path, first, second), $"{earlier} of {size}");
                if (earlier == 0) continue;
                foreach (var (wrong, what) in Wrongs(path)) Assert.False(MerkleProof.IsConsistent(earlier, size, wrong, first, second), $"{earlier} of {size}: {what}");
                Assert.False(MerkleProof.IsConsistent(earlier, size, path, LeafHash(99), second), $"{earlier} of {size}: a fork before");
                Assert.False(MerkleProof.IsConsistent(earlier, size, path, first, LeafHash(99)), $"{earlier} of {size}: a fork after");
                Assert.False(MerkleProof.IsConsistent(size, earlier, path, second, first) && earlier != size, $"{earlier} of {size}: the wrong way round");
            }
        }
    }

    private static IEnumerable<(byte[][] Path, string What)> Wrongs(byte[][] path)
    {
        yield return ([.. path, LeafHash(7)], "one too many");
        for (var i = 0; i < path.Length; i++)
        {
            byte[][] flipped = [.. path.Select(hash => hash.ToArray())];
            flipped[i][13] ^= 4;
            yield return (flipped, "a flipped bit");
            yield return ([.. path[..i], .. path[(i + 1)..]], "one left out");
            if (i == 0) continue;
            byte[][] swapped = [.. path];
            (swapped[i], swapped[i - 1]) = (swapped[i - 1], swapped[i]);
            yield return (swapped, "two swapped");
        }
    }

    private static byte[] LeafHash(int leaf) => MerkleFrontier.LeafHash(Encoding.ASCII.GetBytes($"leaf {leaf}"));

    // The recursive definitions of RFC 6962, 2.1, word for word.
    private static byte[] RootOf(byte[][] leaves) => leaves.Length switch
    {
        0 => SHA256.HashData([]),
        1 => leaves[0],
        _ => MerkleFrontier.NodeHash(RootOf(leaves[..Split(leaves)]), RootOf(leaves[Split(leaves)..])),
    };

    private static byte[][] PathOf(int index, byte[][] leaves)
    {
        if (leaves.Length == 1) return [];
        var split = Split(leaves);
        return index < split
            ? [.. PathOf(index, leaves[..split]), RootOf(leaves[split..])]
            : [.. PathOf(index - split, leaves[split..]), RootOf(leaves[..split])];
    }

    private static byte[][] ConsistencyOf(int earlier, byte[][] leaves, bool isWhole)
    {
        if (earlier == 0) return [];
        if (earlier == leaves.Length) return isWhole ? [] : [RootOf(leaves)];
        var split = Split(leaves);
        return earlier <= split
            ? [.. ConsistencyOf(earlier, leaves[..split], isWhole), RootOf(leaves[split..])]
            : [.. ConsistencyOf(earlier - split, leaves[split..], isWhole: false), RootOf(leaves[..split])];
    }

    private static int Split(byte[][] leaves)
    {
        var split = 1;
        while (split * 2 < leaves.Length) split *= 2;
        return split;
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
