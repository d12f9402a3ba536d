using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using MongoDB.Bson;
using MongoDB.Driver;
using Personalization.Contracts;
using Personalization.Platform.Http;
using Personalization.Platform.Messaging;
using Personalization.Platform.Security;
using Personalization.System.Tests.Harness;
using Personalization.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace Personalization.System.Tests;

/// <summary>What <c>deploy/compose.production.yml</c> promises over <c>docker-compose.yml</c>.</summary>
[RequiresCompose]
public sealed class InProduction(SystemFixture<ProductionSystem> fixture) : IClassFixture<SystemFixture<ProductionSystem>>, IAsyncLifetime
{
    private const string Refused = "refused", Allowed = "allowed";

    private static readonly string[] Services = ["audit", "consent", "portal", "profile", "recommendation", "retention"];
    private static readonly string[] WithStores = [.. Services.Except(["portal"])];
    private static readonly TimeSpan Recovered = TimeSpan.FromMinutes(2);

    private ProductionSystem System => fixture.System;

    private Cinema Cinema => fixture.Cinema;

    public Task InitializeAsync() => fixture.OpenAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [ContractFact]
    public async Task A_revocation_is_in_force_when_it_is_answered_and_its_case_closes()
    {
        await Cinema.SettleAsync("anna");

        var (status, answer) = await Cinema.RevokeAsync("anna");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["profile", "recommendation"], answer["inForce"]!["appliedBy"]!.AsArray().Select(by => by!["service"]!.GetValue<string>()).Order());
        Assert.False((await Cinema.RecommendAsync("anna"))["personalized"]!.GetValue<bool>());
        Assert.Empty(await Cinema.ProfileAsync("anna"));
        await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
        Assert.Contains("Everything is ready", await Cinema.StatusPageAsync(), StringComparison.Ordinal);
    }

    [ContractFact]
    public async Task A_token_of_the_local_issuer_is_accepted_no_more()
    {
        var token = await System.Project.RunAsync("run", "--rm", "--no-deps", "-T", "demo", "token", "operator");
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = System.Trust.Accepts } });
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Trim());

        using var answer = await http.GetAsync(new Uri(System.Address, "/retention-rules"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        // The same with a token of the issuer that was named.
        using var accepted = await System.As(Roles.Operator).GetAsync(new Uri("/retention-rules", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [ContractFact]
    public async Task Nothing_answers_in_plain_text()
    {
        foreach (var service in Services)
        {
            var address = (await AddressesAsync(service)).Single();
            Assert.False(await ListensAsync(address, 8080), $"{service} listens on 8080.");
            using var plain = new HttpClient();
            await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new Uri($"http://{address}:8443/health/live")));
            using var encrypted = HttpOver(address);
            Assert.Equal(HttpStatusCode.OK, (await encrypted.GetAsync(new Uri($"https://{service}:8443/health/live"))).StatusCode);
        }

        var broker = (await AddressesAsync("rabbitmq")).Single();
        foreach (var port in (int[])[5672, 15672]) Assert.False(await ListensAsync(broker, port), $"The broker listens on {port}.");
        Assert.NotEqual(1, await AnswerToPlainAsync(broker, 5671));
        await using (await ConnectAsync("cinema", await BrokerPasswordAsync("cinema"))) { }

        var database = await DatabaseOfAsync("profile", isEncrypted: false);
        await Assert.ThrowsAsync<TimeoutException>(() => FindAsync(database, "profile"));
        Assert.Equal(Allowed, await FindAsync(await DatabaseOfAsync("profile"), "profile"));
    }

    [ContractFact]
    public async Task A_server_of_another_authority_is_not_spoken_to()
    {
        var stranger = new ServerTrust(null);
        var broker = (await AddressesAsync("rabbitmq")).Single();
        var factory = Factory(broker, "cinema", await BrokerPasswordAsync("cinema"));
        factory.Ssl.CertificateValidationCallback = stranger.Accepts;

        var refused = await Assert.ThrowsAsync<BrokerUnreachableException>(() => factory.CreateConnectionAsync());

        Assert.Contains("certificate", refused.InnerException!.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [ContractFact]
    public async Task Containers_are_limited_and_write_nothing_outside_their_volumes()
    {
        var containers = (await System.Project.InspectAsync()).Where(container => ServiceOf(container!) != "init").ToArray();

        Assert.Equal(["mongo", "rabbitmq", .. Services], containers.Select(container => ServiceOf(container!)).Distinct().OrderBy(service => Array.IndexOf(["mongo", "rabbitmq", .. Services], service)));
        Assert.All(containers, container =>
        {
            var host = container!["HostConfig"]!;
            Assert.True((long)host["Memory"]! > 0, "Its memory has no limit.");
            Assert.True((long)host["PidsLimit"]! > 0, "Its processes have no limit.");
            Assert.True((bool)host["ReadonlyRootfs"]!, "It can write to its image.");
            Assert.Equal(["ALL"], host["CapDrop"]!.AsArray().Select(capability => (string?)capability));
            // The database of the tests is not that of production: Harness/tls-database.
            if (ServiceOf(container) == "mongo") return;
            Assert.Null(host["CapAdd"]);
            Assert.NotEqual("root", (string?)container["Config"]!["User"]);
            Assert.NotEqual("", (string?)container["Config"]!["User"]);
        });
        Assert.All(containers.Where(container => Services.Contains(ServiceOf(container!))), container =>
            Assert.Contains("ASPNETCORE_ENVIRONMENT=Production", container!["Config"]!["Env"]!.AsArray().Select(variable => (string?)variable)));
    }

    /// <summary>Each right of each account, asked of the broker itself; what is expected follows from who reads and publishes what.</summary>
    [ContractFact]
    public async Task An_account_of_the_broker_can_do_what_its_service_does_and_nothing_else()
    {
        var wrong = new List<string>();
        var cells = 0;
        foreach (var account in (string[])[.. WithStores, "cinema"])
        {
            string[] queues = [.. Topology.Subscriptions.Where(subscription => subscription.Service == account).Select(subscription => subscription.Queue)];
            string[] published = [.. Topology.Publications.GetValueOrDefault(account, []).Select(BrokerTopology.ExchangeOf)];
            // It hands over events and is told of withdrawals, and declares nothing.
            var isProduct = account == "cinema";
            string[] written = isProduct ? [Topology.CustomerEvents] : [.. queues, .. published, BrokerTopology.DeadLetters];
            string[] read = isProduct ? ["cinema-withdrawals"] : queues;
            string[] declared = isProduct ? [] : [.. queues, .. published];
            var probe = queues.FirstOrDefault("cinema-withdrawals");
            var password = await BrokerPasswordAsync(account);
            await using var broker = new Account(() => ConnectAsync(account, password));

            foreach (var exchange in (string[])["", .. BrokerTopology.Exchanges])
                await CellAsync($"publishes to {exchange}", written.Contains(exchange), channel => PublishNothingAsync(channel, exchange, probe));
            foreach (var exchange in BrokerTopology.Exchanges)
            {
                await CellAsync($"declares exchange {exchange}", declared.Contains(exchange), channel => channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true));
                // All are in use, so that nothing is deleted where it is allowed.
                await CellAsync($"deletes exchange {exchange}", declared.Contains(exchange), channel => channel.ExchangeDeleteAsync(exchange, ifUnused: true));
                await CellAsync($"binds its queue to {exchange}", !isProduct && read.Contains(exchange), channel => channel.QueueBindAsync(probe, exchange, exchange == probe ? "" : "tests"));
            }

            foreach (var (queue, arguments) in BrokerTopology.Queues)
            {
                await CellAsync($"reads {queue}", read.Contains(queue), async channel => await channel.BasicGetAsync(queue, autoAck: false));
                await CellAsync($"declares queue {queue}", declared.Contains(queue), channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments.ToDictionary()));
                // A quorum queue isn't deleted on conditions, which the broker says only to those who may delete it.
                await CellAsync($"deletes queue {queue}", declared.Contains(queue), channel => channel.QueueDeleteAsync(queue, ifUnused: true, ifEmpty: true));
            }

            await CellAsync("declares a queue of its own making", false, channel => channel.QueueDeclareAsync("tests", durable: true, exclusive: false, autoDelete: false));
            await CellAsync("declares a queue that the broker names", false, channel => channel.QueueDeclareAsync());
            await CellAsync("declares an exchange of its own making", false, channel => channel.ExchangeDeclareAsync("tests", ExchangeType.Fanout, durable: true));
            await CellAsync("is told of withdrawals", isProduct, async channel => await channel.BasicGetAsync("cinema-withdrawals", autoAck: false));

            async Task CellAsync(string right, bool isExpected, Func<IChannel, Task> use)
            {
                cells++;
                var found = await broker.TryAsync(use);
                if (found != (isExpected ? Allowed : Refused)) wrong.Add($"{account} {right}: {found}");
            }
        }

        Assert.True(cells > 2000, $"Only {cells} rights were asked for.");
        Assert.Empty(wrong);
    }

    [ContractFact]
    public async Task An_account_of_the_database_reaches_its_own_database_alone()
    {
        string[] databases = [.. WithStores.SelectMany(service => (string[])[service, $"{service}_keys"])];
        var wrong = new List<string>();
        foreach (var account in databases)
        {
            using var client = new MongoClient(await DatabaseOfAsync(account));
            foreach (var database in (string[])[.. databases, "admin"])
            {
                var (found, expected) = (await FindAsync(client, database), database == account ? Allowed : Refused);
                if (found != expected) wrong.Add($"{account} reads {database}: {found}");
                if (database == account) continue;
                found = await TryAsync(() => client.GetDatabase(database).GetCollection<BsonDocument>("tests").InsertOneAsync(new BsonDocument("_id", 1)));
                if (found != Refused) wrong.Add($"{account} writes to {database}: {found}");
            }
        }

        Assert.Empty(wrong);
    }

    [ContractFact]
    public async Task Each_of_several_instances_keeps_the_promise()
    {
        await System.Project.UpAsync("--no-build", "--no-recreate", "--scale", "profile=3", "--scale", "recommendation=2");
        try
        {
            var profiles = await AddressesAsync("profile");
            var recommenders = await AddressesAsync("recommendation");
            Assert.Equal((3, 2), (profiles.Count, recommenders.Count));
            await Cinema.SettleAsync("boris");
            // Each by itself serves the person before.
            foreach (var address in recommenders)
                await Eventually.Is($"{address} recommends personally", () => IsPersonalizedAsync(address, "boris"), isPersonalized => isPersonalized, Recovered);
            foreach (var address in profiles) Assert.NotEmpty(await HeldAsync(address, "boris"));

            var (status, answer) = await Cinema.RevokeAsync("boris");

            Assert.Equal(HttpStatusCode.OK, status);
            foreach (var address in recommenders) Assert.False(await IsPersonalizedAsync(address, "boris"), $"{address} still recommends personally.");
            foreach (var address in profiles) Assert.Empty(await HeldAsync(address, "boris"));
            await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
        }
        finally
        {
            await System.Project.UpAsync("--no-build", "--no-recreate", "--scale", "profile=1", "--scale", "recommendation=1");
        }
    }

    // A message that names another sender than the account is refused too, but only to those who may write there: nothing is sent either way.
    private static async Task PublishNothingAsync(IChannel channel, string exchange, string probe)
    {
        await channel.BasicPublishAsync(exchange, probe, mandatory: false, new BasicProperties { UserId = "tests" }, ReadOnlyMemory<byte>.Empty);
        // The answer to it comes before that to this.
        await channel.QueueDeclarePassiveAsync(probe);
        throw new InvalidOperationException("The broker took a message in the name of somebody else.");
    }

    private static async Task<string> TryAsync(Func<Task> use)
    {
        try
        {
            await use();
            return Allowed;
        }
        catch (MongoCommandException refused) when (refused.Code == 13)
        {
            return Refused;
        }
        catch (MongoWriteException refused) when (refused.WriteError.Code == 13)
        {
            return Refused;
        }
    }

    private static async Task<string> FindAsync(MongoClientSettings settings, string database)
    {
        using var client = new MongoClient(settings);
        return await FindAsync(client, database);
    }

    private static Task<string> FindAsync(MongoClient client, string database) =>
        TryAsync(() => client.GetDatabase(database).GetCollection<BsonDocument>("tests").Find(FilterDefinition<BsonDocument>.Empty).FirstOrDefaultAsync());

    private static async Task<bool> ListensAsync(string address, int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // By hand: RabbitMQ's client waits for ever for what such a server says. The first byte of an answer in AMQP would be 1, its first frame.
    private static async Task<int> AnswerToPlainAsync(string address, int port)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address, port);
        await client.GetStream().WriteAsync("AMQP\0\0\t\u0001"u8.ToArray());
        var answer = new byte[1];
        return await client.GetStream().ReadAtLeastAsync(answer, 1, throwOnEndOfStream: false) == 0 ? -1 : answer[0];
    }

    private static string ServiceOf(JsonNode container) => (string)container["Config"]!["Labels"]!["com.docker.compose.service"]!;

    private async Task<bool> IsPersonalizedAsync(string address, string customer)
    {
        using var http = HttpOver(address);
        var answer = JsonNode.Parse(await http.GetStringAsync(new Uri($"https://recommendation:8443/recommendations/{customer}?limit=5")))!;
        return answer["personalized"]!.GetValue<bool>();
    }

    private async Task<JsonArray> HeldAsync(string address, string customer)
    {
        using var http = HttpOver(address, Roles.Subject, customer);
        return JsonNode.Parse(await http.GetStringAsync(new Uri($"https://profile:8443/profiles/{customer}")))!["items"]!.AsArray();
    }

    /// <summary>A client of one instance, which is asked by its service's name.</summary>
    private HttpClient HttpOver(string address, string role = Roles.Product, string? customer = null)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(IPAddress.Parse(address), context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { RemoteCertificateValidationCallback = System.Trust.Accepts },
        });
        http.DefaultRequestHeaders.Authorization = System.As(role, customer).DefaultRequestHeaders.Authorization;
        return http;
    }

    private async Task<IReadOnlyList<string>> AddressesAsync(string service) =>
    [
        .. (await System.Project.InspectAsync()).Where(container => ServiceOf(container!) == service)
            .Select(container => (string)container!["NetworkSettings"]!["Networks"]!.AsObject().Single().Value!["IPAddress"]!),
    ];

    private async Task<string> BrokerPasswordAsync(string account) => (await System.Project.RunAsync(
        WithStores.Contains(account)
            ? ["exec", "-T", account, "cat", $"/keys/{account}/settings/Broker__Uri"]
            : ["exec", "-T", "--user", "0", "rabbitmq", "cat", $"/keys/rabbitmq/users/{account}"])).Trim().Split('@')[0].Split(':')[^1];

    private async Task<IConnection> ConnectAsync(string account, string password) =>
        await Factory((await AddressesAsync("rabbitmq")).Single(), account, password).CreateConnectionAsync();

    private ConnectionFactory Factory(string broker, string account, string password) => new()
    {
        HostName = broker,
        Port = 5671,
        UserName = account,
        Password = password,
        VirtualHost = "personalization",
        AutomaticRecoveryEnabled = false,
        Ssl = new SslOption("rabbitmq", enabled: true) { CertificateValidationCallback = System.Trust.Accepts },
    };

    private async Task<MongoClientSettings> DatabaseOfAsync(string account, bool isEncrypted = true)
    {
        var password = (await System.Project.RunAsync("exec", "-T", "mongo", "cat", $"/keys/mongo/users/{account}")).Trim();
        var address = (await AddressesAsync("mongo")).Single();
        var settings = MongoClientSettings.FromConnectionString($"mongodb://{account}:{password}@{address}:27017/{account}?directConnection=true&serverSelectionTimeoutMS=5000");
        if (!isEncrypted) return settings;
        settings.UseTls = true;
        // Asked by its address, so that the name is the one thing that may differ.
        settings.SslSettings = new SslSettings { ServerCertificateValidationCallback = (sender, certificate, chain, errors) => System.Trust.Accepts(sender, certificate, chain, errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) };
        return settings;
    }

    /// <summary>An account's way to the broker, made again where the broker ended it.</summary>
    private sealed class Account(Func<Task<IConnection>> connect) : IAsyncDisposable
    {
        private IConnection? connection;

        public async Task<string> TryAsync(Func<IChannel, Task> use)
        {
            if (connection is not { IsOpen: true })
            {
                await DisposeAsync();
                connection = await connect();
            }

            await using var channel = await connection.CreateChannelAsync();
            try
            {
                await use(channel);
                return Allowed;
            }
            catch (OperationInterruptedException ended)
            {
                return ended.ShutdownReason!.ReplyCode == Constants.AccessRefused ? Refused : Allowed;
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (connection is not null) await connection.DisposeAsync();
        }
    }
}
