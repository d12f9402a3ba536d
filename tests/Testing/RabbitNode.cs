using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Personalization.Testing;

/// <summary>A node of an installed RabbitMQ with its own folder, ports and port mapper, reachable from this machine only.</summary>
internal static class RabbitNode
{
    // Debian's command on the path changes to the service's user, who may not write to our folder; the script behind it doesn't.
    private static readonly string? Program =
        new[] { "/usr/lib/rabbitmq/bin/rabbitmq-server" }
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(p => Path.Combine(p, "rabbitmq-server")))
            .FirstOrDefault(File.Exists);

    public static bool IsInstalled => Program is not null;

    public static Uri Start()
    {
        string home = Directory.CreateTempSubdirectory("rabbit-").FullName;
        int amqp = FreePort.Find(), distribution = FreePort.Find(), mapper = FreePort.Find();
        File.WriteAllText(Path.Combine(home, "rabbitmq.conf"), $"listeners.tcp.default = 127.0.0.1:{amqp}\n");
        File.WriteAllText(Path.Combine(home, "enabled_plugins"), "[].\n");

        Process node = Run(Program!, home, mapper, distribution);
        TestServers.StopAtEnd(async () =>
        {
            node.Kill(entireProcessTree: true);
            await node.WaitForExitAsync();
            // The node starts the port mapper as a daemon, which would outlive it.
            using Process stop = Run("epmd", home, mapper, distribution, "-port", mapper.ToString(CultureInfo.InvariantCulture), "-kill");
            await stop.WaitForExitAsync();
            node.Dispose();
            Directory.Delete(home, recursive: true);
        });
        return new Uri($"amqp://guest:guest@127.0.0.1:{amqp}/");
    }

    private static Process Run(string program, string home, int mapper, int distribution, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = home, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in new Dictionary<string, string>
        {
            ["HOME"] = home,
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = mapper.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_NODENAME"] = $"test{mapper}@localhost",
            ["RABBITMQ_DIST_PORT"] = distribution.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(home, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(home, "enabled_plugins"),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(home, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(home, "log"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        })
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        // Read, or the process would stop at a full pipe.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
