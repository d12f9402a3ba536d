using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Personalization.Benchmarks.Harness;

/// <summary>What the figures were taken on, and how much of it something else used meanwhile.</summary>
internal static class Machine
{
    private const string Unknown = "unknown";

    public static IEnumerable<string> Describe()
    {
        using var sqlite = new SqliteConnection();
        var temp = Path.GetTempPath();
        yield return $"Machine: {Cpu()}, {Environment.ProcessorCount} cores, {Gibibytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)} GiB, data in {temp} ({new DriveInfo(temp).DriveFormat})";
        yield return $"System: {RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}, {RuntimeInformation.FrameworkDescription}, SQLite {sqlite.ServerVersion}";
        yield return $"Commit: {Git("rev-parse --short=12 HEAD")}{(Git("status --porcelain --untracked-files=no") is "" or Unknown ? "" : ", with changes")}";
        yield return $"Load average before: {Read("/proc/loadavg")?.Split(' ')[0] ?? Unknown}";
    }

    /// <summary>Processor time so far: of the machine, idle, and of this process.</summary>
    public static (TimeSpan All, TimeSpan Idle, TimeSpan Own)? Times()
    {
        // user nice system idle iowait irq softirq steal, in hundredths of a second.
        if (Read("/proc/stat")?.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { Length: > 8 } line) return null;
        var ticks = line.Skip(1).Take(8).Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return (Of(ticks.Sum()), Of(ticks[3] + ticks[4]), Environment.CpuUsage.TotalTime);

        static TimeSpan Of(long hundredths) => TimeSpan.FromMilliseconds(hundredths * 10);
    }

    /// <summary>What was used since then, in words: figures of a machine that others used too are worth less.</summary>
    public static string Busy((TimeSpan All, TimeSpan Idle, TimeSpan Own)? before)
    {
        if (before is not { } from || Times() is not { } to) return "processor use unknown";
        var all = Math.Max(1, (to.All - from.All).TotalSeconds);
        var own = (to.Own - from.Own).TotalSeconds / all;
        var idle = (to.Idle - from.Idle).TotalSeconds / all;
        return string.Create(CultureInfo.InvariantCulture, $"processors: {own:P0} this process, {Math.Max(0, 1 - own - idle):P0} others (broker and database among them), {idle:P0} idle");
    }

    /// <summary>Processor time of this process for each of so many, in microseconds: what others do to the machine changes it little.</summary>
    public static async Task<double> CostAsync(int count, Func<Task> work)
    {
        var before = Environment.CpuUsage.TotalTime;
        await work();
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / count;
    }

    private static string Cpu() => Read("/proc/cpuinfo")?.Split('\n').FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
        ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? Unknown;

    private static string Gibibytes(long bytes) => (bytes / (double)(1 << 30)).ToString("0.#", CultureInfo.InvariantCulture);

    private static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file) : null;

    private static string Git(string arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = AppContext.BaseDirectory })!;
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : Unknown;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return Unknown;
        }
    }
}
