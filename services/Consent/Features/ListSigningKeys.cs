using System.Buffers.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Security;

namespace Personalization.Consent.Features;

/// <summary>A JSON Web Key Set (RFC 7517).</summary>
public sealed record SigningKeySet(IReadOnlyList<SigningKey> Keys);

/// <summary>A public key (RFC 7518, 6.2).</summary>
public sealed record SigningKey(string Kty, string Crv, string X, string Y, string Kid, string Alg, string Use);

/// <summary>The public keys that receipts of all services are verified with, those of the past too. Not the token issuer's: its keys say who is calling, not what happened.</summary>
internal static class ListSigningKeys
{
    private const string ContentType = "application/jwk-set+json";

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/.well-known/jwks.json", Handle)
        .AllowAnonymous()
        .Produces<SigningKeySet>(contentType: ContentType)
        .WithSummary("Public keys for verifying receipts");

    private static JsonHttpResult<SigningKeySet> Handle(HttpResponse response, TrustedKeys trusted)
    {
        // Whoever meets a key id they don't know asks again; so short a time only spares the many who know it.
        response.Headers.CacheControl = "public, max-age=300";
        return TypedResults.Json(
            new SigningKeySet([.. trusted.All.Where(key => key.Producer != Tokens.LocalIssuerKey).OrderBy(key => key.KeyId, StringComparer.Ordinal).Select(Of)]),
            contentType: ContentType);
    }

    private static SigningKey Of(TrustedKey key) =>
        new("EC", "P-256", Base64Url.EncodeToString(key.Point.X), Base64Url.EncodeToString(key.Point.Y), key.KeyId, "ES256", "sig");
}
