using System.ComponentModel;
using System.Diagnostics;

namespace Personalization.Testing;

/// <summary>Runs a program as somebody at a terminal would.</summary>
public static class CommandLine
{
    /// <summary>Runs it to its end; one that takes longer is killed with what it started.</summary>
    /// <param name="within">How long it may take.</param>
    /// <param name="directory">Where; null is the current one.</param>
    /// <param name="environment">What differs from this process's environment; null takes a variable away.</param>
    /// <param name="program">Its name or path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="Win32Exception">There is no such program.</exception>
    /// <exception cref="TimeoutException">It took longer; the message ends with what it wrote last.</exception>
    public static async Task<CommandResult> RunAsync(
        TimeSpan within, string? directory, IReadOnlyDictionary<string, string?> environment, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory ?? "", RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(within, TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            throw new TimeoutException($"{program} was not done within {within.TotalSeconds:0} s.\n{new CommandResult(-1, await output, await errors).LastLines}");
        }

        return new CommandResult(process.ExitCode, await output, await errors);
    }
}

/// <summary>What a program left.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote on standard output.</param>
/// <param name="Errors">What it wrote on standard error.</param>
public sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The end of both, for a failure's message.</summary>
    public string LastLines => string.Join('\n', Output.Split('\n').TakeLast(20).Concat(Errors.Split('\n').TakeLast(20)));
}
