using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Personalization.Contracts.Profile;
using Personalization.Platform.Messaging;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>
/// Everything secret that the containers start with: keys, MongoDB's key file and passwords, each service's connection strings,
/// RabbitMQ's users and topology, and in production certificates. Runs before each start; the passwords and the certificate authority are the only state,
/// everything else follows from them, so that a second run changes nothing and a service added later gets its share.
/// </summary>
internal static partial class Init
{
    // The uids under which the public images mongo and dotnet/aspnet run their process.
    private const uint MongoUser = 999, AppUser = 1654;

    private const UnixFileMode OwnerReads = UnixFileMode.UserRead;

    internal const UnixFileMode EveryoneReads = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    internal static readonly string[] Services = ["audit", "consent", "portal", "profile", "recommendation", "retention"];
    private static readonly string[] ServicesWithStores = [.. Services.Except(["portal"])];
    internal static readonly string[] ProductServices = ["cinema"];

    private static readonly string Withdrawals = BrokerTopology.ExchangeOf(typeof(WithdrawalRecorded));

    // The last one says all that those before it did: fetch. So a service that is away for a year keeps nothing waiting.
    private static readonly IReadOnlyDictionary<string, object?> LastOnly =
        new Dictionary<string, object?> { ["x-queue-type"] = "quorum", ["x-max-length"] = 1, ["x-overflow"] = "drop-head" };

    private static readonly JsonSerializerOptions DefinitionsFormat = new(JsonSerializerOptions.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public static int Run(string directory, IReadOnlyList<string> options)
    {
        var arguments = new Arguments(options, ["--broker", "--database", "--replica-set"], "--keep-owner", "--tls");
        var isEncrypted = arguments.Has("--tls");
        var (broker, database, replicaSet) = (arguments["--broker"] ?? "rabbitmq", arguments["--database"] ?? "mongo:27017", arguments["--replica-set"] ?? "rs0");
        if (!OperatingSystem.IsLinux() || (!arguments.Has("--keep-owner") && !Environment.IsPrivilegedProcess))
            throw new UsageException("init hands files to the users of other containers and must run as root on Linux: docker compose run --rm init");

        Provisioning.EnsureKeys(directory, Services);
        foreach (var service in ServicesWithStores)
        {
            WriteStore(directory, service, "Store", database, replicaSet, isEncrypted, name: service);
            WriteStore(directory, service, "KeyStore", database, replicaSet, isEncrypted, name: $"{service}_keys");
        }

        var mongo = Path.Combine(directory, "mongo");
        Provisioning.EnsureSecret(Path.Combine(mongo, "root-password"), NewPassword);
        Provisioning.EnsureSecret(Path.Combine(mongo, "keyfile"), () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(96)));

        foreach (var service in ServicesWithStores) WriteBrokerAddress(directory, service, broker, isEncrypted);
        foreach (var user in (string[])["admin", .. ProductServices])
            Provisioning.EnsureSecret(Path.Combine(BrokerUsers(directory), Accounts.NewestIn(BrokerUsers(directory), user)), NewPassword);
        WriteBrokerDefinitions(directory);
        if (isEncrypted) WriteCertificates(directory, broker, database);
        TicketOffice.EnsureSecret(directory);
        if (!arguments.Has("--keep-owner")) HandOverAll(directory);

        Console.WriteLine($"Keys and passwords are in {directory}.");
        return 0;
    }

    /// <summary>Brings what follows from keys and accounts in line after a change of these, for who runs it: as root, as <c>init</c> does.</summary>
    public static void Complete(string directory)
    {
        if (!OperatingSystem.IsLinux()) return;
        if (Directory.Exists(BrokerUsers(directory))) WriteBrokerDefinitions(directory);
        if (Environment.IsPrivilegedProcess) HandOverAll(directory);
    }

    /// <summary>The settings of a service that hold an account: those of its stores and of the broker.</summary>
    public static IEnumerable<(string Path, bool IsBroker)> AddressesOf(string directory, string service)
    {
        var name = NameOf(service);
        return ((string[])["Broker__Uri", $"{name}__Store", $"{name}__KeyStore"]).Select(setting => (Path: Setting(directory, service, setting), IsBroker: setting == "Broker__Uri"))
            .Where(setting => File.Exists(setting.Path));
    }

    /// <summary>Where the passwords are of the broker's accounts that are no service's.</summary>
    public static string BrokerUsers(string directory) => Path.Combine(directory, "rabbitmq", "users");

    /// <summary>Where the passwords are of the database's accounts, which the database reads.</summary>
    public static string DatabaseUsers(string directory) => Path.Combine(directory, "mongo", "users");

    public static string NewPassword() => RandomNumberGenerator.GetHexString(64, lowercase: true);

    // A user of its own for each database: who reads the data cannot read the keys that decrypt it, nor another service's data.
    private static void WriteStore(string directory, string service, string setting, string servers, string replicaSet, bool isEncrypted, string name)
    {
        var account = Accounts.NewestIn(DatabaseUsers(directory), name);
        var password = Provisioning.EnsureSecret(Path.Combine(DatabaseUsers(directory), account), NewPassword);
        Provisioning.Replace(Setting(directory, service, $"{NameOf(service)}__{setting}"),
            $"mongodb://{account}:{password}@{servers}/{name}?replicaSet={replicaSet}{(isEncrypted ? "&tls=true" : "")}", OwnerReads);
    }

