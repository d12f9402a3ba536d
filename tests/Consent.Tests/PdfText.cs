using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using PdfSharp.Pdf;
using PdfSharp.Pdf.Advanced;
using PdfSharp.Pdf.Content;
using PdfSharp.Pdf.Content.Objects;
using PdfSharp.Pdf.IO;

namespace Personalization.Testing;

/// <summary>What a reader that searches or reads aloud finds in a PDF: glyphs turned into text by each font's own ToUnicode table.</summary>
internal static partial class PdfText
{
    /// <summary>The text of each page, lines in the order they were drawn.</summary>
    public static IReadOnlyList<string> PagesOf(byte[] file)
    {
        using var document = PdfReader.Open(new MemoryStream(file), PdfDocumentOpenMode.Import);
        return [.. document.Pages.Cast<PdfPage>().Select(PageText)];
    }

    /// <summary>All of it, with single spaces for any white space: where a line breaks is of no account.</summary>
    public static string Of(byte[] file) => string.Join(' ', string.Join(' ', PagesOf(file)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string PageText(PdfPage page)
    {
        var fonts = page.Resources!.Elements.GetDictionary("/Font")!;
        var text = new StringBuilder();
        Dictionary<int, string> glyphs = [];
        foreach (var operation in ContentReader.ReadContent(page).OfType<COperator>())
        {
            if (operation.OpCode.OpCodeName == OpCodeName.Tf) glyphs = GlyphsOf(fonts.Elements.GetDictionary(((CName)operation.Operands[0]).Name)!);
            if (operation.OpCode.OpCodeName != OpCodeName.Tj) continue;
            var codes = ((CString)operation.Operands[0]).Value;
            for (var i = 0; i + 1 < codes.Length; i += 2) text.Append(glyphs.GetValueOrDefault((codes[i] << 8) | codes[i + 1], "\uFFFD"));
            text.AppendLine();
        }

        return text.ToString();
    }

    private static Dictionary<int, string> GlyphsOf(PdfDictionary font)
    {
        var table = Encoding.ASCII.GetString(((PdfDictionary)((PdfReference)font.Elements["/ToUnicode"]!).Value).Stream.UnfilteredValue);
        return Entry().Matches(table).ToDictionary(
            entry => Number(entry.Groups["glyph"].Value), entry => char.ConvertFromUtf32(Number(entry.Groups["text"].Value)));

        static int Number(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    // A range of one glyph and the character it stands for.
    [GeneratedRegex(@"^<(?<glyph>[0-9A-F]{4})><\k<glyph>><(?<text>[0-9A-F]{4})>\s*$", RegexOptions.Multiline)]
    private static partial Regex Entry();
}
