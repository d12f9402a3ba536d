using System.Diagnostics;
using System.Globalization;

namespace Personalization.Testing;

/// <summary>A service in a process of its own, as it is deployed, which can be killed.</summary>
public sealed class ServiceProcess : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Process process;

    private ServiceProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    /// <summary>Where it listens, on loopback.</summary>
    public Uri Address { get; }

    /// <summary>Starts it with its data in a directory, on a free port, and returns when it listens.</summary>
    /// <param name="assembly">The program's file, beside the tests.</param>
    /// <param name="directory">Where its data and keys are.</param>
    /// <param name="arguments">What else it is told.</param>
    /// <exception cref="InvalidOperationException">It ended instead; the message holds what it said.</exception>
    public static Task<ServiceProcess> StartAsync(string assembly, string directory, params IEnumerable<string> arguments) => StartAsync(assembly, directory, 0, arguments);

    /// <summary>The same on a given port of loopback, as a service that comes back where it was.</summary>
    public static async Task<ServiceProcess> StartAsync(string assembly, string directory, int port, params IEnumerable<string> arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, assembly), .. arguments, "--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), "--environment", "Development",
            "--Keys:Directory", Path.Combine(directory, "keys"), "--Data:Directory", directory,
            "--shutdownTimeoutSeconds", "1", "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Information",
        ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = directory,
        })!;
        var said = new List<string>();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            said.Add(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is var at and >= 0)
            {
                // What it goes on to say is read, or it would wait for somebody to read it.
                _ = process.StandardOutput.ReadToEndAsync();
                return new ServiceProcess(process, new Uri(line[(at + Listening.Length)..].Trim()));
            }
        }

        process.Dispose();
        throw new InvalidOperationException($"The service did not start: {string.Join('\n', said)}");
    }

    /// <summary>Ends it as a power cut would: nothing is finished, nothing is given back.</summary>
    public void Kill() => process.Kill();

    /// <summary>Tells it to end, as a platform does that moves it elsewhere: requests under way are broken off.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Stops it where it is, as a machine does that has no time for it: connections stay open, clocks go on.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>Lets it go on.</summary>
    public void Resume() => Signal("CONT");

    /// <summary>Writes a line to its standard input.</summary>
    public async Task TellAsync(string line)
    {
        await process.StandardInput.WriteLineAsync(line);
        await process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until it has ended by itself; its exit code, 128 and the signal's number if a signal ended it.</summary>
    /// <exception cref="TimeoutException">It did not.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan within)
    {
        await process.WaitForExitAsync().WaitAsync(within);
        return process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
