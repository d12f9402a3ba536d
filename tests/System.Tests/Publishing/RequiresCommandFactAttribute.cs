using System.ComponentModel;
using System.Diagnostics;
using Personalization.Testing;
using Xunit;

namespace Personalization.System.Tests.Publishing;

/// <summary>A fact of the distributed system that runs a program of the machine as well; without one of them, it is skipped with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresCommandFactAttribute : FactAttribute
{
    /// <param name="missing">What to say where it can't be run.</param>
    /// <param name="arguments">With these it ends at once, and well.</param>
    /// <param name="programs">Where it may be; the first that works is taken.</param>
    public RequiresCommandFactAttribute(string missing, string arguments, params string[] programs) =>
        Skip = RabbitServer.Unavailable ?? MongoServer.Unavailable ?? (Find(arguments, programs) is null ? missing : null);

    /// <summary>The first program that ends well.</summary>
    internal static string? Find(string arguments, params string[] programs) => programs.FirstOrDefault(program =>
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    });
}
