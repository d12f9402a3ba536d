using System.Globalization;
using System.IO.Compression;

namespace Personalization.Cli;

/// <summary>One rating of the data set.</summary>
internal readonly record struct Rating(int User, int Film, double Value, DateTimeOffset Time)
{
    /// <summary>The same in every run, whatever its time is shifted by: a repeated rating is recognized.</summary>
    public string EventId => $"rating-{User}-{Film}";
}

/// <summary>What a person of the demo decided.</summary>
internal enum Choice
{
    /// <summary>Granted every purpose with all its categories.</summary>
    Everything,

    /// <summary>Granted every purpose, but only for what was viewed, not for how it was liked.</summary>
    ViewingOnly,

    /// <summary>Refused every purpose.</summary>
    Nothing,
}

/// <summary>Somebody of the data set, who is a customer of the cinema here.</summary>
internal sealed record Person(int User, Choice Choice, IReadOnlyList<Rating> Ratings)
{
    public string CustomerId => $"u-{User.ToString("D6", CultureInfo.InvariantCulture)}";

    /// <summary>Decided a minute before the first rating, in the data set's own time.</summary>
    public DateTimeOffset DecidedAt => Ratings[0].Time - TimeSpan.FromMinutes(1);

    /// <summary>The people, each with their ratings in the order of time.</summary>
    public static IReadOnlyList<Person> Of(IEnumerable<Rating> ratings, int atMost) =>
    [
        .. ratings.GroupBy(rating => rating.User).OrderBy(group => group.Key).Take(atMost)
            .Select(group => new Person(group.Key, ChoiceOf(group.Key), [.. group.OrderBy(rating => rating.Time)])),
    ];

    /// <summary>Follows from the number alone, so that each run tells the same story: of ten people eight consent, one in part and one not at all.</summary>
    public static Choice ChoiceOf(int user) => (user % 10) switch
    {
        3 => Choice.Nothing,
        7 => Choice.ViewingOnly,
        _ => Choice.Everything,
    };
}

/// <summary>The data set is years old. One constant moves it so that the last rating is a minute ago, and what lies between two ratings stays.</summary>
internal static class TimeShift
{
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(1);

    public static TimeSpan UpTo(DateTimeOffset now, IEnumerable<Person> people)
    {
        var shift = now - Before - people.Max(person => person.Ratings[^1].Time);
        return TimeSpan.FromSeconds(Math.Floor(shift.TotalSeconds));
    }

    /// <summary>The constant of an earlier run, from when the server says that people decided; null if it knows none of them.</summary>
    /// <remarks>Some of them may have decided anew since, so the constant that most agree on counts.</remarks>
    public static TimeSpan? Recover(IEnumerable<(Person Person, DateTimeOffset? GrantedAt)> known) => known
        .Where(entry => entry.GrantedAt is not null)
        .GroupBy(entry => entry.GrantedAt!.Value - entry.Person.DecidedAt)
        .MaxBy(group => group.Count())?.Key;
}

/// <summary>Reads <c>movielens-small.csv.gz</c>.</summary>
internal static class MovieLens
{
    public static IReadOnlyList<Rating> Read(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        return Parse(reader);
    }

    /// <summary>Lines of film, title, year, genres, user, rating, time. Titles hold commas, so the numbers are taken from both ends.</summary>
    public static IReadOnlyList<Rating> Parse(TextReader lines)
    {
        var ratings = new List<Rating>();
        lines.ReadLine();
        while (lines.ReadLine() is { } line)
        {
            var time = line.LastIndexOf(',');
            var value = line.LastIndexOf(',', time - 1);
            var user = line.LastIndexOf(',', value - 1);
            ratings.Add(new Rating(
                int.Parse(line.AsSpan(user + 1, value - user - 1), CultureInfo.InvariantCulture),
                int.Parse(line.AsSpan(0, line.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture),
                double.Parse(line.AsSpan(value + 1, time - value - 1), CultureInfo.InvariantCulture),
                DateTimeOffset.FromUnixTimeSeconds(long.Parse(line.AsSpan(time + 1), CultureInfo.InvariantCulture))));
        }

        return ratings;
    }
}
