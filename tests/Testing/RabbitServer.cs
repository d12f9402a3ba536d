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
        await Eventually.Is(
            "RabbitMQ accepts a connection",
            async () =>
            {
                await using IConnection connection = await new ConnectionFactory { Uri = uri }.CreateConnectionAsync();
                return connection.IsOpen;
            },
            within: TimeSpan.FromSeconds(120));
        return uri;
    }

    private static async Task<Uri> StartContainerAsync()
    {
        RabbitMqContainer container = new RabbitMqBuilder(Image).WithLogger(NullLogger.Instance).Build();
        TestServers.StopAtEnd(() => container.DisposeAsync().AsTask());
        await container.StartAsync();
        return new Uri(container.GetConnectionString());
    }
}
