using System.Net;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Personalization.Platform.Security;

namespace Personalization.Cli;

/// <summary>
/// The deployment's own certificate authority, whose key none but <c>init</c> reads, and a certificate for each server. Certificates are for 13 months and made
/// anew when a third of that is left; the authority is for ten years.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class Certificates : IDisposable
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(397), RenewedBefore = Validity / 3;
    private static readonly TimeSpan AuthorityValidity = TimeSpan.FromDays(3650);
    private readonly X509Certificate2 authority;

    /// <summary>Takes the authority that is there, or makes it.</summary>
    /// <exception cref="CommandException">The authority runs out before a certificate of it would.</exception>
    public Certificates(string directory)
    {
        var pem = Provisioning.EnsureSecret(Path.Combine(directory, "authority", "authority.pem"), NewAuthority);
        authority = X509Certificate2.CreateFromPem(pem, pem);
        if (authority.NotAfter.ToUniversalTime() < Now + Validity)
            throw new CommandException($"The certificate authority ends on {authority.NotAfter:yyyy-MM-dd}, before what it would issue now: see docs/operations.md.");
        AuthorityPem = authority.ExportCertificatePem();
        Provisioning.Replace(ServerTrust.FileIn(directory), AuthorityPem, Init.EveryoneReads);
    }

    private static DateTime Now => TimeProvider.System.GetUtcNow().UtcDateTime;

    /// <summary>The authority's certificate, public.</summary>
    public string AuthorityPem { get; }

    /// <summary>
    /// <c>certificate.pem</c>, <c>key.pem</c> and, for those that want it, both in <c>server.pem</c>, unless what is there will do for long enough.
    /// </summary>
    public void Ensure(string folder, UnixFileMode mode, params string[] names)
    {
        var server = Path.Combine(folder, "server.pem");
        var pem = File.Exists(server) && IsGood(File.ReadAllText(server), names) ? File.ReadAllText(server) : Issue(names);
        Provisioning.Replace(server, pem, mode);
        using var certificate = X509Certificate2.CreateFromPem(pem, pem);
        using var key = certificate.GetECDsaPrivateKey()!;
        Provisioning.Replace(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem(), mode);
        Provisioning.Replace(Path.Combine(folder, "certificate.pem"), certificate.ExportCertificatePem(), mode);
        Provisioning.Replace(Path.Combine(folder, "authority.pem"), AuthorityPem, mode);
    }

    public void Dispose() => authority.Dispose();

    private static string NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Personalization", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.CreateSelfSigned(Now.AddHours(-1), Now + AuthorityValidity);
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }

    private bool IsGood(string pem, string[] names)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.NotAfter.ToUniversalTime() > Now + RenewedBefore
            && names.All(name => certificate.MatchesHostname(name))
            && certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().Any(issuer =>
                issuer.KeyIdentifier is { } id && id.Span.SequenceEqual(authority.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes.Span));
    }

    private string Issue(string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names) alternatives.AddDnsName(name);
        // Health checks ask from within the container.
        alternatives.AddDnsName("localhost");
        alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build(critical: true));
        using var certificate = request.Create(authority, Now.AddHours(-1), Now + Validity, RandomNumberGenerator.GetBytes(16));
        return $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
    }
}
