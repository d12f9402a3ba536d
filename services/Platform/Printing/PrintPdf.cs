using System.Globalization;
using System.Text;
using PdfSharp.Drawing;
using PdfSharp.Pdf;

namespace Personalization.Platform.Printing;

/// <summary>
/// A document as PDF, A4. Fonts are embedded and every text can be extracted; the same document gives the same pages. A sign that PT Sans
/// lacks (emoji, Asian scripts) prints as a lozenge.
/// </summary>
public static class PrintPdf
{
    /// <summary>The media type.</summary>
    public const string ContentType = "application/pdf";

    // The library promises nothing about documents made at the same time, and its caches are the process's; one takes milliseconds.
    private static readonly Lock Gate = new();

    /// <summary>The file.</summary>
    public static byte[] Of(PrintDocument document)
    {
        lock (Gate)
        {
            using var sheets = new Sheets(document);
            return sheets.Print();
        }
    }

    /// <summary>Lays the blocks out from top to bottom; lengths are points (1/72 inch).</summary>
    private sealed class Sheets : IDisposable
    {
        private const double Left = 64;
        private const double Top = 62;
        private const double Width = 595 - (2 * Left);
        private const double Bottom = 842 - 78;
        private const double LabelWidth = 148;
        private const double Gutter = 18;
        private const double RowPadding = 5.5;

        private static readonly XColor Ink = XColor.FromArgb(0x1A, 0x1F, 0x26);
        private static readonly XColor Muted = XColor.FromArgb(0x5C, 0x66, 0x73);
        private static readonly XColor Accent = XColor.FromArgb(0x0E, 0x5A, 0x66);
        private static readonly XColor Hairline = XColor.FromArgb(0xD5, 0xDA, 0xE0);

        private static readonly Style Origin = new(PrintFonts.Of(9.5, isBold: true), Accent, 14);
        private static readonly Style Title = new(PrintFonts.Of(25, isBold: true), Ink, 30);
        private static readonly Style Lead = new(PrintFonts.Of(11.5), Ink, 17.5);
        private static readonly Style Heading = new(PrintFonts.Of(13, isBold: true), Ink, 17);
        private static readonly Style Body = new(PrintFonts.Of(10), Ink, 14.5);
        private static readonly Style Strong = new(PrintFonts.Of(10, isBold: true), Ink, 14.5);
        private static readonly Style Label = new(PrintFonts.Of(9), Muted, 14.5);
        private static readonly Style Note = new(PrintFonts.Of(8.5), Muted, 12.5);
        private static readonly Style Code = new(PrintFonts.Of(8.5), Ink, 14.5);
        private static readonly Style Foot = new(PrintFonts.Of(8), Muted, 10);

        private readonly PrintDocument document;
        private readonly PdfDocument pdf = new();
        private XGraphics page;
        private double y;

        public Sheets(PrintDocument document)
        {
            this.document = document;
            pdf.Info.Title = document.Title;
            pdf.Info.Author = document.Origin;
            pdf.Info.CreationDate = document.Date.UtcDateTime;
            pdf.Info.ModificationDate = document.Date.UtcDateTime;
            pdf.Language = document.Language;
            pdf.ViewerPreferences.DisplayDocTitle = true;
            page = NewPage();
        }

        public byte[] Print()
        {
            page.DrawRectangle(new XSolidBrush(Accent), Left, y, 36, 3);
            y += 17;
            Lines(document.Origin, Origin, Left, Width);
            y += 6;
            Lines(document.Title, Title, Left, BalancedWidth(document.Title, Title));
            y += 8;
            Lines(document.Lead, Lead, Left, Width);
            for (var i = 0; i < document.Blocks.Count; i++) Draw(document.Blocks[i], document.Blocks.ElementAtOrDefault(i + 1));
            page.Dispose();
            DrawFooters();
            using var file = new MemoryStream();
            pdf.Save(file, closeStream: false);
            return file.ToArray();
        }

        public void Dispose() => pdf.Dispose();