    [SupportedOSPlatform("linux")]
    private static void WriteCertificates(string directory, string broker, string database)
    {
        using var certificates = new Certificates(directory);
        foreach (var service in Services)
        {
            var folder = Path.Combine(directory, service, "tls");
            certificates.Ensure(folder, OwnerReads, service);
            Provisioning.Replace(Setting(directory, service, "Kestrel__Certificates__Default__Path"), Path.Combine(folder, "certificate.pem"), OwnerReads);
            Provisioning.Replace(Setting(directory, service, "Kestrel__Certificates__Default__KeyPath"), Path.Combine(folder, "key.pem"), OwnerReads);
        }

        // Which uid the broker runs under differs between images; nobody else sees the volume.
        certificates.Ensure(Path.Combine(directory, "rabbitmq", "tls"), EveryoneReads, broker);
        OpenFolder(Path.Combine(directory, "rabbitmq", "tls"));
        certificates.Ensure(Path.Combine(directory, "mongo", "tls"), OwnerReads, [.. database.Split(',').Select(server => server.Split(':')[0])]);
    }

    private static void WriteBrokerAddress(string directory, string service, string host, bool isEncrypted)
    {
        var setting = Setting(directory, service, "Broker__Uri");
        var (account, password) = File.Exists(setting) ? Accounts.Of(File.ReadAllText(setting)) : (service, NewPassword());
        var (scheme, port) = isEncrypted ? (BrokerTopology.EncryptedScheme, 5671) : ("amqp", 5672);
        Provisioning.Replace(setting, $"{scheme}://{account}:{password}@{host}:{port}/{BrokerUser.VirtualHost}", OwnerReads);
    }

    [SupportedOSPlatform("linux")]
    private static void WriteBrokerDefinitions(string directory)
    {
        var users = new List<(BrokerUser User, string Password)>();
        foreach (var service in ServicesWithStores)
        {
            var (account, password) = Accounts.Of(File.ReadAllText(Setting(directory, service, "Broker__Uri")));
            users.Add((BrokerUser.Service(service) with { Name = account }, password));
        }

        foreach (var user in (BrokerUser[])[BrokerUser.Administrator("admin"), .. ProductServices.Select(BrokerUser.Product)])
        {
            foreach (var account in Accounts.AllIn(BrokerUsers(directory), user.Name))
                users.Add((user with { Name = account }, File.ReadAllText(Path.Combine(BrokerUsers(directory), account))));
        }

        // Only hashes of random 256-bit passwords are in it, and which uid the broker runs under differs between images.
        var broker = Path.Combine(directory, "rabbitmq");
        Provisioning.Replace(Path.Combine(broker, "definitions.json"), BrokerDefinitions(users), EveryoneReads);
        OpenFolder(broker);
    }

    [SupportedOSPlatform("linux")]
    private static void OpenFolder(string folder) =>
        File.SetUnixFileMode(folder, EveryoneReads | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    private static string BrokerDefinitions(IReadOnlyCollection<(BrokerUser User, string Password)> users) => JsonSerializer.Serialize(new
    {
        Vhosts = (object[])[new { Name = BrokerUser.VirtualHost }],
        Users = users.Select(u => new
        {
            u.User.Name,
            PasswordHash = BrokerPasswordHash(u.User.Name, u.Password),
            HashingAlgorithm = "rabbit_password_hashing_sha256",
            u.User.Tags,
        }),
        Permissions = users.Select(u => new { User = u.User.Name, Vhost = BrokerUser.VirtualHost, u.User.Configure, u.User.Write, u.User.Read }),
        Exchanges = BrokerTopology.Exchanges
            .Select(exchange => new { Name = exchange, Vhost = BrokerUser.VirtualHost, Type = "fanout", Durable = true, AutoDelete = false, Internal = false, Arguments = new { } }),
        Queues = BrokerTopology.Queues.Concat(ProductServices.Select(service => (Name: BrokerUser.WithdrawalsFor(service), Arguments: LastOnly)))
            .Select(queue => new { queue.Name, Vhost = BrokerUser.VirtualHost, Durable = true, AutoDelete = false, queue.Arguments }),
        Bindings = BrokerTopology.Bindings.Concat(ProductServices.Select(service => (Withdrawals, BrokerUser.WithdrawalsFor(service), true)))
            .Select(binding => new
            {
                Source = binding.Item1,
                Vhost = BrokerUser.VirtualHost,
                Destination = binding.Item2,
                DestinationType = binding.Item3 ? "queue" : "exchange",
                RoutingKey = "",
                Arguments = new { },
            }),
    }, DefinitionsFormat);

    /// <summary>
    /// RabbitMQ's format: base64 of the salt (4 bytes) and SHA-256 of salt and password. The salt follows from the name, so that the definitions
    /// follow from the passwords; a random one would add nothing to a password of 256 random bits.
    /// </summary>
    private static string BrokerPasswordHash(string name, string password)
    {
        var salt = SHA256.HashData(Encoding.UTF8.GetBytes(name))[..4];
        return Convert.ToBase64String([.. salt, .. SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(password)])]);
    }

    private static string Setting(string directory, string service, string name) => Path.Combine(directory, service, "settings", name);

    private static string NameOf(string service) => $"{char.ToUpperInvariant(service[0])}{service[1..]}";

    [SupportedOSPlatform("linux")]
    private static void HandOverAll(string directory)
    {
        foreach (var folder in ((string[])[.. Services, "shared", "issuer", "tickets"]).Select(name => Path.Combine(directory, name)).Where(Directory.Exists))
            HandOver(folder, AppUser);
        if (Path.Combine(directory, "mongo") is var mongo && Directory.Exists(mongo)) HandOver(mongo, MongoUser);
    }

    private static void HandOver(string folder, uint user)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Append(folder))
            if (ChangeOwner(path, user, user) != 0)
                throw new IOException($"{path} could not be given to uid {user}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Gives a folder to the user that services run under.</summary>
    [SupportedOSPlatform("linux")]
    internal static void HandOver(string folder) => HandOver(folder, AppUser);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);
}
