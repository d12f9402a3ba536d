using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Personalization.Platform.Security;

/// <summary>Outside Development, a service doesn't start with an account at the broker or a database that anybody can guess.</summary>
internal sealed class OwnCredentials(IConfiguration configuration, IWebHostEnvironment environment) : IValidateOptions<DeploymentOptions>
{
    public ValidateOptionsResult Validate(string? name, DeploymentOptions options)
    {
        if (environment.IsDevelopment()) return ValidateOptionsResult.Success;
        var refused = Connections().Where(connection => IsGuessable(connection.Value))
            .Select(connection => $"{connection.Setting} names no account with a password of its own: outside Development nobody's, and none whose password is its name, will do.")
            .ToArray();
        return refused.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(refused);
    }

    private IEnumerable<(string Setting, string Value)> Connections()
    {
        if (configuration["Broker:Uri"] is { } broker) yield return ("Broker:Uri", broker);
        foreach (var section in configuration.GetChildren())
        {
            foreach (var store in (string[])["Store", "KeyStore"])
            {
                if (section[store] is { } value && value.StartsWith("mongodb", StringComparison.Ordinal)) yield return ($"{section.Key}:{store}", value);
            }
        }
    }

    // By hand: a list of hosts, as MongoDB's strings have it, is no URI.
    private static bool IsGuessable(string connection)
    {
        var authority = connection[(connection.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/')[0];
        var at = authority.LastIndexOf('@');
        if (at < 0) return true;
        var account = authority[..at].Split(':', 2);
        return account.Length < 2 || account[1].Length == 0 || account[0] == account[1];
    }
}
