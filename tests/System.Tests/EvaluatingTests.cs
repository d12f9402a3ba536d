using System.Globalization;
using System.IO.Compression;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests;

/// <summary><c>./dev evaluate</c>.</summary>
public sealed class EvaluatingTests : IDisposable
{
    private readonly string files = Directory.CreateTempSubdirectory("personalization-files-").FullName;

    public void Dispose() => Directory.Delete(files, recursive: true);

    [Fact]
    public async Task A_file_with_times_is_split_by_time_and_with_one_left_out_and_what_can_be_learnt_shows()
    {
        // Who likes films one after the other likes the next one next: no popularity tells, every model of items does.
        var lines = Enumerable.Range(0, 120)
            .SelectMany(user => Enumerable.Range(0, 20).Select(i => (User: user, Film: (user + i) % 40, Time: 1_700_000_000 + i)))
            .OrderBy(line => line.Film)
            .Select(line => string.Create(CultureInfo.InvariantCulture, $"\"A film, or \"\"two\"\"\",f{line.Film},u{line.User},4.5,{line.Time}"));
        var file = Write("ratings.csv.gz", ["title,movieId,userId,rating,timestamp", .. lines, "Disliked,f0,u39,1,1700000000"]);

        var run = await RunAsync("evaluate", file);

        Assert.True(run.ExitCode == 0, run.LastLines);
        Assert.Contains("time split: the newest fifth of each user's likings: 120 users and 40 items in 1,920 training likings; 480 held out, of 120 users", run.Output, StringComparison.Ordinal);
        Assert.Contains("leave one out: the newest of each user's likings: 120 users and 40 items in 2,280 training likings; 120 held out, of 120 users", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, Rows(run, "served: EASE^R, 20 persons").Length);
        Assert.All(Rows(run, "iALS").Concat(Rows(run, "item-kNN")), row => Assert.InRange(row[0], 0.3, 1));

        // Which side of what somebody likes comes next, only its order tells.
        Assert.All(Rows(run, "served: EASE^R, 20 persons"), row => Assert.InRange(row[0], 0.99, 1));
        Assert.Equal((4, 4), (Rows(run, "iALS").Length, Rows(run, "item-kNN").Length));
        Assert.All(Rows(run, "popularity"), row => Assert.InRange(row[0], 0, 0.55));
    }

    [Fact]
    public async Task Two_files_of_lines_are_what_is_learnt_from_and_what_is_looked_for()
    {
        // Everybody likes ten films in a row; the two after them are looked for. One user and one film only the test knows.
        var learnt = Enumerable.Range(0, 80).Select(user => $"{user} {string.Join(' ', Enumerable.Range(user, 10).Select(film => film % 40))}");
        var sought = Enumerable.Range(0, 80).Select(user => $"{user} {(user + 10) % 40} {(user + 11) % 40}");
        var (training, test) = (Write("train.txt", [.. learnt]), Write("test.txt", [.. sought, "9999 1 2"]));

        var run = await RunAsync("evaluate", "--train", training, "--test", test);

        Assert.True(run.ExitCode == 0, run.LastLines);
        Assert.Contains("split as given: 80 users and 40 items in 800 training likings; 160 held out, of 80 users", run.Output, StringComparison.Ordinal);

        // The two before the first and the two after the last fit alike: half of them are sought, and all four are among the first ten.
        var row = Assert.Single(Rows(run, "served: EASE^R, 20 persons"));
        Assert.Equal((1, 1), (row[2], row[3]));

        // Lines have no order, so nothing is gained by one.
        Assert.Contains(", decay 0 |", run.Output, StringComparison.Ordinal);
        Assert.Equal((1, 1), (Rows(run, "iALS").Length, Rows(run, "item-kNN").Length));
    }

    [Theory]
    [InlineData("line 1 is a header that names no column user", "who,item", "a,b")]
    [InlineData("line 3 has 1 fields; the header has 2", "user,item", "a,b", "c")]
    [InlineData("line 2 has a rating that is no number", "user;item;rating", "a;b;good")]
    [InlineData("line 2 has a time that is neither", "user\titem\ttime", "a\tb\tyesterday")]
    [InlineData("line 3 names no user or no item", "user,item", "a,b", ",c")]
    [InlineData("line 2 has a quotation mark that is never closed", "user,item", "\"a,b")]
    [InlineData("line 2 holds a user and no item", "a b c", "d")]
    [InlineData("holds nothing that somebody liked", "user,item,rating", "a,b,1")]
    [InlineData("Nobody has both likings to learn from and likings to look for", "user,item", "a,b")]
    public async Task What_can_not_be_read_is_refused_with_the_line(string said, params string[] lines)
    {
        var run = await RunAsync("evaluate", Write("bad", lines));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(said, run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_asked_for_in_another_form_is_refused_with_the_form()
    {
        var run = await RunAsync("evaluate", "--train", "one.txt");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("both --train FILE and --test FILE", run.Errors, StringComparison.Ordinal);
    }

    /// <summary>The figures of the rows of a model, in the order of the columns.</summary>
    private static double[][] Rows(CommandResult run, string model) =>
    [
        .. run.Output.Split('\n').Where(line => line.StartsWith($"| {model}", StringComparison.Ordinal))
            .Select(line => line.Split('|')[2..^1].Select(cell => double.Parse(cell, CultureInfo.InvariantCulture)).ToArray()),
    ];

    private string Write(string name, string[] lines)
    {
        var file = Path.Combine(files, name);
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.Create(file), CompressionLevel.Fastest) : File.Create(file);
        using var writer = new StreamWriter(stream);
        foreach (var line in lines) writer.WriteLine(line);
        return file;
    }

    private Task<CommandResult> RunAsync(params string[] arguments) => CommandLine.RunAsync(
        TimeSpan.FromMinutes(5), files, new Dictionary<string, string?> { ["PERSONALIZATION_HOME"] = files, ["Keys__Directory"] = null },
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "personalization.dll"), .. arguments]);
}
