using Personalization.Platform.Privacy;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>The command <c>rotate-keys</c>: gives keyrings their next key-encryption key. The services do the rest while they serve.</summary>
internal static class RotateKeys
{
    public static int Run(string directory, IReadOnlyList<string> options)
    {
        var arguments = new Arguments(options, ["--service"]);
        string[] services = arguments["--service"] is { } one ? [one] : [.. ServicesIn(directory)];
        if (services.Length == 0 || !services.All(service => FileKeyring.IsIn(KeyringOf(directory, service))))
            throw new UsageException($"There is no keyring in {KeyringOf(directory, arguments["--service"] ?? "SERVICE")}.");

        foreach (var service in services)
        {
            var key = Provisioning.AddKeyEncryptionKey(directory, service);

            // In a container this runs as root, and the service doesn't.
            if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess) Init.HandOver(KeyringOf(directory, service));
            Console.WriteLine($"{service}: {key} is there. Its instances find it within a minute, and log when every data key is under it.");
        }

        Console.WriteLine("Keep the older keys as long as there are backups of the key stores that need them.");
        return 0;
    }

    private static IEnumerable<string> ServicesIn(string directory) => Directory.Exists(directory)
        ? Directory.GetDirectories(directory).Select(folder => Path.GetFileName(folder)!).Where(service => FileKeyring.IsIn(KeyringOf(directory, service))).Order(StringComparer.Ordinal)
        : [];

    private static string KeyringOf(string directory, string service) => Path.Combine(directory, service, "keyring");
}
