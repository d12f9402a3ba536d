using Personalization.Testing;

namespace Personalization.System.Tests.Harness;

/// <summary>The containers of <c>docker-compose.yml</c>, as somebody starts them who has only Docker.</summary>
public class ComposeSystem : SystemUnderTest
{
    private ComposeProject? project;
    private Uri? address;

    public override Uri Address => address!;

    /// <summary>The containers.</summary>
    public ComposeProject Project => project!;

    /// <summary>What <c>docker compose run --rm demo</c> left, run on the empty system by the first 60 people.</summary>
    public CommandResult Demo { get; private set; } = null!;

    /// <summary>The first time from nothing, images included; then from what stopping left.</summary>
    public override async Task StartAsync()
    {
        if (project is null)
        {
            project = new ComposeProject(Root(), await VariablesAsync());
            await project.UpAsync("--build");
            await FillAsync();
        }
        else
        {
            await project.UpAsync("--no-build");
        }

        address = await PublishedAsync();
    }

    public override Task StopAsync() => project is null ? Task.CompletedTask : project.RunAsync("stop");

    public override Task StopAsync(string service) => Project.RunAsync("stop", service);

    public override Task StartAsync(string service) => Project.UpAsync("--no-build", "--no-deps", service);

    public override async ValueTask DisposeAsync()
    {
        if (project is not null) await project.DisposeAsync();
        project = null;
        await base.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Variables of the compose files, by which they differ from what is their default.</summary>
    protected virtual Task<Dictionary<string, string?>> VariablesAsync() => Task.FromResult(new Dictionary<string, string?>
    {
        ["PORT"] = "0",
        ["RABBITMQ_MANAGEMENT_PORT"] = "0",
        // What is promised is that a decision is in force when it is answered with 200, not how busy this machine may be.
        ["CONSENT_WAIT_FOR_MILLISECONDS"] = "10000",
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "",
        ["COMPOSE_FILE"] = null,
        ["COMPOSE_PROFILES"] = null,
    });

    /// <summary>What is done on the empty system.</summary>
    protected virtual async Task FillAsync() =>
        Demo = await Project.RunAsync(TimeSpan.FromMinutes(10), ["run", "--rm", "-T", "demo", "demo", "--url", "http://portal:8080", "--people", "60", "--exit"]);

    /// <summary>Where the gateway is now.</summary>
    protected virtual Task<Uri> PublishedAsync() => Project.AddressAsync("portal", 8080);

    protected override string Token(string role, string? customerId)
    {
        string[] subject = customerId is null ? [] : ["--subject", customerId];
        return Task.Run(() => Project.RunAsync(["run", "--rm", "--no-deps", "-T", "demo", "token", role, .. subject])).GetAwaiter().GetResult().Trim();
    }

    /// <summary>The folder with <c>docker-compose.yml</c>.</summary>
    internal static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "docker-compose.yml")))
            directory = directory.Parent ?? throw new InvalidOperationException("There is no docker-compose.yml above the tests.");
        return directory.FullName;
    }
}
