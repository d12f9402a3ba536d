using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using Testcontainers.RabbitMq;

namespace Personalization.Testing;

/// <summary>
/// A RabbitMQ for the tests of this process: that of <c>PERSONALIZATION_TEST_RABBITMQ</c> (an amqp URI), else a container of
/// <c>rabbitmq:4-management</c>, else a private node of an installed <c>rabbitmq-server</c>, started when first asked for.
/// </summary>
public static class RabbitServer
{
    /// <summary>Names a broker to use instead of starting one.</summary>
    public const string Variable = "PERSONALIZATION_TEST_RABBITMQ";

    /// <summary>The image that tests run.</summary>
    public const string Image = "rabbitmq:4-management";

    private const int Port = 5672;

    private static readonly string? Given = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : null;
    private static readonly Lazy<Task<Uri>> Server = new(StartAsync);

    /// <summary>Why there is no broker; null if there is.</summary>
    public static string? Unavailable =>
        Given is not null || Docker.IsAvailable || RabbitNode.IsInstalled ? null
            : $"No RabbitMQ: {Variable} is not set, no Docker engine answers and no rabbitmq-server is installed.";

    /// <summary>The broker's amqp URI, with user and password. The broker is shared: name queues and exchanges, or a virtual host, by the test.</summary>
    public static Task<Uri> UriAsync() => Server.Value;

    private static async Task<Uri> StartAsync()
    {
        if (Given is not null)
            return new Uri(Given);
        Uri uri = Docker.IsAvailable ? await StartContainerAsync() : RabbitNode.Start();
        await UntilOpenAsync(uri);
        return uri;
    }

    /// <summary>Starts a container of <see cref="Image"/> for one test, which may kill it: started again, it is at the same address with the same data.</summary>
    public static async Task<(IContainer Container, Uri Uri)> StartContainerAsync(int port)
    {
        string password = Guid.NewGuid().ToString("N");
        IContainer container = new ContainerBuilder(Image)
            .WithLogger(NullLogger.Instance)
            .WithEnvironment("RABBITMQ_DEFAULT_USER", "test")
            .WithEnvironment("RABBITMQ_DEFAULT_PASS", password)
            .WithPortBinding(port, Port)
            .Build();
        TestServers.StopAtEnd(() => container.DisposeAsync().AsTask());
        await container.StartAsync();
        var uri = new Uri($"amqp://test:{password}@127.0.0.1:{port}/");
        await UntilOpenAsync(uri);
        return (container, uri);
    }

    private static Task UntilOpenAsync(Uri uri) => Eventually.Is(
        "RabbitMQ accepts a connection",
        async () =>
        {
            await using IConnection connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
            return connection.IsOpen;
        },
        within: TimeSpan.FromSeconds(120));

    private static async Task<Uri> StartContainerAsync()
    {
        RabbitMqContainer container = new RabbitMqBuilder(Image).WithLogger(NullLogger.Instance).Build();
        TestServers.StopAtEnd(() => container.DisposeAsync().AsTask());
        await container.StartAsync();
        return new Uri(container.GetConnectionString());
    }
}
