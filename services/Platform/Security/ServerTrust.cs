using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Personalization.Platform.Security;

/// <summary>
/// Whom an encrypted connection inside the deployment may lead to. Where there is <c>shared/authority.pem</c> below the keys' directory, only a server
/// whose certificate that authority has issued; else one that the machine trusts. Always by the name it was asked for and within the certificate's
/// time: nothing that is wrong with a certificate is let pass.
/// </summary>
public sealed class ServerTrust
{
    /// <summary>What the deployment's connections speak.</summary>
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    private static readonly Oid ServerAuthentication = new("1.3.6.1.5.5.7.3.1");

    private readonly X509Certificate2Collection? authorities;

    /// <summary>Reads the authority; while it is being replaced there are two, the older one and the newer one.</summary>
    /// <param name="keysDirectory">Where the deployment's keys are; null: the machine's authorities count.</param>
    /// <exception cref="CryptographicException">The file is there and holds no certificate.</exception>
    public ServerTrust(string? keysDirectory)
    {
        if (keysDirectory is null || FileIn(keysDirectory) is not { } file || !File.Exists(file)) return;
        authorities = [];
        authorities.ImportFromPemFile(file);
        if (authorities.Count == 0) throw new CryptographicException($"{file} holds no certificate.");
    }

    /// <summary>Where the authority's certificate lies.</summary>
    public static string FileIn(string keysDirectory) => Path.Combine(keysDirectory, "shared", "authority.pem");

    /// <summary>The check, in the form in which HTTP, RabbitMQ and MongoDB take it.</summary>
    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (authorities is null) return errors == SslPolicyErrors.None;
        // The machine doesn't know the authority, so that the chain alone is in doubt; it is built again from there.
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None) return false;
        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.ApplicationPolicy.Add(ServerAuthentication);
        using var server = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(server);
    }
}
