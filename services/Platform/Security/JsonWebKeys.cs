using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Personalization.Platform.Security;

/// <summary>Reads public keys from a JSON Web Key Set (RFC 7517), as a deployment serves it.</summary>
public static class JsonWebKeys
{
    /// <summary>
    /// The ECDSA P-256 keys by id, each the service's that its id begins with, <c>consent-2</c> for example; keys of other kinds and those without an
    /// id are left out.
    /// </summary>
    /// <param name="json">The key set.</param>
    /// <exception cref="ArgumentException">It isn't a key set, or a key of it isn't a point of the curve.</exception>
    public static IReadOnlyDictionary<string, TrustedKey> Read(string json)
    {
        var keys = new Dictionary<string, TrustedKey>();
        foreach (var key in new JsonWebKeySet(json).Keys.Where(key => key is { Kty: "EC", Crv: "P-256", Kid.Length: > 0 }))
        {
            try
            {
                using var point = ECDsa.Create(new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = Base64UrlEncoder.DecodeBytes(key.X), Y = Base64UrlEncoder.DecodeBytes(key.Y) },
                });
                keys[key.Kid] = new TrustedKey(key.Kid, key.Kid[..Math.Max(key.Kid.LastIndexOf('-'), 0)], point.ExportSubjectPublicKeyInfoPem());
            }
            catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException)
            {
                throw new ArgumentException($"The key {key.Kid} of the key set is not a point of P-256.", nameof(json), e);
            }
        }

        return keys;
    }
}
