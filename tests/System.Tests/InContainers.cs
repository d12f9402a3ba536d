using System.Text;
using System.Text.Json.Nodes;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>The cascade in the containers of <c>docker-compose.yml</c>, and what these promise about themselves.</summary>
[RequiresCompose]
public sealed class InContainers(SystemFixture<ComposeSystem> fixture) : CascadeContract<ComposeSystem>(fixture)
{
    private static readonly string[] Services = ["audit", "consent", "portal", "profile", "recommendation", "retention"];
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(2);

    [ContractFact]
    public Task A_service_that_is_down_is_named_and_catches_up_before_it_serves() => CheckThatAServiceThatIsDownIsNamedAsync();

    [ContractFact]
    public void The_demo_keeps_its_promises()
    {
        Assert.True(System.Demo.ExitCode == 0, System.Demo.LastLines);
        Assert.Contains("promises were kept", System.Demo.Output, StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_broker_that_restarts_stops_no_revocation_and_no_erasure()
    {
        await SettleAsync("sonya");

        await System.Project.RunAsync("restart", "rabbitmq");
        var (_, answer) = await Cinema.RevokeAsync("sonya");

        await Eventually.Is(
            "the revocation is in force everywhere", () => Cinema.ConsentsAsync("sonya"), consents => consents["inForce"]!["state"]!.GetValue<string>() == "yes", Recovered);
        Assert.False((await Cinema.RecommendAsync("sonya"))["personalized"]!.GetValue<bool>());
        await Eventually.Is(
            "the erasure case is completed", () => Cinema.CaseAsync(answer["caseId"]!.GetValue<string>()), found => found["state"]?.GetValue<string>() == "completed", Recovered);
        await Eventually.Is(
            "every service has its message bus again", Cinema.StatusPageAsync, page => page.Contains("Everything is ready", StringComparison.Ordinal), Recovered);
    }

    [ContractFact]
    public async Task Services_run_without_root_and_capabilities_and_write_nothing_outside_their_store()
    {
        var containers = await System.Project.InspectAsync();
        var own = containers.Where(container => Services.Contains(ServiceOf(container!))).ToArray();

        Assert.Equal(Services, own.Select(container => ServiceOf(container!)).Order());
        Assert.All(own, container =>
        {
            Assert.True(int.Parse((string)container!["Config"]!["User"]!) > 0, "It runs as root.");
            Assert.True((bool)container["HostConfig"]!["ReadonlyRootfs"]!, "It can write to its image.");
            Assert.Equal(["ALL"], container["HostConfig"]!["CapDrop"]!.AsArray().Select(capability => (string?)capability));
            Assert.Null(container["HostConfig"]!["CapAdd"]);
            Assert.Contains("no-new-privileges", container["HostConfig"]!["SecurityOpt"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.Equal(["CMD", "/app/start", "--health"], container["Config"]!["Healthcheck"]!["Test"]!.AsArray().Select(part => (string?)part));
        });
        // Of all of them only the gateway and the broker's management pages are published, and those on this machine alone.
        Assert.All(containers.SelectMany(container => container!["HostConfig"]!["PortBindings"]!.AsObject()), port =>
            Assert.All(port.Value!.AsArray(), binding => Assert.Equal("127.0.0.1", (string?)binding!["HostIp"])));
    }

    [ContractFact]
    public async Task No_secret_is_in_the_compose_file_an_environment_or_a_log()
    {
        var stored = await System.Project.RunAsync("exec", "-T", "mongo", "sh", "-c", "cat /keys/mongo/root-password /keys/mongo/users/*");
        var broker = await System.Project.RunAsync("exec", "-T", "rabbitmq", "sh", "-c", "cat /keys/rabbitmq/users/*");
        string[] secrets = [.. (stored + broker).Where(char.IsAsciiHexDigit).Chunk(64).Select(characters => new string(characters))];

        // Every service with a store has a user for its data and one for its keys; the broker, an administrator and a publisher.
        Assert.Equal(1 + (2 * (Services.Length - 1)) + 2, secrets.Length);
        var visible = await System.Project.RunAsync("config") + (await System.Project.InspectAsync()).ToJsonString() + await LogsAsync();
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, visible, StringComparison.Ordinal));
    }

    [ContractFact]
    public async Task No_log_says_whom_it_is_about()
    {
        await SettleAsync("canary-4711");
        var (_, answer) = await Cinema.RevokeAsync("canary-4711");
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());

        var logs = await LogsAsync();

        Assert.All(Services, service => Assert.Contains($"{service}-1", logs, StringComparison.Ordinal));
        // The customers of the demo, of this test, and the pseudonyms of all.
        Assert.All(["u-0000", "canary-4711", "s1_"], id => Assert.DoesNotContain(id, logs, StringComparison.Ordinal));
    }

    [ContractFact]
    public async Task A_product_service_is_told_of_withdrawals_by_the_broker_and_reads_nothing_else_there()
    {
        await using var connection = await ConnectAsync("cinema");
        await using (var channel = await connection.CreateChannelAsync())
        {
            await channel.QueuePurgeAsync("cinema-withdrawals");
            foreach (var customer in (string[])["tanya", "ulyana"])
            {
                await SettleAsync(customer);
                await Cinema.RevokeAsync(customer);
            }

            var told = await Eventually.Is(
                "it is told", async () => await channel.BasicGetAsync("cinema-withdrawals", autoAck: false), message => message is not null, Recovered);

            Assert.True(JsonNode.Parse(told!.Body.Span)!["message"]!["number"]!.GetValue<long>() > 0);
            Assert.Equal(0u, told.MessageCount);
            Assert.DoesNotContain("ulyana", Encoding.UTF8.GetString(told.Body.Span), StringComparison.Ordinal);
        }

        foreach (var queue in (string[])["ingest-on-customer-event", "close-profile-gate-on-consent-revoked", "dead-letters"])
        {
            await using var channel = await connection.CreateChannelAsync();
            var refused = await Assert.ThrowsAsync<OperationInterruptedException>(async () => await channel.BasicGetAsync(queue, autoAck: false));
            Assert.Equal(403, refused.ShutdownReason!.ReplyCode);
        }
    }

    /// <summary>Inside the project's network, where product services are.</summary>
    private async Task<IConnection> ConnectAsync(string account)
    {
        var password = (await System.Project.RunAsync("exec", "-T", "rabbitmq", "cat", $"/keys/rabbitmq/users/{account}")).Trim();
        var broker = (await System.Project.InspectAsync()).Single(container => ServiceOf(container!) == "rabbitmq")!;
        var address = (string)broker["NetworkSettings"]!["Networks"]!.AsObject().Single().Value!["IPAddress"]!;
        return await new ConnectionFactory { HostName = address, UserName = account, Password = password, VirtualHost = "personalization" }.CreateConnectionAsync();
    }

    private static string ServiceOf(JsonNode container) => (string)container["Config"]!["Labels"]!["com.docker.compose.service"]!;

    private Task<string> LogsAsync() => System.Project.RunAsync("logs", "--no-color");
}
