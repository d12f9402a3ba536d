using System.ComponentModel.DataAnnotations;

namespace Personalization.Platform.Privacy;

/// <summary>Who wraps data keys.</summary>
public enum KeyEncryptionProvider
{
    /// <summary>Keys in files: <see cref="FileKeyring"/>.</summary>
    File,

    /// <summary>HashiCorp Vault: <see cref="VaultTransit"/>.</summary>
    Vault,
}

/// <summary>Where the key-encryption keys are (section <c>KeyEncryption</c>).</summary>
public sealed record KeyEncryptionOptions : IValidatableObject
{
    /// <summary>Default: file. What the file keyring wrapped before stays readable with vault, as long as its keys are there, and is moved.</summary>
    public KeyEncryptionProvider Provider { get; init; } = KeyEncryptionProvider.File;

    /// <summary>Used with the provider vault.</summary>
    public VaultOptions Vault { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider != KeyEncryptionProvider.Vault) yield break;
        if (Vault.Address is not { IsAbsoluteUri: true } address)
            yield return new ValidationResult("KeyEncryption:Vault:Address is missing: the URL of Vault, https://vault.example:8200 for example.");
        else if (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback))
            yield return new ValidationResult("KeyEncryption:Vault:Address is not https: data keys and the token would cross the network in clear.");
        if (string.IsNullOrWhiteSpace(Vault.TokenFile))
            yield return new ValidationResult("KeyEncryption:Vault:TokenFile is missing: the file with Vault's token, where an agent renews it.");
        if (Vault.TimeoutMilliseconds is < 100 or > 60_000)
            yield return new ValidationResult("KeyEncryption:Vault:TimeoutMilliseconds is 100 to 60000.");
    }
}

/// <summary>How Vault's transit engine is reached.</summary>
public sealed record VaultOptions
{
    /// <summary>Its URL; https, or http on this very machine.</summary>
    public Uri? Address { get; init; }

    /// <summary>The file with the token. Read again when it changes, so that an agent can renew it.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Where the engine is mounted. Default: transit.</summary>
    public string Mount { get; init; } = "transit";

    /// <summary>Before the service's name, the name of its key. Default: <c>personalization-</c>, so Profile's is <c>personalization-profile</c>.</summary>
    public string KeyPrefix { get; init; } = "personalization-";

    /// <summary>Vault Enterprise's namespace, if any.</summary>
    public string? Namespace { get; init; }

    /// <summary>For one attempt; there are three. Default: 2000, at least 100, at most 60000.</summary>
    public int TimeoutMilliseconds { get; init; } = 2000;
}
