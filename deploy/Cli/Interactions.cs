using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Personalization.Cli;

/// <summary>Somebody liked something; when, if the file says so.</summary>
internal readonly record struct Interaction(string User, string Item, DateTimeOffset? Time);

/// <summary>Reads who liked what, from a CSV with a header or from lines of a user and items, gzipped or not.</summary>
internal static class Interactions
{
    private const string Separators = ",;\t";
    private static readonly string[] UserNames = ["user", "userid", "customer", "customerid"];
    private static readonly string[] ItemNames = ["item", "itemid", "movieid", "productid"];
    private static readonly string[] TimeNames = ["time", "timestamp", "date"];
    private static readonly string[] RatingNames = ["rating", "value"];

    /// <param name="file">The file.</param>
    /// <param name="positiveFrom">A rating counts as liking from this one on.</param>
    /// <returns>
    /// The likings, each once, in the order of time. A file without times has none, whatever its lines are sorted by: it is shuffled, each time alike.
    /// </returns>
    /// <exception cref="CommandException">The file isn't there, or a line isn't of its form: the message names the line.</exception>
    public static IReadOnlyList<Interaction> Read(string file, double positiveFrom)
    {
        try
        {
            using var stream = Open(file);
            using var reader = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var read = Parse(reader, file, positiveFrom).ToList();
            if (read.Count == 0) throw new CommandException($"{file} holds nothing that somebody liked.");
            Interaction[] likings = [.. read.GroupBy(one => (one.User, one.Item)).Select(same => same.MaxBy(one => one.Time))];
            if (likings[0].Time is null) new Random(1).Shuffle(likings);
            return [.. likings.OrderBy(one => one.Time)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or DecoderFallbackException)
        {
            throw new CommandException($"{file} can't be read: {e.Message}");
        }
    }

    private static Stream Open(string file)
    {
        var stream = File.OpenRead(file);
        var isGzip = stream.ReadByte() == 0x1f && stream.ReadByte() == 0x8b;
        stream.Position = 0;
        return isGzip ? new GZipStream(stream, CompressionMode.Decompress) : stream;
    }

    private static IEnumerable<Interaction> Parse(StreamReader reader, string file, double positiveFrom)
    {
        if (reader.ReadLine() is not { } first) return [];
        return first.AsSpan().ContainsAny(Separators)
            ? ParseTable(reader, first, file, positiveFrom)
            : ParseRows(reader, first, file);
    }

    private static IEnumerable<Interaction> ParseRows(StreamReader reader, string first, string file)
    {
        var number = 0;
        for (string? line = first; line is not null; line = reader.ReadLine())
        {
            number++;
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            if (words.Length == 1) throw Bad(file, number, "holds a user and no item; a line is: user item item ...");
            foreach (var item in words.Skip(1)) yield return new Interaction(words[0], item, null);
        }
    }

    private static IEnumerable<Interaction> ParseTable(StreamReader reader, string header, string file, double positiveFrom)
    {
        var separator = Separators.MaxBy(candidate => header.Count(c => c == candidate));
        string[] columns = [.. Fields(header, separator, file, 1).Select(name => name.Trim().Replace("_", "", StringComparison.Ordinal).ToLowerInvariant())];
        int ColumnOf(string[] names) => Array.FindIndex(columns, names.Contains);
        var (user, item, time, rating) = (ColumnOf(UserNames), ColumnOf(ItemNames), ColumnOf(TimeNames), ColumnOf(RatingNames));
        if (user < 0 || item < 0) throw Bad(file, 1, $"is a header that names no column {(user < 0 ? "user" : "item")}");
        var number = 1;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.Length == 0) continue;
            var fields = Fields(line, separator, file, number);
            if (fields.Count != columns.Length) throw Bad(file, number, $"has {fields.Count} fields; the header has {columns.Length}");
            if (fields[user].Length == 0 || fields[item].Length == 0) throw Bad(file, number, "names no user or no item");
            var at = time < 0 ? (DateTimeOffset?)null : TimeOf(fields[time]) ?? throw Bad(file, number, "has a time that is neither seconds since 1970 nor ISO 8601");
            var value = double.PositiveInfinity;
            if (rating >= 0 && fields[rating].Length > 0 && !double.TryParse(fields[rating], NumberStyles.Float, CultureInfo.InvariantCulture, out value))
                throw Bad(file, number, "has a rating that is no number");
            if (value >= positiveFrom) yield return new Interaction(fields[user], fields[item], at);
        }
    }

    private static DateTimeOffset? TimeOf(string text)
    {
        // Up to the year 9999.
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 62_000_000_000)
            return DateTimeOffset.FromUnixTimeSeconds(seconds);
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    /// <summary>Fields in double quotes may hold the separator, and a quote as two.</summary>
    private static List<string> Fields(string line, char separator, string file, int number)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[i++]);
            else if (line[i] == '"') isQuoted = !isQuoted;
            else if (line[i] == separator && !isQuoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else field.Append(line[i]);
        }

        if (isQuoted) throw Bad(file, number, "has a quotation mark that is never closed");
        fields.Add(field.ToString());
        return fields;
    }

    private static CommandException Bad(string file, int line, string what) => new($"{file}: line {line} {what}.");
}
