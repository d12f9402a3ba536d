using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Personalization.Cli;

/// <summary>The one-process server as the demo starts it: on this machine, with its data in the repository's <c>.data</c>.</summary>
internal sealed partial class DemoServer : IAsyncDisposable
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(20);
    private readonly Process process;
    private readonly Task log;

    private DemoServer(Process process, Task log) => (this.process, this.log) = (process, log);

    private static string Root => Server.Home ?? Directory.GetCurrentDirectory();

    private static string Data => Path.Combine(Root, ".data");

    private static string LogFile => Path.Combine(Data, "demo-server.log");

    /// <summary>Deletes the local server's data, which must not be running.</summary>
    /// <exception cref="CommandException">The directory isn't the server's.</exception>
    public static void DeleteData()
    {
        if (!Directory.Exists(Data)) return;
        // A server that failed to start may have left nothing but its log.
        if (!Directory.Exists(Path.Combine(Data, "keys")) && Directory.EnumerateFileSystemEntries(Data).Any(entry => entry != LogFile))
            throw new CommandException($"{Data} holds no keys, so it is not the server's data, and stays.");
        Directory.Delete(Data, recursive: true);
    }

    /// <exception cref="CommandException">It doesn't start; the message ends with what it said last.</exception>
    public static async Task<DemoServer> StartAsync(Uri address, CancellationToken cancellationToken)
    {
        var program = Path.Combine(Root, "services", "Local", "bin", "Release", "net10.0", "Personalization.Local.dll");
        if (!File.Exists(program)) throw new CommandException($"{address.OriginalString} does not answer, and the server is not built. Start the demo with ./dev demo.");

        var start = new ProcessStartInfo("dotnet", [program]) { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["ASPNETCORE_URLS"] = address.OriginalString;
        start.Environment["Data__Directory"] = Data;
        // The sample of a product service runs beside it, and is told of erasures over http.
        start.Environment["Tickets__Url"] = TicketOffice.Local.OriginalString;
        start.Environment["Profile__HttpWebhooks"] = "true";
        // The sample has few people.
        start.Environment["Recommendation__MinSupport"] = "5";
        // A server that is told where keys are expects to find them; without, it makes its own beside its data.
        start.Environment.Remove("Keys__Directory");
        Directory.CreateDirectory(Data);
        var process = Process.Start(start)!;
        var server = new DemoServer(process, WriteLogAsync(process));
        try
        {
            var started = TimeProvider.System.GetTimestamp();
            while (!await Server.AnswersAsync(address, cancellationToken, "/health/ready"))
            {
                if (process.HasExited || TimeProvider.System.GetElapsedTime(started) > Server.StartsWithin)
                    throw new CommandException($"The server did not get ready. The end of {LogFile}:\n{await LastLinesAsync(process, server.log)}");
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, cancellationToken);
            }
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <summary>Returns when this process is told to stop, or the server has ended, which Ctrl-C makes it do as well.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        try
        {
            await process.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    /// <summary>Asks the server to stop, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            if (OperatingSystem.IsWindows()) process.Kill();
            else _ = Signal(process.Id, Terminate);
            using var deadline = new CancellationTokenSource(StopsWithin, TimeProvider.System);
            try
            {
                await process.WaitForExitAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
            }
        }

        await log;
        process.Dispose();
    }

    private const int Terminate = 15;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);

    private static async Task WriteLogAsync(Process process)
    {
        await using var file = new FileStream(LogFile, FileMode.Create, FileAccess.Write, FileShare.Read);
        using var one = new SemaphoreSlim(1);
        await Task.WhenAll(CopyAsync(process.StandardOutput.BaseStream), CopyAsync(process.StandardError.BaseStream));

        async Task CopyAsync(Stream from)
        {
            var buffer = new byte[8192];
            while (await from.ReadAsync(buffer) is var read && read > 0)
            {
                await one.WaitAsync();
                await file.WriteAsync(buffer.AsMemory(0, read));
                await file.FlushAsync();
                one.Release();
            }
        }
    }

    private static async Task<string> LastLinesAsync(Process process, Task log)
    {
        if (process.HasExited) await log;
        await using var file = new FileStream(LogFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return string.Join('\n', (await reader.ReadToEndAsync()).Split('\n').TakeLast(20));
    }
}
