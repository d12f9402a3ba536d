using System.Globalization;
using System.Text.RegularExpressions;

namespace Personalization.Cli;

/// <summary>Accounts that follow one another, so that passwords change by overlap: <c>profile</c>, <c>profile-2</c>, <c>profile-3</c>.</summary>
internal static partial class Accounts
{
    /// <summary>The account that comes after this one.</summary>
    public static string After(string account) => string.Create(CultureInfo.InvariantCulture, $"{FirstOf(account)}-{NumberOf(account) + 1}");

    /// <summary>The account that it came after; null if it is the first one.</summary>
    public static string? Before(string account) => NumberOf(account) switch
    {
        1 => null,
        2 => FirstOf(account),
        var number => string.Create(CultureInfo.InvariantCulture, $"{FirstOf(account)}-{number - 1}"),
    };

    /// <summary>The first account of the same name: in the database, the name of what it may read and write.</summary>
    public static string FirstOf(string account) => Number().Replace(account, "");

    /// <summary>The newest account of that name which has a file in the folder; the first one if none has.</summary>
    public static string NewestIn(string folder, string first) => AllIn(folder, first).LastOrDefault(first);

    /// <summary>All that have a file in the folder, oldest first.</summary>
    public static IEnumerable<string> AllIn(string folder, string first) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!).Where(name => FirstOf(name) == first).OrderBy(NumberOf)
        : [];

    /// <summary>The account of an address, <c>SCHEME://ACCOUNT:PASSWORD@…</c>, and its password.</summary>
    public static (string Account, string Password) Of(string address) => Credentials().Match(address) is { Success: true } found
        ? (found.Groups["account"].Value, found.Groups["password"].Value)
        : throw new CommandException("A setting holds an address without account and password.");

    /// <summary>The address with another account.</summary>
    public static string Replace(string address, string account, string password) => Credentials().Replace(address, $"://{account}:{password}@", 1);

    private static int NumberOf(string account) => Number().Match(account) is { Success: true } found ? int.Parse(found.ValueSpan[1..], CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex("-[0-9]+$")]
    private static partial Regex Number();

    [GeneratedRegex("://(?<account>[^:@/]+):(?<password>[^@/]+)@", RegexOptions.ExplicitCapture)]
    private static partial Regex Credentials();
}
