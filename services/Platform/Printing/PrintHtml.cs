using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Personalization.Platform.Printing;

/// <summary>A document as one HTML page that loads nothing and runs nothing: for the screen, and for the browser's own printing on A4.</summary>
public static class PrintHtml
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/html; charset=utf-8";

    private const string Style = """
        :root { --ink: #1a1f26; --muted: #5c6673; --accent: #0e5a66; --line: #d5dae0; }
        * { box-sizing: border-box; }
        html { background: #eef1f4; color: var(--ink); font: 16px/1.5 "PT Sans", "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; -webkit-text-size-adjust: 100%; }
        body { margin: 0; }
        main { max-width: 50rem; margin: 2.5rem auto; padding: 4rem 4.5rem 3rem; background: #fff; box-shadow: 0 1px 3px rgb(26 31 38 / .16); overflow-wrap: break-word; }
        .origin { margin: 0 0 .5rem; padding-top: 1.1rem; position: relative; color: var(--accent); font-size: .9rem; font-weight: 700; }
        .origin::before { content: ""; position: absolute; top: 0; left: 0; width: 2.5rem; height: .25rem; background: var(--accent); }
        h1 { margin: 0 0 .75rem; font-size: 2.25rem; line-height: 1.15; letter-spacing: -.01em; text-wrap: balance; }
        h2 { margin: 2.5rem 0 .6rem; font-size: 1.2rem; line-height: 1.3; break-after: avoid; }
        h3 { margin: 0 0 .35rem; font-size: 1rem; }
        p { margin: .5rem 0; }
        .lead { margin: 0; font-size: 1.1rem; line-height: 1.55; }
        .note { color: var(--muted); font-size: .85rem; }
        .rows { display: grid; grid-template-columns: 14rem 1fr; margin: 0; border-top: 1px solid var(--line); break-inside: avoid; }
        .rows > div { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; column-gap: 1.75rem; padding: .55rem 0; border-bottom: 1px solid var(--line); break-inside: avoid; }
        dt { color: var(--muted); font-size: .9rem; line-height: 1.67; }
        dd { margin: 0; }
        dd p, td p { margin: 0; }
        .code { font-size: .9rem; word-break: break-all; }
        .blanks { border: 0; }
        .blanks > div { border: 0; padding: 0; }
        .blanks dt { padding-top: .75rem; }
        .blanks i { display: block; height: 2.25rem; border-bottom: 1px solid var(--muted); }
        table { width: 100%; border-collapse: collapse; border-top: 1px solid var(--line); }
        th, td { padding: .55rem 1.5rem .55rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        th { color: var(--muted); font-size: .85rem; font-weight: 400; }
        tr { break-inside: avoid; }
        table + .rows { border-top: 0; }
        blockquote { margin: .75rem 0; padding-left: 1.25rem; border-left: 3px solid var(--accent); }
        .signatures { display: flex; gap: 1.75rem; margin: 4.5rem 0 1rem; break-inside: avoid; }
        .signatures div { flex: 1; padding-top: .35rem; border-top: 1px solid var(--muted); color: var(--muted); font-size: .85rem; }
        footer { margin-top: 2.5rem; padding-top: .75rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .8rem; }
        @media (max-width: 40rem) {
          main { margin: 0; padding: 1.75rem 1.25rem; box-shadow: none; }
          h1 { font-size: 1.75rem; }
          .rows { grid-template-columns: 1fr; }
          .signatures { flex-direction: column; gap: 3rem; }
        }
        @media print {
          html { background: none; font-size: 10pt; }
          main { max-width: none; margin: 0; padding: 0; box-shadow: none; }
          footer { display: none; }
          @page { size: A4; margin: 20mm 22mm 22mm; }
        }
        """;

    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>What an answer with the page says of it: nothing but its own style sheet may be used.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

    /// <summary>The page.</summary>
    public static string Of(PrintDocument document)
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $"""
            <!doctype html>
            <html lang="{E(document.Language)}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{E(document.Title)}</title>
            <style>{Style}</style>
            </head>
            <body>
            <main>
            <p class="origin">{E(document.Origin)}</p>
            <h1>{E(document.Title)}</h1>
            <p class="lead">{E(document.Lead)}</p>

            """);
        foreach (var block in document.Blocks) html.AppendLine(Of(block));
        html.Append(CultureInfo.InvariantCulture, $"""
            <footer>{E(document.Footer)}</footer>
            </main>
            </body>
            </html>

            """);
        return html.ToString();
    }

    private static string Of(PrintBlock block) => block switch
    {
        PrintHeading heading => $"<h2>{E(heading.Text)}</h2>",
        PrintText text => Paragraphs(text.Text, text.IsNote ? " class=\"note\"" : ""),
        PrintFields fields => $"<dl class=\"rows\">{Join(fields.Rows, row => $"<div><dt>{E(row.Label)}</dt><dd{(row.IsCode ? " class=\"code\"" : "")}>{Paragraphs(row.Value)}</dd></div>")}</dl>",
        PrintBlanks blanks => $"<dl class=\"rows blanks\">{Join(blanks.Rows, row => $"<div><dt>{E(row.Label)}</dt><dd>{string.Concat(Enumerable.Repeat("<i></i>", row.Lines))}</dd></div>")}</dl>",
        PrintTable table => $"<table><thead><tr>{Join(table.Columns, column => $"<th scope=\"col\">{E(column.Heading)}</th>")}</tr></thead>"
            + $"<tbody>{Join(table.Rows, row => $"<tr>{Join(row, cell => $"<td>{Paragraphs(cell)}</td>")}</tr>")}</tbody></table>",
        PrintQuote quote => $"<blockquote{(quote.Language is null ? "" : $" lang=\"{E(quote.Language)}\"")}><h3>{E(quote.Title)}</h3>{Paragraphs(quote.Text)}</blockquote>",
        PrintSignatures signatures => $"<div class=\"signatures\">{Join(signatures.Labels, label => $"<div>{E(label)}</div>")}</div>",
        _ => throw new NotSupportedException($"{block.GetType().Name} has no printed form."),
    };

    private static string Paragraphs(string text, string attributes = "") => Join(text.ReplaceLineEndings("\n").Split('\n'), line => $"<p{attributes}>{E(line)}</p>");

    private static string Join<T>(IEnumerable<T> items, Func<T, string> print) => string.Concat(items.Select(print));

    private static string E(string text) => Encoder.Encode(text);
}
