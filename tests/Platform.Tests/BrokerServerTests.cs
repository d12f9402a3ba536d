using Personalization.Testing;
using RabbitMQ.Client;
using Xunit;

namespace Personalization.Platform.Tests;

public sealed class BrokerServerTests
{
    [RequiresBrokerFact]
    public async Task The_broker_of_the_tests_routes_a_message()
    {
        await using IConnection connection = await new ConnectionFactory { Uri = await RabbitServer.UriAsync() }.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        QueueDeclareOk queue = await channel.QueueDeclareAsync();
        await channel.BasicPublishAsync("", queue.QueueName, "hello"u8.ToArray());

        BasicGetResult? message = await Eventually.Is(
            "the message is in the queue", () => channel.BasicGetAsync(queue.QueueName, autoAck: true), m => m is not null, TimeSpan.FromSeconds(10));

        Assert.Equal("hello"u8.ToArray(), message!.Body.ToArray());
    }
}
