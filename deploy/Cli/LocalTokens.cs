using Personalization.Platform.Http;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>Tokens of the local issuer, each an RFC 9068 access token. Services accept this issuer in Development only.</summary>
internal sealed class LocalTokens : ITokenSource
{
    private static readonly string[] KnownRoles =
        [Roles.Product, Roles.Operator, Roles.Officer, Roles.Marketer, Roles.Auditor, Roles.Subject, Roles.Service];

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly MessageSigner signer;

    /// <param name="keysDirectory">The deployment's keys; null stands for <c>$Keys__Directory</c>, else <c>.data/keys</c>.</param>
    /// <exception cref="UsageException">The issuer's key is not there.</exception>
    public LocalTokens(string? keysDirectory)
    {
        var folder = FolderOf(keysDirectory);
        if (!Directory.Exists(folder))
            throw new UsageException($"There is no issuer key in {folder}: start the server once, or name the directory with --keys.");
        signer = new MessageSigner(Tokens.LocalIssuerKey, folder, TimeProvider.System);
    }

    /// <summary>Whether the issuer's key is there.</summary>
    public static bool Exist(string? keysDirectory) => Directory.Exists(FolderOf(keysDirectory));

    /// <summary>The command <c>token</c>.</summary>
    public static int Print(string role, IReadOnlyList<string> options)
    {
        var arguments = new Arguments(options, ["--subject", "--region", "--keys", "--url"], "--link");
        using var tokens = new LocalTokens(arguments["--keys"]);
        var token = tokens.Sign(role, arguments["--subject"], arguments["--region"] ?? "ru");
        Console.WriteLine(arguments.Has("--link") ? $"{(arguments["--url"] ?? Server.Local.ToString()).TrimEnd('/')}/sign-in?token={token}" : token);
        return 0;
    }

    /// <exception cref="UsageException">The role is unknown, or the customer id is missing or out of place.</exception>
    public string Sign(string role, string? customerId = null, string region = "ru")
    {
        if (!KnownRoles.Contains(role))
            throw new UsageException($"Unknown role {role}. The roles are {string.Join(", ", KnownRoles)}.");
        if ((role == Roles.Subject) != (customerId is not null))
            throw new UsageException($"The role {Roles.Subject}, and no other, needs --subject CUSTOMER.");

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
        return signer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), Lifetime, claims);
    }

    public void Dispose() => signer.Dispose();

    /// <summary>The deployment's keys: those named, or those that the environment or the working directory has.</summary>
    public static string DirectoryOf(string? keysDirectory) => keysDirectory ?? Environment.GetEnvironmentVariable("Keys__Directory") ?? Path.Combine(".data", "keys");

    private static string FolderOf(string? keysDirectory) => Path.Combine(DirectoryOf(keysDirectory), Tokens.LocalIssuerKey);
}
