using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Personalization.Cli;

/// <summary>Tokens of the local issuer, an RFC 9068 access token each. Services accept this issuer in Development only.</summary>
internal static class Token
{
    private static readonly string[] Roles = ["product", "operator", "officer", "marketer", "auditor", "subject", "service"];
    private static readonly TimeSpan Validity = TimeSpan.FromHours(12);

    public static int Run(string role, IReadOnlyList<string> options)
    {
        var arguments = new Arguments(options, ["--subject", "--region", "--keys"]);
        Console.WriteLine(Sign(KeysDirectory(arguments["--keys"]), role, arguments["--subject"], arguments["--region"] ?? "ru"));
        return 0;
    }

    public static string KeysDirectory(string? option) =>
        option ?? Environment.GetEnvironmentVariable("Keys__Directory") ?? Path.Combine(".data", "keys");

    /// <summary>Signs with the newest issuer key under <paramref name="keysDirectory"/>.</summary>
    /// <exception cref="UsageException">The role is unknown, the customer id is missing or out of place, or there is no issuer key.</exception>
    public static string Sign(string keysDirectory, string role, string? customerId = null, string region = "ru")
    {
        if (!Roles.Contains(role))
            throw new UsageException($"Unknown role {role}. The roles are {string.Join(", ", Roles)}.");
        if ((role == "subject") != (customerId is not null))
            throw new UsageException("The role subject, and no other, needs --subject CUSTOMER.");

        string keyFile = IssuerKey(keysDirectory);
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(keyFile));

        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var claims = new Dictionary<string, object>
        {
            ["sub"] = customerId ?? role,
            ["client_id"] = "personalization-cli",
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["role"] = role,
            ["region"] = region,
        };
        if (customerId is not null)
            claims["customer_id"] = customerId;

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            TokenType = "at+jwt",
            Issuer = "personalization-local",
            Audience = "personalization",
            IssuedAt = now,
            NotBefore = now,
            Expires = now + Validity,
            Claims = claims,
            SigningCredentials = new SigningCredentials(
                // A cached signature provider would outlive the key, which is disposed with this call.
                new ECDsaSecurityKey(key) { KeyId = Path.GetFileNameWithoutExtension(keyFile), CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false } },
                SecurityAlgorithms.EcdsaSha256),
        });
    }

    private static string IssuerKey(string keysDirectory)
    {
        string folder = Path.Combine(keysDirectory, "issuer");
        string? newest = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "issuer-*.pem").MaxBy(Number) : null;
        return newest ?? throw new UsageException($"No issuer key in {folder}: start the server once, or name the directory with --keys.");

        static int Number(string path) => int.Parse(Path.GetFileNameWithoutExtension(path)["issuer-".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