        private void Draw(PrintBlock block, PrintBlock? next)
        {
            switch (block)
            {
                case PrintHeading heading:
                    y += 22;
                    // Never apart from what it heads, and a short list isn't torn.
                    Room(Heading.LineHeight + 5 + (next is PrintFields list && HeightOf(list) is < 240 and var height ? height : 60));
                    Lines(heading.Text, Heading, Left, Width);
                    y += 5;
                    break;
                case PrintText text:
                    y += text.IsNote ? 7 : 4;
                    Lines(text.Text, text.IsNote ? Note : Body, Left, Width);
                    y += text.IsNote ? 3 : 4;
                    break;
                case PrintFields fields:
                    Rule();
                    foreach (var row in fields.Rows) Row(CellsOf(row));
                    break;
                case PrintBlanks blanks:
                    foreach (var row in blanks.Rows) Blank(row);
                    break;
                case PrintTable table:
                    Table(table);
                    break;
                case PrintQuote quote:
                    Quote(quote);
                    break;
                case PrintSignatures signatures:
                    Signatures(signatures);
                    break;
                default:
                    throw new NotSupportedException($"{block.GetType().Name} has no printed form.");
            }
        }

        private void Table(PrintTable table)
        {
            var x = Left;
            var columns = new List<(double X, double Width)>();
            foreach (var column in table.Columns)
            {
                columns.Add((x, (column.Share * Width) - Gutter));
                x += column.Share * Width;
            }

            Header();
            foreach (var row in table.Rows)
            {
                Cell[] cells = [.. row.Select((text, i) => new Cell(Wrap(text, Body, columns[i].Width), Body, columns[i].X))];
                if (Room(HeightOf(cells))) Header();
                Row(cells);
            }

            void Header()
            {
                Cell[] cells = [.. table.Columns.Select((column, i) => new Cell(Wrap(column.Heading, Note, columns[i].Width), Note, columns[i].X))];
                Room(HeightOf(cells) + 40);
                Row(cells);
            }
        }

        private void Row(params Cell[] cells)
        {
            Room(Math.Min(HeightOf(cells), Bottom - Top));
            y += RowPadding;
            var top = y;
            var height = cells.Max(cell => cell.Style.LineHeight);
            var lines = cells.Max(cell => cell.Lines.Count);
            if (y + (lines * height) <= Bottom)
            {
                // One cell after the other: the order in which a text is drawn is the order in which it is read aloud.
                foreach (var cell in cells)
                {
                    y = top;
                    foreach (var line in cell.Lines)
                    {
                        DrawLine(line, cell.Style, cell.X);
                        y += height;
                    }
                }

                y = top + (lines * height);
            }
            else
            {
                for (var line = 0; line < lines; line++)
                {
                    Room(height);
                    foreach (var cell in cells.Where(cell => line < cell.Lines.Count)) DrawLine(cell.Lines[line], cell.Style, cell.X);
                    y += height;
                }
            }

            y += RowPadding;
            Rule();
        }

        private void Blank(PrintBlank row)
        {
            const double Pitch = 25;
            var label = Wrap(row.Label, Label, LabelWidth);
            Room(Math.Max(row.Lines * Pitch, label.Count * Label.LineHeight) + 4);
            for (var line = 0; line < label.Count; line++)
            {
                y += line * Label.LineHeight;
                DrawLine(label[line], Label, Left, Pitch - Label.LineHeight + 1);
                y -= line * Label.LineHeight;
            }

            for (var line = 1; line <= row.Lines; line++)
                page.DrawLine(new XPen(Muted, 0.5), Left + LabelWidth + Gutter, y + (line * Pitch), Left + Width, y + (line * Pitch));
            y += Math.Max(row.Lines * Pitch, (label.Count * Label.LineHeight) + Pitch - Label.LineHeight) + 2;
        }

        private void Quote(PrintQuote quote)
        {
            const double Indent = 16;
            y += 6;
            Part(quote.Title, Strong);
            Bar(4);
            Part(quote.Text, Body);
            y += 6;

            void Part(string text, Style style)
            {
                var lines = Wrap(text, style, Width - Indent);
                Room(Math.Min(lines.Count, 3) * style.LineHeight);
                foreach (var line in lines)
                {
                    Room(style.LineHeight);
                    DrawLine(line, style, Left + Indent);
                    Bar(style.LineHeight);
                }
            }

            void Bar(double height)
            {
                page.DrawRectangle(new XSolidBrush(Accent), Left, y, 2, height);
                y += height;
            }
        }

        private void Signatures(PrintSignatures signatures)
        {
            const double Space = 46;
            Room(Space + 20);
            y += Space;
            var width = (Width - (Gutter * (signatures.Labels.Count - 1))) / signatures.Labels.Count;
            for (var i = 0; i < signatures.Labels.Count; i++)
            {
                var x = Left + (i * (width + Gutter));
                page.DrawLine(new XPen(Muted, 0.5), x, y, x + width, y);
                DrawLine(signatures.Labels[i], Note, x, 3);
            }

            y += 20;
        }

