using System.Buffers.Binary;
using System.Collections;
using System.Reflection;
using PdfSharp.Drawing;
using PdfSharp.Fonts;
using PdfSharp.Pdf;

namespace Personalization.Platform.Printing;

/// <summary>PT Sans (ParaType, SIL Open Font License, <c>Fonts/OFL.txt</c>) from this assembly: a container has no fonts of its own.</summary>
internal sealed class PrintFonts : IFontResolver
{
    private const string Family = "PT Sans";
    private const string Regular = "PTSans-Regular";
    private const string Bold = "PTSans-Bold";

    private static readonly BitArray Signs;

    static PrintFonts()
    {
        // The library takes one resolver per process, before the first font.
        GlobalFontSettings.FontResolver = new PrintFonts();
        Signs = SignsOf(Read(Regular));
    }

    private PrintFonts()
    {
    }

    /// <summary>Whether the font can show the sign; what it can't, the library measures as one thing and draws as another.</summary>
    public static bool Has(char sign) => Signs[sign];

    public static XFont Of(double size, bool isBold = false) => new(
        Family, size, isBold ? XFontStyleEx.Bold : XFontStyleEx.Regular, new XPdfFontOptions(PdfFontEncoding.Unicode, PdfFontEmbedding.TryComputeSubset));

    public FontResolverInfo ResolveTypeface(string familyName, bool isBold, bool isItalic) => new(isBold ? Bold : Regular);

    public byte[] GetFont(string faceName) => Read(faceName);

    private static byte[] Read(string faceName)
    {
        var name = $"{typeof(PrintFonts).Namespace}.Fonts.{faceName}.ttf";
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The font {faceName} is not in the assembly.");
        var font = new byte[stream.Length];
        stream.ReadExactly(font);
        return font;
    }

    /// <summary>The font's own list (OpenType, table cmap, format 4: segments of the basic plane).</summary>
    private static BitArray SignsOf(ReadOnlySpan<byte> font)
    {
        var signs = new BitArray(char.MaxValue + 1);
        var table = Table(font, "cmap"u8);
        for (var i = 0; i < UInt16(table, 2); i++)
        {
            var map = table[(int)BinaryPrimitives.ReadUInt32BigEndian(table[(8 + (8 * i))..])..];
            if (UInt16(map, 0) != 4) continue;
            var segments = UInt16(map, 6) / 2;
            for (var segment = 0; segment < segments; segment++)
            {
                var (end, start) = (UInt16(map, 14 + (2 * segment)), UInt16(map, 16 + (2 * (segments + segment))));
                // The last segment is the end mark.
                for (var sign = start; sign <= end && sign < char.MaxValue; sign++) signs[sign] = true;
            }
        }

        return signs;
    }

    private static ReadOnlySpan<byte> Table(ReadOnlySpan<byte> font, ReadOnlySpan<byte> tag)
    {
        for (var entry = 12; ; entry += 16)
        {
            if (font.Slice(entry, 4).SequenceEqual(tag)) return font[(int)BinaryPrimitives.ReadUInt32BigEndian(font[(entry + 8)..])..];
        }
    }

    private static int UInt16(ReadOnlySpan<byte> table, int at) => BinaryPrimitives.ReadUInt16BigEndian(table[at..]);
}
