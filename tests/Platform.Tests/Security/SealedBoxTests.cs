using System.Security.Cryptography;
using System.Text;
using Personalization.Platform.Security;
using Xunit;

namespace Personalization.Platform.Tests.Security;

public sealed class SealedBoxTests
{
    private const string Context = "export\n1\nprofile";
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("Анна watches westerns.");
    private readonly SealedBoxKeys keys = SealedBox.NewKeys();

    [Fact]
    public void Who_has_the_key_opens_what_was_sealed_for_it() =>
        Assert.Equal(Content, SealedBox.Open(keys.PrivateKey, SealedBox.Seal(keys.PublicKey, Content, Context), Context));

    [Fact]
    public void The_same_content_never_looks_the_same_and_never_shows()
    {
        var (one, other) = (SealedBox.Seal(keys.PublicKey, Content, Context), SealedBox.Seal(keys.PublicKey, Content, Context));

        Assert.NotEqual(one, other);
        Assert.Equal(-1, one.AsSpan().IndexOf("westerns"u8));
    }

    [Fact]
    public void Another_key_doesnt_open_it() =>
        Assert.ThrowsAny<CryptographicException>(() => SealedBox.Open(SealedBox.NewKeys().PrivateKey, SealedBox.Seal(keys.PublicKey, Content, Context), Context));

    [Fact]
    public void As_something_else_it_doesnt_open() =>
        Assert.ThrowsAny<CryptographicException>(() => SealedBox.Open(keys.PrivateKey, SealedBox.Seal(keys.PublicKey, Content, Context), "export\n2\nprofile"));

    [Fact]
    public void Nothing_is_sealed_for_a_key_on_another_curve()
    {
        using var other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);

        Assert.ThrowsAny<CryptographicException>(() => SealedBox.Seal(other.ExportSubjectPublicKeyInfo(), Content, Context));
    }

    [Fact]
    public void Whatever_byte_is_changed_it_doesnt_open()
    {
        var sealedBox = SealedBox.Seal(keys.PublicKey, Content, Context);

        Assert.All(Enumerable.Range(0, sealedBox.Length), place =>
        {
            byte[] changed = [.. sealedBox];
            changed[place] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => SealedBox.Open(keys.PrivateKey, changed, Context));
        });
        Assert.All(Enumerable.Range(0, sealedBox.Length), length => Assert.ThrowsAny<CryptographicException>(() => SealedBox.Open(keys.PrivateKey, sealedBox.AsSpan(0, length), Context)));
    }
}
