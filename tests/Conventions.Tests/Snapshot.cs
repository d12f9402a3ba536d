using Xunit;

namespace Personalization.Conventions.Tests;

/// <summary>Compares what the code says with what was recorded in the working copy, and records it anew when told to.</summary>
internal static class Snapshot
{
    private const string Variable = "PERSONALIZATION_ACCEPT";
    private const int Screen = 60;

    /// <summary>Fails with the lines that differ, and how to accept them.</summary>
    public static void Matches(string file, string actual)
    {
        var path = Repository.PathOf(file);
        var recorded = File.Exists(path) ? File.ReadAllText(path) : "";
        if (recorded == actual) return;
        if (Environment.GetEnvironmentVariable(Variable) == "1") Record(path, actual);
        else Assert.Fail($"{file} is not what the code says (- recorded, + now):\n{Difference(recorded, actual)}\nIf that is meant: {Variable}=1 ./dev test Conventions");
    }

    /// <summary>The lines that differ, not more than a screen of them.</summary>
    public static string Difference(string recorded, string actual)
    {
        string[] before = recorded.Split('\n'), after = actual.Split('\n');

        // How many lines the rest of both has in common, from any two places on.
        var common = new int[before.Length + 1, after.Length + 1];
        for (var i = before.Length - 1; i >= 0; i--)
        {
            for (var j = after.Length - 1; j >= 0; j--)
                common[i, j] = before[i] == after[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var lines = new List<string>();
        for (int i = 0, j = 0; i < before.Length || j < after.Length;)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j]) (i, j) = (i + 1, j + 1);
            else if (j == after.Length || (i < before.Length && common[i + 1, j] >= common[i, j + 1])) lines.Add($"{i + 1}: - {before[i++]}");
            else lines.Add($"{j + 1}: + {after[j++]}");
        }

        return string.Join('\n', lines.Take(Screen)) + (lines.Count > Screen ? $"\nand {lines.Count - Screen} more" : "");
    }

    private static void Record(string path, string actual)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, actual);
    }
}
