namespace Personalization.Platform.Printing;

/// <summary>
/// A document that people print and sign, without any look: <see cref="PrintHtml"/> and <see cref="PrintPdf"/> make the same of it. Texts are
/// plain; a line feed in one begins a new paragraph.
/// </summary>
public sealed record PrintDocument
{
    /// <summary>BCP 47 language of the words: hyphenation, screen readers and quotes go by it.</summary>
    public required string Language { get; init; }

    /// <summary>What it is, in a few words.</summary>
    public required string Title { get; init; }

    /// <summary>Who it is from, above the title.</summary>
    public required string Origin { get; init; }

    /// <summary>The few sentences that say it all.</summary>
    public required string Lead { get; init; }

    /// <summary>The content, top to bottom.</summary>
    public required IReadOnlyList<PrintBlock> Blocks { get; init; }

    /// <summary>At the foot of every page: what a single sheet belongs to.</summary>
    public required string Footer { get; init; }

    /// <summary>The page's number and their count, <c>Page {0} of {1}</c> for example.</summary>
    public required string PageNumber { get; init; }

    /// <summary>When what it says was so, UTC: the file's own date, so that the same document is the same file.</summary>
    public required DateTimeOffset Date { get; init; }
}

/// <summary>A part of a document.</summary>
public abstract record PrintBlock;

/// <summary>A heading; it is never the last thing on a page.</summary>
/// <param name="Text">A few words.</param>
public sealed record PrintHeading(string Text) : PrintBlock;

/// <summary>A paragraph.</summary>
/// <param name="Text">Sentences.</param>
/// <param name="IsNote">Small and grey: how to read the document, not what it says.</param>
public sealed record PrintText(string Text, bool IsNote = false) : PrintBlock;

/// <summary>What something is, one row each.</summary>
/// <param name="Rows">Label and value.</param>
public sealed record PrintFields(IReadOnlyList<PrintField> Rows) : PrintBlock;

/// <summary>A label and its value.</summary>
/// <param name="Label">A few words.</param>
/// <param name="Value">The value.</param>
/// <param name="IsCode">Made for programs, a hash for example: it may be broken anywhere.</param>
public sealed record PrintField(string Label, string Value, bool IsCode = false);

/// <summary>Lines to be filled in by hand.</summary>
/// <param name="Rows">What is asked for.</param>
public sealed record PrintBlanks(IReadOnlyList<PrintBlank> Rows) : PrintBlock;

/// <summary>A blank.</summary>
/// <param name="Label">What goes there.</param>
/// <param name="Lines">How many lines it takes.</param>
public sealed record PrintBlank(string Label, int Lines = 1);

/// <summary>A table.</summary>
/// <param name="Columns">Their headings and shares of the width.</param>
/// <param name="Rows">As many cells as there are columns.</param>
public sealed record PrintTable(IReadOnlyList<PrintColumn> Columns, IReadOnlyList<IReadOnlyList<string>> Rows) : PrintBlock;

/// <summary>A column.</summary>
/// <param name="Heading">A few words.</param>
/// <param name="Share">Its part of the width; the shares add up to 1.</param>
public sealed record PrintColumn(string Heading, double Share);

/// <summary>Somebody's words, as they were.</summary>
/// <param name="Title">Its title.</param>
/// <param name="Text">Its text.</param>
/// <param name="Language">BCP 47, if it isn't the document's.</param>
public sealed record PrintQuote(string Title, string Text, string? Language = null) : PrintBlock;

/// <summary>Lines for signatures side by side.</summary>
/// <param name="Labels">What goes on each line.</param>
public sealed record PrintSignatures(IReadOnlyList<string> Labels) : PrintBlock;
