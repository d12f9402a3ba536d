using System.Diagnostics;

namespace Personalization.Conventions.Tests;

/// <summary>The working copy that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = RootOf(AppContext.BaseDirectory);

    /// <summary>What a commit of everything would hold: tracked files, and new ones that aren't ignored; relative, with slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    /// <summary>Services by folder name, the one-process server and what they share apart.</summary>
    public static IReadOnlyList<string> Services { get; } =
        [.. Directory.GetDirectories(PathOf("services")).Select(folder => Path.GetFileName(folder)!).Except(["Local", "Platform"]).Order(StringComparer.Ordinal)];

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    /// <summary>The C# sources below a folder.</summary>
    public static IEnumerable<string> Sources(string folder) =>
        Files.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    private static string RootOf(string folder) => File.Exists(Path.Combine(folder, "Personalization.sln"))
        ? folder
        : RootOf(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside a working copy: no Personalization.sln above them."));

    private static string[] ListFiles()
    {
        // A container builds as another user than the one who owns the working copy.
        using var git = Process.Start(new ProcessStartInfo("git", ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        })!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        if (git.ExitCode != 0 || files.Length == 0) throw new InvalidOperationException("git names no files of the working copy.");
        return [.. files.Where(file => File.Exists(PathOf(file)))];
    }
}
