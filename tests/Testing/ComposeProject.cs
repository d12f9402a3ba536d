using System.ComponentModel;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Personalization.Testing;

/// <summary>
/// A project of Docker Compose of its own: containers, network and volumes under a name that nobody else has, with the ports that the
/// compose file publishes chosen by Docker. All of it is gone at the end.
/// </summary>
public sealed class ComposeProject : IAsyncDisposable
{
    // A first start pulls and builds images.
    private static readonly TimeSpan StartsWithin = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromMinutes(5);
    private static readonly Lazy<string?> WhyNot = new(static () => Task.Run(AskAsync).GetAwaiter().GetResult());

    private readonly string name = $"personalization-test-{Guid.NewGuid():N}"[..30];
    private readonly string directory;
    private readonly Dictionary<string, string?> environment;
    private bool isGone;

    /// <summary>Starts nothing yet.</summary>
    /// <param name="directory">Where the compose file is.</param>
    /// <param name="environment">Variables of the compose file; null takes one away.</param>
    public ComposeProject(string directory, IReadOnlyDictionary<string, string?> environment)
    {
        this.directory = directory;
        this.environment = new(environment);
        TestServers.StopAtEnd(() => DisposeAsync().AsTask());
    }

    /// <summary>Why no project can be started; null if one can.</summary>
    public static string? Unavailable => WhyNot.Value;

    /// <summary>Starts what these arguments of <c>docker compose up</c> say, and returns when it is healthy.</summary>
    /// <exception cref="InvalidOperationException">It doesn't become healthy; the message ends with the logs.</exception>
    public async Task UpAsync(params string[] arguments)
    {
        var result = await RunAsync(StartsWithin, ["up", "--wait", .. arguments]);
        if (result.ExitCode == 0) return;
        var logs = await RunAsync(EndsWithin, ["logs", "--no-color", "--tail", "20"]);
        throw new InvalidOperationException($"docker compose up failed.\n{result.LastLines}\n{logs.Output}");
    }

    /// <summary>Runs <c>docker compose</c> with these arguments.</summary>
    /// <returns>What it wrote on standard output.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message ends with what it wrote.</exception>
    public async Task<string> RunAsync(params string[] arguments)
    {
        var result = await RunAsync(EndsWithin, arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"docker compose {string.Join(' ', arguments)} failed.\n{result.LastLines}");
    }

    /// <summary>Runs <c>docker compose</c> with these arguments, whatever its exit code.</summary>
    public Task<CommandResult> RunAsync(TimeSpan within, IEnumerable<string> arguments) =>
        CommandLine.RunAsync(within, directory, environment, "docker", ["compose", "--project-name", name, "--ansi", "never", .. arguments]);

    /// <summary>Where a service's port is published on this machine; another one after each start.</summary>
    public async Task<Uri> AddressAsync(string service, int port) =>
        new($"http://{(await RunAsync("port", service, port.ToString(CultureInfo.InvariantCulture))).Trim()}");

    /// <summary>What Docker knows of the project's containers, those that have ended too.</summary>
    public async Task<JsonArray> InspectAsync()
    {
        var containers = (await RunAsync("ps", "--all", "--quiet")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var result = await CommandLine.RunAsync(EndsWithin, null, environment, "docker", ["inspect", .. containers]);
        return JsonNode.Parse(result.Output)!.AsArray();
    }

    /// <summary>Removes a volume that no container uses, with all that is in it.</summary>
    public async Task RemoveVolumeAsync(string volume)
    {
        var result = await CommandLine.RunAsync(EndsWithin, null, environment, "docker", "volume", "rm", $"{name}_{volume}");
        if (result.ExitCode != 0) throw new InvalidOperationException($"The volume {volume} could not be removed.\n{result.LastLines}");
    }

    /// <summary>Removes containers, network and volumes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isGone) return;
        await RunAsync("down", "--volumes", "--remove-orphans", "--timeout", "5");
        isGone = true;
    }

    private static async Task<string?> AskAsync()
    {
        if (!Docker.IsAvailable) return "No Docker engine answers.";
        try
        {
            var version = await CommandLine.RunAsync(TimeSpan.FromSeconds(30), null, new Dictionary<string, string?>(), "docker", "compose", "version", "--short");
            return version.ExitCode == 0 && int.TryParse(version.Output.TrimStart('v').Split('.')[0], CultureInfo.InvariantCulture, out var major) && major >= 2
                ? null : "No Docker Compose v2: docker compose version does not name one.";
        }
        catch (Exception e) when (e is Win32Exception or TimeoutException)
        {
            return "No Docker Compose v2: the docker command does not answer.";
        }
    }
}
