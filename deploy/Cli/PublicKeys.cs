using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>The keys that the commands without a server trust.</summary>
internal static class PublicKeys
{
    /// <summary>The trusted key of an id: from a JSON Web Key Set if one is named, else from the deployment's list.</summary>
    /// <exception cref="UsageException">There is no list, or it can't be read.</exception>
    public static Func<string, TrustedKey?> Of(string? keysDirectory, string? keySet) => keySet is null ? OfDeployment(keysDirectory) : OfSet(keySet);

    private static Func<string, TrustedKey?> OfSet(string file)
    {
        try
        {
            return JsonWebKeys.Read(File.ReadAllText(file)).GetValueOrDefault;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{file} can't be read as a key set: {e.Message}");
        }
    }

    private static Func<string, TrustedKey?> OfDeployment(string? keysDirectory)
    {
        var file = Path.Combine(LocalTokens.DirectoryOf(keysDirectory), "shared", "trust.json");
        if (!File.Exists(file)) throw new UsageException($"There are no public keys in {file}: name the keys' directory with --keys, or a key set with --jwks.");
        return new TrustedKeys(file).Find;
    }
}
