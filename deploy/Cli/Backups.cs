using System.Globalization;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Cli;

/// <summary>
/// The commands <c>backup</c> and <c>restore</c>: copies of the services' stores, those of the data and those of the keys apart, because whoever
/// has both can read what one of them alone doesn't tell.
/// </summary>
internal static class Backups
{
    private static readonly string[] Services = ["audit", "consent", "profile", "recommendation", "retention"];

    public static async Task<int> BackupAsync(string directory, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var chosen = new Chosen(options);
        CreatePrivate(directory);
        foreach (var service in chosen.Services)
        {
            var header = new BackupHeader(service, chosen.Kind, TimeProvider.System.GetUtcNow());
            var file = FileOf(directory, service, chosen.Kind);
            var unfinished = file + ".part";
            await using var store = chosen.Open(service);
            long documents;
            await using (var output = new FileStream(unfinished, PrivateFile()))
                documents = await ExplainAsync(service, () => StoreBackup.WriteAsync(store, header, output, cancellationToken));
            File.Move(unfinished, file, overwrite: true);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{service}: {documents} documents of its {chosen.Kind} in {file}"));
        }

        return 0;
    }

    public static async Task<int> RestoreAsync(string directory, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var chosen = new Chosen(options);

        // All of them are looked at before one is touched.
        foreach (var service in chosen.Services)
        {
            await using var input = Input(directory, service, chosen.Kind);
            var header = await ExplainAsync(service, () => StoreBackup.CheckAsync(input, cancellationToken));
            if (header.Service != service || header.Store != chosen.Kind)
                throw new CommandException($"{FileOf(directory, service, chosen.Kind)} holds the {header.Store} of {header.Service}.");
            Console.WriteLine($"{service}: made at {header.MadeAt:yyyy-MM-dd HH:mm:ss} UTC, whole");
            await using var store = chosen.Open(service);
            if (!chosen.Replaces && (await ExplainAsync(service, () => store.CountCollectionsAsync(cancellationToken))).Values.Sum() > 0)
                throw new CommandException($"The {chosen.Kind} store of {service} isn't empty. --replace puts the copy in place of what it holds; stop the service first.");
        }

        foreach (var service in chosen.Services)
        {
            await using var input = Input(directory, service, chosen.Kind);
            await using var store = chosen.Open(service);
            var restored = await ExplainAsync(service, () => StoreBackup.RestoreAsync(store, input, cancellationToken));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{service}: {restored} documents restored"));
        }

        Console.WriteLine("Started now, a service erases again what was erased since the copy was made, and is ready after that.");
        return 0;
    }

    private static async Task<T> ExplainAsync<T>(string service, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is BackupUnusableException or StoreUnusableException or StoreUnreachableException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{service}: {e.Message}");
        }
    }

    private static FileStream Input(string directory, string service, string kind)
    {
        var file = FileOf(directory, service, kind);
        return File.Exists(file) ? File.OpenRead(file) : throw new CommandException($"There is no {file}.");
    }

    private static string FileOf(string directory, string service, string kind) => Path.Combine(directory, $"{service}.{kind}.ndjson.gz");

    private static void CreatePrivate(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStreamOptions PrivateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>What the options choose, and where its stores are: a setting of the deployment, otherwise a file of the local server.</summary>
    private sealed class Chosen
    {
        private readonly string keys;
        private readonly string data;

        public Chosen(IReadOnlyList<string> options)
        {
            var arguments = new Arguments(options, ["--service", "--keys", "--data"], "--key-stores", "--replace");
            keys = arguments["--keys"] ?? Environment.GetEnvironmentVariable("Keys__Directory") ?? Path.Combine(".data", "keys");
            data = arguments["--data"] ?? Path.GetDirectoryName(Path.GetFullPath(keys))!;
            Kind = arguments.Has("--key-stores") ? "keys" : "data";
            Replaces = arguments.Has("--replace");
            Services = arguments["--service"] is not { } one ? Backups.Services
                : Backups.Services.Contains(one) ? [one] : throw new UsageException($"There is no service {one} with a store: {string.Join(", ", Backups.Services)}.");
        }

        public IReadOnlyList<string> Services { get; }

        public string Kind { get; }

        public bool Replaces { get; }

        public IDocumentStore Open(string service)
        {
            var setting = Path.Combine(keys, service, "settings", $"{char.ToUpperInvariant(service[0])}{service[1..]}__{(Kind == "keys" ? "KeyStore" : "Store")}");
            if (File.Exists(setting)) return DocumentStores.Open(File.ReadAllText(setting).Trim(), new ServerTrust(keys));
            var file = Kind == "keys" ? Path.Combine(keys, service, "data-keys.db") : Path.Combine(data, $"{service}.db");
            return File.Exists(file) ? DocumentStores.Open($"sqlite:{file}") : throw new CommandException($"{service} has no store here: there is neither {setting} nor {file}.");
        }
    }
}
