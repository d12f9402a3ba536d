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
using Personalization.System.Tests.Torture;
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
        await using (await ConnectAsync("cinema")) { }

        var database = await DatabaseOfAsync("profile", isEncrypted: false);
        await Assert.ThrowsAsync<TimeoutException>(() => FindAsync(database, "profile"));
        Assert.Equal(Allowed, await FindAsync(await DatabaseOfAsync("profile"), "profile"));
    }

    [ContractFact]
    public async Task A_server_of_another_authority_is_not_spoken_to()
    {
        var stranger = new ServerTrust(null);
        var broker = (await AddressesAsync("rabbitmq")).Single();
        var factory = Factory(broker, await BrokerAccountAsync("cinema"));
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
            var credentials = await BrokerAccountAsync(account);
            await using var broker = new Account(() => ConnectAsync(credentials));

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

    /// <summary>As docs/operations.md says it, line by line, while customers choose, are seen and are served.</summary>
    [ContractFact]
    public async Task Keys_and_passwords_are_rotated_under_load_and_the_older_ones_are_worth_nothing()
    {
        var (broker, product, database) = (await BrokerAccountAsync("profile"), await BrokerAccountAsync("cinema"), await NewestAsync("mongo", "/keys/mongo/users", "profile_keys"));
        await UnderLoadAsync(async () =>
        {
            await InitAsync("rotate-keys", "/keys");
            await InitAsync("rotate-credentials", "/keys");
            await InitAsync("rotate-credentials", "/keys", "--service", "cinema");
            await System.Project.RunAsync("exec", "-T", "rabbitmq", "rabbitmqctl", "import_definitions", "/keys/rabbitmq/definitions.json");
            await System.Project.RunAsync("exec", "-T", "mongo", "mongosh", "--quiet", "--nodb", "/deploy/ready.js");
            // Both are good now.
            foreach (var account in new[] { broker, await BrokerAccountAsync("profile"), product, await BrokerAccountAsync("cinema") }) await using (await ConnectAsync(account)) { }
            foreach (var service in WithStores)
            {
                await System.Project.RunAsync("restart", service);
                await System.Project.UpAsync("--no-build", "--no-recreate", "--no-deps", service);
            }

            var retired = await InitAsync("retire-credentials", "/keys") + await InitAsync("retire-credentials", "/keys", "--service", "cinema");
            await System.Project.RunAsync("exec", "-T", "mongo", "mongosh", "--quiet", "--nodb", "/deploy/ready.js");
            foreach (var line in retired.Split('\n', StringSplitOptions.RemoveEmptyEntries)) await System.Project.RunAsync(["exec", "-T", "rabbitmq", .. line.Split(' ')]);
        });

        foreach (var (account, service) in new[] { (broker, "profile"), (product, "cinema") })
        {
            await Assert.ThrowsAsync<BrokerUnreachableException>(() => ConnectAsync(account));
            Assert.Equal($"{account.Name}-2", (await BrokerAccountAsync(service)).Name);
            await using (await ConnectAsync(service)) { }
        }

        await Assert.ThrowsAsync<MongoAuthenticationException>(async () => await FindAsync(await DatabaseOfAsync("profile_keys", database), "profile_keys"));
        Assert.Equal(Allowed, await FindAsync(await DatabaseOfAsync("profile_keys"), "profile_keys"));
        Assert.Equal("profile-2.pem", (await System.Project.RunAsync("exec", "-T", "profile", "ls", "/keys/profile/signing")).Trim());
        Assert.Equal(["profile-1", "profile-2"], JsonNode.Parse(await System.Project.RunAsync("exec", "-T", "profile", "cat", "/keys/shared/trust.json"))!["keys"]!.AsArray()
            .Where(key => (string)key!["producer"]! == "profile").Select(key => (string)key!["kid"]!));

        Task<string> InitAsync(params string[] command) => System.Project.RunAsync(["run", "--rm", "-T", "init", .. command]);
    }

    [ContractFact]
    public async Task A_broker_that_lost_all_it_had_is_replaced_under_load()
    {
        await UnderLoadAsync(async () =>
        {
            await System.Project.RunAsync("rm", "--stop", "--force", "--volumes", "rabbitmq");
            await System.Project.RemoveVolumeAsync("rabbitmq-data");
            await System.Project.UpAsync("--no-build", "--no-recreate", "rabbitmq");
        });
    }

    [ContractFact]
    public async Task A_broker_whose_disk_is_full_takes_nothing_and_loses_nothing()
    {
        await Cinema.SettleAsync("emil");
        await UnderLoadAsync(async () =>
        {
            await System.Project.RunAsync("exec", "-T", "rabbitmq", "rabbitmqctl", "set_disk_free_limit", "100000GB");
            await Eventually.Is("the broker has an alarm", async () => await System.Project.RunAsync("exec", "-T", "rabbitmq", "rabbitmq-diagnostics", "alarms"), said => said.Contains("disk", StringComparison.OrdinalIgnoreCase), Recovered);
            // What a revocation needs goes past the broker; what is to be told waits.
            var (status, answer) = await Cinema.RevokeAsync("emil");
            Assert.True(status is HttpStatusCode.OK or HttpStatusCode.Accepted, $"The revocation was answered with {status}.");
            Assert.Null(answer["type"]);
            Assert.False((await Cinema.RecommendAsync("emil"))["personalized"]!.GetValue<bool>());
            await System.Project.RunAsync("exec", "-T", "rabbitmq", "rabbitmqctl", "set_disk_free_limit", "1GB");
            await Cinema.UntilCompletedAsync(answer["caseId"]!.GetValue<string>());
        });
    }

    /// <summary>Customers choose, are seen and are served while something is done to the system; then it is as it has to be.</summary>
    private async Task UnderLoadAsync(Func<Task> disturb)
    {
        await using var history = new History(Path.Combine(AppContext.BaseDirectory, "torture", $"{Guid.NewGuid():N}.ndjson"));
        var workload = new Workload(System, Cinema, history, seed: 1);
        await workload.PrepareAsync();
        using var stop = new CancellationTokenSource();
        var work = workload.RunAsync(stop.Token);
        try
        {
            await disturb();
            var until = history.Now + TimeSpan.FromSeconds(5);
            await Eventually.Is("it was at work afterwards", () => Task.FromResult(history.Now), now => now > until, Recovered);
        }
        finally
        {
            await stop.CancelAsync();
            await work;
        }

        await Eventually.Is(
            "no case waits", async () => JsonNode.Parse(await System.As(Roles.Officer).GetStringAsync(new Uri("/erasures?sort=due", UriKind.Relative)))!["items"]!.AsArray().Count, waiting => waiting == 0, Recovered);
        var operations = await history.CompleteAsync();
        var held = new List<HeldEvent>();
        foreach (var customer in Workload.Customers) held.AddRange((await workload.HeldOfAsync(customer)).Select(item => new HeldEvent(customer, item.Time, item.Purposes)));
        Assert.Empty(Judge.FlawsOf(operations, held));
        Assert.All(
            (int[])[operations.Count(operation => operation is { Act: Act.Revoke, Status: 200 }), operations.Count(operation => operation is { Act: Act.Grant, Status: 200 }), operations.Count(operation => operation.Stored is not null)],
            count => Assert.True(count >= 3, $"Too little happened: {count} of one kind."));
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

    /// <summary>The newest account of a service or a product service at the broker, and its password.</summary>
    private async Task<(string Name, string Password)> BrokerAccountAsync(string service)
    {
        if (WithStores.Contains(service))
        {
            var address = await System.Project.RunAsync("exec", "-T", service, "cat", $"/keys/{service}/settings/Broker__Uri");
            return address.Split('/')[2].Split('@')[0].Split(':') is [var name, var password] ? (name, password) : throw new InvalidOperationException("The setting has no account.");
        }

        return await NewestAsync("rabbitmq", "/keys/rabbitmq/users", service);
    }

    /// <summary>The newest account that has a file in the folder, which holds its password.</summary>
    private async Task<(string Name, string Password)> NewestAsync(string container, string folder, string first)
    {
        var names = (await System.Project.RunAsync("exec", "-T", "--user", "0", container, "ls", folder)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var name = names.Where(name => name == first || name.StartsWith($"{first}-", StringComparison.Ordinal)).OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal).Last();
        return (name, (await System.Project.RunAsync("exec", "-T", "--user", "0", container, "cat", $"{folder}/{name}")).Trim());
    }

    private async Task<IConnection> ConnectAsync(string service) => await ConnectAsync(await BrokerAccountAsync(service));

    private async Task<IConnection> ConnectAsync((string Name, string Password) account) =>
        await Factory((await AddressesAsync("rabbitmq")).Single(), account).CreateConnectionAsync();

    private ConnectionFactory Factory(string broker, (string Name, string Password) account) => new()
    {
        HostName = broker,
        Port = 5671,
        UserName = account.Name,
        Password = account.Password,
        VirtualHost = "personalization",
        AutomaticRecoveryEnabled = false,
        Ssl = new SslOption("rabbitmq", enabled: true) { CertificateValidationCallback = System.Trust.Accepts },
    };

    /// <summary>How the newest account of a database reaches it.</summary>
    private async Task<MongoClientSettings> DatabaseOfAsync(string database, bool isEncrypted = true) =>
        await DatabaseOfAsync(database, await NewestAsync("mongo", "/keys/mongo/users", database), isEncrypted);

    private async Task<MongoClientSettings> DatabaseOfAsync(string database, (string Name, string Password) account, bool isEncrypted = true)
    {
        var address = (await AddressesAsync("mongo")).Single();
        var settings = MongoClientSettings.FromConnectionString($"mongodb://{account.Name}:{account.Password}@{address}:27017/{database}?directConnection=true&serverSelectionTimeoutMS=5000");
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
