using System.Globalization;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Microsoft.Extensions.Logging.Abstractions;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Personalization.Testing;

/// <summary>
/// A MongoDB replica set for the tests of this process: that of <c>PERSONALIZATION_TEST_MONGODB</c> (a connection string whose
/// user may create databases), else a container of <c>mongo:8</c>, started when first asked for.
/// </summary>
public static class MongoServer
{
    /// <summary>Names a server to use instead of a container.</summary>
    public const string Variable = "PERSONALIZATION_TEST_MONGODB";

    /// <summary>The image that tests run.</summary>
    public const string Image = "mongo:8";

    private const ushort Port = 27017;

    /// <summary>For how long a server of this process keeps what a dead client's transaction has locked: 60 s unless told otherwise, longer than a message is tried again.</summary>
    private const int TransactionSeconds = 5;

    private static readonly string? Given = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value ? value : null;
    private static readonly Lazy<Task<string>> Server = new(() => Given is null ? StartAsync() : Task.FromResult(Given));

    /// <summary>Why there is no MongoDB; null if there is.</summary>
    public static string? Unavailable =>
        Given is not null || Docker.IsAvailable ? null : $"No MongoDB: {Variable} is not set and no Docker engine answers.";

    /// <summary>Why no container can be started; null if one can.</summary>
    public static string? ContainersUnavailable => Docker.IsAvailable ? null : "No Docker engine answers.";

    /// <summary>The connection string of a new, empty database. It is dropped at the end.</summary>
    public static async Task<string> NewDatabaseAsync()
    {
        var url = new MongoUrlBuilder(await Server.Value);
        // Without a database in the path, the user is looked up in the one that the string named before.
        if (url.Username is not null)
            url.AuthenticationSource ??= url.DatabaseName ?? "admin";
        url.DatabaseName = $"test_{Guid.NewGuid():N}";
        string connectionString = url.ToString();
        if (Given is not null)
            TestServers.StopAtEnd(async () =>
            {
                using var client = new MongoClient(connectionString);
                await client.DropDatabaseAsync(url.DatabaseName);
            });
        return connectionString;
    }

    /// <summary>Starts a container of <see cref="Image"/> with these flags of <c>mongod</c>, for one test; null arguments: standalone.</summary>
    public static async Task<(IContainer Container, string ConnectionString)> StartContainerAsync(params string[] flags)
    {
        IContainer container = new ContainerBuilder(Image)
            .WithLogger(NullLogger.Instance)
            .WithCommand(["--bind_ip_all", .. flags])
            .WithPortBinding(Port, assignRandomHostPort: true)
            .Build();
        try
        {
            await container.StartAsync();
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
        // The member calls itself by a name of inside the container, so the driver must not ask it for its address.
        return (container, $"mongodb://{container.Hostname}:{container.GetMappedPublicPort(Port)}/test?directConnection=true");
    }

    private static async Task<string> StartAsync()
    {
        (IContainer container, string connectionString) = await StartContainerAsync("--replSet", "rs0", "--setParameter", $"transactionLifetimeLimitSeconds={TransactionSeconds}");
        TestServers.StopAtEnd(() => container.DisposeAsync().AsTask());

        using var client = new MongoClient(connectionString);
        IMongoDatabase admin = client.GetDatabase("admin");
        var config = new BsonDocument
        {
            { "_id", "rs0" },
            { "members", new BsonArray { new BsonDocument { { "_id", 0 }, { "host", $"localhost:{Port}" } } } },
        };
        await Eventually.Is(
            "MongoDB is the primary of its replica set",
            async () =>
            {
                BsonDocument hello = await admin.RunCommandAsync<BsonDocument>(new BsonDocument("hello", 1));
                if (!hello.Contains("setName"))
                    await admin.RunCommandAsync<BsonDocument>(new BsonDocument("replSetInitiate", config));
                return hello.GetValue("setName", "") == "rs0" && hello["isWritablePrimary"].ToBoolean();
            },
            within: TimeSpan.FromSeconds(120));
        await LimitTransactionsOfPostgresAsync(container);
        return connectionString;
    }

    /// <summary>
    /// Where the image is DocumentDB, which speaks MongoDB's protocol but keeps its data in PostgreSQL, the parameter above says nothing to it and a
    /// dead client's transaction would stay open for ever: PostgreSQL has a limit of its own.
    /// </summary>
    private static async Task LimitTransactionsOfPostgresAsync(IContainer container)
    {
        const string Limit =
            "for psql in /usr/lib/postgresql/*/bin/psql; do [ ! -x $psql ] || $psql -h 127.0.0.1 -p 9712 -U postgres -v ON_ERROR_STOP=1 "
            + "-c \"ALTER SYSTEM SET idle_in_transaction_session_timeout = '$0s'\" -c 'SELECT pg_reload_conf()'; done";
        var limited = await container.ExecAsync(["sh", "-c", Limit, TransactionSeconds.ToString(CultureInfo.InvariantCulture)]);
        if (limited.ExitCode != 0) throw new InvalidOperationException($"PostgreSQL behind MongoDB's protocol took no limit for transactions: {limited.Stderr}");
    }
}
