using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Personalization.Portal;

/// <summary>A file that pages are made of, as it is and compressed.</summary>
internal sealed record Asset(byte[] Plain, byte[] Brotli, string ContentType, string Version);

/// <summary>The pages' style and script: part of the program, so that nothing has to be beside it or come from elsewhere.</summary>
internal static class PageAssets
{
    private static readonly FrozenDictionary<string, Asset> Files = new Dictionary<string, Asset>
    {
        ["portal.css"] = Read("portal.css", "text/css; charset=utf-8"),
        ["portal.js"] = Read("portal.js", "text/javascript; charset=utf-8"),
    }.ToFrozenDictionary();

    /// <summary>Where a browser gets it: another content is another address, so what it has got it can keep.</summary>
    public static string PathOf(string file) => $"/assets/{Files[file].Version}/{file}";

    public static Asset? Find(string file) => Files.GetValueOrDefault(file);

    private static Asset Read(string file, string contentType)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(file)!;
        using var plain = new MemoryStream();
        stream.CopyTo(plain);
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.SmallestSize, leaveOpen: true)) brotli.Write(plain.ToArray());
        return new Asset(plain.ToArray(), compressed.ToArray(), contentType, Convert.ToHexStringLower(SHA256.HashData(plain.ToArray()))[..16]);
    }
}
