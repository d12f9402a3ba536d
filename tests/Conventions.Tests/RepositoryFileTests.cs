using System.Text.RegularExpressions;
using Xunit;

namespace Personalization.Conventions.Tests;

public sealed partial class RepositoryFileTests
{
    // How a test's made-up password ends, so that nobody has to wonder.
    private const string MadeUp = "-4711";

    // What a working copy holds is read by everyone who has it, for ever.
    private static readonly (string What, Regex Pattern)[] Forbidden =
    [
        ("a private key", PrivateKey()),
        ("a token", Token()),
        ("a password in an address", PasswordInAddress()),
        ("a password", Password()),
        ("somebody's home directory", HomeDirectory()),
    ];

    private static readonly string[] Texts = [.. Repository.Files.Where(IsText)];

    [Fact]
    public void No_file_holds_a_secret_or_a_path_of_somebodys_machine() => Rule.Holds(Texts, file => Findings(file, Repository.Read(file)));

    // Written in parts, or this file would be the one found.
    [Theory]
    [InlineData("a private key", "-----BEGIN EC PRIVATE", " KEY-----")]
    [InlineData("a token", "eyJhbGciOiJFUzI1NiJ9", ".eyJyb2xlIjoib3BlcmF0b3IifQ.c2lnbmF0dXJl")]
    [InlineData("a token", "AKIA", "IOSFODNN7EXAMPLE")]
    [InlineData("a password in an address", "amqp://consent:", "s3cret-password@rabbitmq:5672/")]
    [InlineData("a password in an address", "mongodb://root:", "hunter22@mongo")]
    [InlineData("a password", "Password = ", "\"correct horse\"")]
    [InlineData("a password", "RABBITMQ_DEFAULT_PASS: ", "battery-staple")]
    [InlineData("somebody's home directory", "/home/", "anna/src/personalization")]
    [InlineData("somebody's home directory", "C:\\Users\\", "anna\\src")]
    public void A_secret_or_a_personal_path_would_be_noticed(string what, string begin, string end) =>
        Assert.Equal([$"x.cs:2: {what}"], Findings("x.cs", $"first\n{begin}{end}\n"));

    [Theory]
    [InlineData("amqp://guest:guest@127.0.0.1:5672/")]
    [InlineData("mongodb://{database}:{password}@mongo:27017/")]
    [InlineData("MONGO_PASSWORD: ${MONGO_PASSWORD}")]
    [InlineData("mongodb://user:secret-4711@localhost")]
    [InlineData("var password = Provisioning.EnsureSecret(path, NewPassword);")]
    public void What_only_says_where_a_secret_goes_is_no_finding(string line) => Assert.Empty(Findings("x", line));

    [Fact]
    public void Every_sample_has_its_origin_and_terms() => Rule.Holds(
        [.. Repository.Files.Where(file => file.StartsWith("deploy/samples/", StringComparison.Ordinal) && file != "deploy/samples/README.md")],
        file => Unexplained(Path.GetFileName(file), Repository.Read("deploy/samples/README.md")));

    [Fact]
    public void A_sample_of_unknown_origin_would_be_noticed()
    {
        const string Readme = "| `films.csv` | films |\n## Origin\nSomewhere.\n## Terms\n\n";

        Assert.Equal(["films.csv: deploy/samples/README.md says nothing under Terms"], Unexplained("films.csv", Readme));
        Assert.Equal(["people.csv: not in the table of deploy/samples/README.md"], Unexplained("people.csv", Readme + "None.\n"));
    }

    private static IEnumerable<string> Findings(string file, string text) =>
        from line in text.Split('\n').Index()
        from rule in Forbidden
        where rule.Pattern.IsMatch(line.Item) && !line.Item.Contains(MadeUp, StringComparison.Ordinal)
        select $"{file}:{line.Index + 1}: {rule.What}";

    private static IEnumerable<string> Unexplained(string file, string readme)
    {
        if (!readme.Contains($"| `{file}` |", StringComparison.Ordinal)) yield return $"{file}: not in the table of deploy/samples/README.md";
        foreach (var heading in (string[])["Origin", "Terms"])
        {
            var section = readme.Split($"## {heading}\n").ElementAtOrDefault(1)?.Split("\n## ")[0];
            if (string.IsNullOrWhiteSpace(section)) yield return $"{file}: deploy/samples/README.md says nothing under {heading}";
        }
    }

    private static bool IsText(string file)
    {
        using var stream = File.OpenRead(Repository.PathOf(file));
        var start = new byte[Math.Min(stream.Length, 4096)];
        stream.ReadExactly(start);
        return !start.Contains((byte)0);
    }

    [GeneratedRegex("-----BEGIN [A-Z ]*PRIVATE KEY-----")]
    private static partial Regex PrivateKey();

    [GeneratedRegex(@"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\bglpat-[\w-]{20}")]
    private static partial Regex Token();

    // guest:guest is what a private broker of a test run has; braces are filled in.
    [GeneratedRegex(@"\b(amqps?|https?|mongodb(\+srv)?|redis)://(?!guest:guest@)[^\s/:@""'{}]+:[^\s/@""'{}$]+@")]
    private static partial Regex PasswordInAddress();

    [GeneratedRegex(@"(?i)(password|passwd|secret|api_?key|_pass)[""']?\s*(=\s*[""'][^""'{}$<]{6,}[""']|:\s*[""']?[A-Za-z0-9+/!_-]{8,}[""']?\s*$)")]
    private static partial Regex Password();

    [GeneratedRegex(@"(?<![\w.])/(home|Users)/(?!app/)[a-z][\w.-]*/|[A-Z]:\\+Users\\+\w")]
    private static partial Regex HomeDirectory();
}