        private void Lines(string text, Style style, double x, double width)
        {
            var lines = Wrap(text, style, width);
            for (var i = 0; i < lines.Count; i++)
            {
                // Two lines at least stay together at either end of a page.
                Room(style.LineHeight * (i == 0 || i == lines.Count - 2 ? Math.Min(2, lines.Count - i) : 1));
                DrawLine(lines[i], style, x);
                y += style.LineHeight;
            }
        }

        private void DrawLine(string text, Style style, double x, double below = 0)
        {
            if (text.Length > 0)
                page.DrawString(text, style.Font, new XSolidBrush(style.Color), x, y + below + (style.LineHeight / 2) + (style.Font.Size * 0.34), XStringFormats.BaseLineLeft);
        }

        private void Rule() => page.DrawLine(new XPen(Hairline, 0.6), Left, y, Left + Width, y);

        /// <summary>Goes to a new page unless so much fits on this one.</summary>
        /// <returns>Whether it did.</returns>
        private bool Room(double height)
        {
            if (y + height <= Bottom || y <= Top) return false;
            page.Dispose();
            page = NewPage();
            return true;
        }

        private XGraphics NewPage()
        {
            y = Top;
            var added = pdf.AddPage();
            (added.Width, added.Height) = (XUnit.FromPoint(595), XUnit.FromPoint(842));
            return XGraphics.FromPdfPage(added);
        }

        private void DrawFooters()
        {
            for (var number = 1; number <= pdf.PageCount; number++)
            {
                using (page = XGraphics.FromPdfPage(pdf.Pages[number - 1]))
                {
                    y = Bottom + 24;
                    Rule();
                    y += 8;
                    var at = string.Format(CultureInfo.InvariantCulture, document.PageNumber, number, pdf.PageCount);
                    DrawLine(document.Footer, Foot, Left);
                    DrawLine(at, Foot, Left + Width - page.MeasureString(at, Foot.Font).Width);
                }
            }
        }

        /// <summary>The least width that takes no more lines: none of them is left with a single word.</summary>
        private double BalancedWidth(string text, Style style)
        {
            var lines = Wrap(text, style, Width).Count;
            var width = Width;
            while (width > Width / 2 && Wrap(text, style, width - 6).Count == lines) width -= 6;
            return width;
        }

        private List<string> Wrap(string text, Style style, double width)
        {
            var lines = new List<string>();
            foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
            {
                var line = "";
                foreach (var word in Printable(paragraph).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                {
                    var rest = word;
                    if (!Fits(line.Length == 0 ? rest : $"{line} {rest}"))
                    {
                        if (line.Length > 0) lines.Add(line);
                        line = "";
                        // A word longer than the line, a hash for example, is broken where it has to be.
                        while (!Fits(rest))
                        {
                            var length = Enumerable.Range(1, rest.Length - 1).Last(count => count == 1 || Fits(rest[..count]));
                            lines.Add(rest[..length]);
                            rest = rest[length..];
                        }
                    }

                    line = line.Length == 0 ? rest : $"{line} {rest}";
                }

                lines.Add(line);
            }

            return lines;

            bool Fits(string part) => part.Length <= 1 || page.MeasureString(part, style.Font).Width <= width;
        }

        /// <summary>What takes no room goes, what the font lacks is one lozenge each.</summary>
        private static string Printable(string text)
        {
            var printable = new StringBuilder(text.Length);
            foreach (var rune in text.EnumerateRunes())
            {
                if (rune.Value == '\t') printable.Append(' ');
                else if (rune.IsBmp && PrintFonts.Has((char)rune.Value)) printable.Append(rune);
                else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark)) printable.Append('◊');
            }

            return printable.ToString();
        }

        private Cell[] CellsOf(PrintField row) =>
        [
            new Cell(Wrap(row.Label, Label, LabelWidth), Label, Left),
            new Cell(Wrap(row.Value, row.IsCode ? Code : Body, Width - LabelWidth - Gutter), row.IsCode ? Code : Body, Left + LabelWidth + Gutter),
        ];

        private double HeightOf(PrintFields fields) => fields.Rows.Sum(row => HeightOf(CellsOf(row)));

        private static double HeightOf(Cell[] cells) => cells.Max(cell => cell.Lines.Count * cell.Style.LineHeight) + (2 * RowPadding);

        private sealed record Style(XFont Font, XColor Color, double LineHeight);

        private sealed record Cell(List<string> Lines, Style Style, double X);
    }
}
