using System.Globalization;
using System.Text.Json.Nodes;

namespace Personalization.Cli;

/// <summary>What a command prints so that a reader could make the same requests; colours only on a terminal.</summary>
internal sealed class Narrator(TextWriter output)
{
    private const string Bold = "1", Dim = "2", Red = "31", Green = "32", Yellow = "33", Blue = "36";
    private readonly bool hasColours = IsTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
    private int steps;

    /// <summary>Whether somebody watches, so that a line can be written over.</summary>
    public static bool IsTerminal => !Console.IsOutputRedirected;

    /// <summary>Columns to write in.</summary>
    private static int Width => IsTerminal && Console.WindowWidth > 40 ? Math.Min(Console.WindowWidth, 140) : 120;

    public void Line(string text = "") => output.WriteLine(text);

    public void Step(string title, string why)
    {
        output.WriteLine();
        output.WriteLine(Colour($"{++steps}. {title}", Bold));
        output.WriteLine($"   {why}");
    }

    public void Change(ApplyChange change)
    {
        var (sign, colour) = change.Kind switch
        {
            ChangeKind.Added => ("+", Green),
            ChangeKind.Changed => ("~", Yellow),
            ChangeKind.Removed => ("-", Red),
            _ => ("=", Dim),
        };
        output.WriteLine(Colour($"   {sign} {change.What} {change.Id}", colour));
        foreach (var difference in change.Differences)
        {
            output.WriteLine($"       {difference.Path}");
            if (difference.Was is not null) output.WriteLine(Colour($"       - {JsonText.Line(difference.Was, Width - 9)}", Red));
            if (difference.Is is not null) output.WriteLine(Colour($"       + {JsonText.Line(difference.Is, Width - 9)}", Green));
        }
    }

    /// <summary>Prints a request.</summary>
    /// <returns>The same request.</returns>
    public ApiRequest Show(ApiRequest request)
    {
        output.WriteLine(Colour($"   → {request.Method} {request.Path}", Blue) + Colour($"   Authorization: Bearer ***** ({request.Role})", Dim));
        if (request.IfMatch is { } tag) output.WriteLine($"     If-Match: {tag}");
        if (request.Body is not null) output.WriteLine($"     {JsonText.Abbreviate(request.Body, Width - 5, 5)}");
        foreach (var line in request.Lines?.Take(2) ?? []) output.WriteLine($"     {JsonText.Line(line, Width - 5)}");
        if (request.Lines?.Count > 2) output.WriteLine(Colour($"     … {Number(request.Lines.Count - 2)} more lines", Dim));
        return request;
    }

    /// <summary>Prints an answer.</summary>
    /// <param name="answer">What came back.</param>
    /// <param name="summary">Instead of the body.</param>
    /// <returns>The same answer.</returns>
    public ApiAnswer Show(ApiAnswer answer, string? summary = null)
    {
        output.WriteLine(Colour($"   ← {answer.Status}", answer.IsSuccess ? Green : Yellow) + (summary is { Length: > 0 } ? $"  {summary}" : ""));
        if (answer.ETag is { } tag && summary is null) output.WriteLine($"     ETag: {tag}");
        if (summary is null && answer.Body is not null) output.WriteLine($"     {JsonText.Abbreviate(answer.Body, Width - 5, 5)}");
        return answer;
    }

    /// <summary>Makes a request, and prints it and its answer.</summary>
    public async Task<ApiAnswer> ShowAsync(ApiRequest request, ApiClient api, CancellationToken cancellationToken) =>
        Show(await api.SendUntilTakenAsync(Show(request), Server.StartsWithin, cancellationToken));

    public void Kept(string promise) => output.WriteLine(Colour($"   ✓ {promise}", Green));

    public void Broken(string promise) => output.WriteLine(Colour($"   ✗ {promise}", Red));

    /// <summary>Where somebody watches, writes over the line that it wrote last.</summary>
    public void Progress(string text)
    {
        if (IsTerminal) output.Write($"\r\u001b[K   {(text.Length > Width - 4 ? text[..(Width - 4)] : text)}");
        else output.WriteLine($"     {text}");
    }

    /// <summary>Takes that line away.</summary>
    public void EndProgress()
    {
        if (IsTerminal) output.Write("\r\u001b[K");
    }

    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private string Colour(string text, string code) => hasColours ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
