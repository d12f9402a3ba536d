using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Personalization.Contracts.Retention;

namespace Personalization.Profile.Domain;

/// <summary>What is known of a processor that takes erasures by OpenDSR 2.0 (github.com/opengdpr/OpenDSR), as its discovery said when it was registered.</summary>
public sealed record OpenDsrProcessor
{
    /// <summary>The regulations that OpenDSR names.</summary>
    public static readonly IReadOnlyList<string> Regulations = ["gdpr", "ccpa"];

    /// <summary>Who signs: the host of its address.</summary>
    public required string Domain { get; init; }

    /// <summary>What it signs with: X.509, DER, base64.</summary>
    public required string Certificate { get; init; }

    /// <summary>What it wants in the header <c>Authorization</c>.</summary>
    public required string Authorization { get; init; }

    /// <summary>The regulation that requests are made under.</summary>
    public required string Regulation { get; init; }

    /// <summary>The purposes it processes for. A request says that everything goes, so it is made when one of these is taken back, or all are.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>The certificate of a file, PEM or DER, if it is one of that domain, in force, and of an algorithm that is known here.</summary>
    /// <returns>Base64 DER; null if it isn't.</returns>
    public static string? CertificateOf(byte[] file, string domain, DateTimeOffset now)
    {
        try
        {
            using var certificate = file.AsSpan().StartsWith("-----BEGIN"u8)
                ? X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(file))
                : X509CertificateLoader.LoadCertificate(file);
            using AsymmetricAlgorithm? key = (AsymmetricAlgorithm?)certificate.GetRSAPublicKey() ?? certificate.GetECDsaPublicKey();
            return key is not null && IsInForce(certificate, now) && certificate.MatchesHostname(domain) ? Convert.ToBase64String(certificate.RawData) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Until when the certificate is in force, UTC.</summary>
    public DateTimeOffset CertificateUntil()
    {
        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(Certificate));
        return certificate.NotAfter.ToUniversalTime();
    }

    /// <summary>Whether a body as it is on the wire is the processor's: RSA (PKCS #1) or ECDSA (DER) over its SHA-256.</summary>
    /// <param name="domain">Of the header <c>X-OpenDSR-Processor-Domain</c>.</param>
    /// <param name="signature">Of the header <c>X-OpenDSR-Signature</c>, base64.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="now">The current time.</param>
    public bool IsSigned(string? domain, string? signature, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var bytes = new byte[signature?.Length ?? 0];
        if (!Domain.Equals(domain, StringComparison.OrdinalIgnoreCase) || !Convert.TryFromBase64String(signature ?? "", bytes, out var length) || length == 0) return false;
        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(Certificate));
        if (!IsInForce(certificate, now)) return false;
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null) return rsa.VerifyData(body, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var ecdsa = certificate.GetECDsaPublicKey();
        return ecdsa?.VerifyData(body, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence) == true;
    }

    /// <summary>Whether it is told of such an erasure.</summary>
    public bool Concerns(EraseSubject command) => command.WholeEpoch || command.Narrowed.Any(narrowed => Purposes.Contains(narrowed.Purpose));

    /// <summary>Whether nothing differs.</summary>
    public bool SaysTheSameAs(OpenDsrProcessor other) => this with { Purposes = other.Purposes } == other && Purposes.SequenceEqual(other.Purposes);

    private static bool IsInForce(X509Certificate2 certificate, DateTimeOffset now) => certificate.NotBefore.ToUniversalTime() <= now.UtcDateTime && now.UtcDateTime <= certificate.NotAfter.ToUniversalTime();
}
