using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>
/// The commands <c>rotate-credentials</c> and <c>retire-credentials</c>: the next signing keys, and the next accounts at broker and database, beside those in use;
/// and, when nobody uses them any more, the end of the older ones. In between both are good, so that services are restarted one by one.
/// </summary>
internal static class RotateCredentials
{
    /// <summary>Makes what comes next.</summary>
    public static int Rotate(string directory, IReadOnlyList<string> options)
    {
        foreach (var service in ServicesOf(directory, options))
        {
            var made = new List<string>();
            if (Init.ProductServices.Contains(service))
            {
                var next = Accounts.After(Accounts.NewestIn(Init.BrokerUsers(directory), service));
                Provisioning.EnsureSecret(Path.Combine(Init.BrokerUsers(directory), next), Init.NewPassword);
                made.Add($"{next} at the broker");
            }
            else
            {
                made.Add($"{Provisioning.AddSigningKey(directory, service)} to sign with");
                foreach (var setting in Init.AddressesOf(directory, service))
                {
                    var address = File.ReadAllText(setting.Path);
                    var next = Accounts.After(Accounts.Of(address).Account);
                    var password = setting.IsBroker ? Init.NewPassword() : Provisioning.EnsureSecret(Path.Combine(Init.DatabaseUsers(directory), next), Init.NewPassword);
                    Provisioning.Replace(setting.Path, Accounts.Replace(address, next, password), UnixFileMode.UserRead);
                    made.Add($"{next} at the {(setting.IsBroker ? "broker" : "database")}");
                }
            }

            Console.WriteLine($"{service}: {string.Join(", ", made)}.");
        }

        Init.Complete(directory);
        Console.WriteLine("Tell broker and database, restart the services one by one, and then retire what they used before.");
        return 0;
    }

    /// <summary>Ends what came before the newest; says what remains to be done at the broker.</summary>
    public static int Retire(string directory, IReadOnlyList<string> options)
    {
        foreach (var service in ServicesOf(directory, options))
        {
            if (Init.ProductServices.Contains(service))
            {
                foreach (var account in RemoveOlder(Init.BrokerUsers(directory), service)) SayDelete(account);
                continue;
            }

            Provisioning.RemoveOlderSigningKeys(directory, service);
            foreach (var setting in Init.AddressesOf(directory, service))
            {
                var account = Accounts.Of(File.ReadAllText(setting.Path)).Account;
                if (!setting.IsBroker) RemoveOlder(Init.DatabaseUsers(directory), Accounts.FirstOf(account));
                else if (Accounts.Before(account) is { } before) SayDelete(before);
            }
        }

        Init.Complete(directory);
        return 0;

        static void SayDelete(string account) => Console.WriteLine($"rabbitmqctl delete_user {account}");
    }

    private static string[] RemoveOlder(string folder, string first)
    {
        string[] older = [.. Accounts.AllIn(folder, first).SkipLast(1)];
        foreach (var account in older) File.Delete(Path.Combine(folder, account));
        return older;
    }

    private static string[] ServicesOf(string directory, IReadOnlyList<string> options)
    {
        string[] there = [.. Init.Services.Where(service => Directory.Exists(Path.Combine(directory, service, "signing")))];
        if (there.Length == 0) throw new UsageException($"There are no signing keys in {directory}; `personalization init` makes them.");
        return new Arguments(options, ["--service"])["--service"] is not { } one ? there
            : there.Concat(Init.ProductServices).Contains(one) ? [one] : throw new UsageException($"There is no service {one}.");
    }
}
