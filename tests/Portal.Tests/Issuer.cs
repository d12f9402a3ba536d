using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Personalization.Portal.Tests;

/// <summary>An OpenID Connect provider on loopback. It asks nobody who they are: everybody is the member that the test says.</summary>
public sealed class Issuer : IAsyncDisposable
{
    public const string ClientId = "portal";

    public static readonly string ClientSecret = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConcurrentDictionary<string, (string Challenge, string? Nonce)> codes = new();
    private readonly WebApplication app;

    private Issuer(WebApplication app) => this.app = app;

    public string Address => app.Urls.First();

    /// <summary>Who signs in; null: whoever is asked says no.</summary>
    public string? Member { get; set; }

    /// <summary>Instead of the nonce that was asked with: the answer is one that somebody else asked for.</summary>
    public string? OtherNonce { get; set; }

    /// <summary>All that was given out and is nobody else's business: codes and tokens.</summary>
    public ConcurrentQueue<string> Secrets { get; } = new();

    public static async Task<Issuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var issuer = new Issuer(app);
        app.MapGet("/.well-known/openid-configuration", issuer.Describe);
        app.MapGet("/keys", issuer.Keys);
        app.MapGet("/authorize", issuer.Authorize);
        app.MapPost("/token", issuer.TokenAsync);
        await app.StartAsync();
        return issuer;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private IResult Describe() => Results.Json(new
    {
        issuer = Address,
        authorization_endpoint = $"{Address}/authorize",
        token_endpoint = $"{Address}/token",
        jwks_uri = $"{Address}/keys",
        response_types_supported = new[] { "code" },
        subject_types_supported = new[] { "public" },
        id_token_signing_alg_values_supported = new[] { "ES256" },
    });

    private IResult Keys()
    {
        var known = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(Key());
        return Results.Json(new { keys = new[] { new { kty = known.Kty, crv = known.Crv, x = known.X, y = known.Y, kid = "issuer-1", use = "sig", alg = "ES256" } } });
    }

    private IResult Authorize(HttpRequest request)
    {
        var asked = request.Query;
        if (asked["client_id"] != ClientId || asked["response_type"] != "code" || asked["code_challenge_method"] != "S256") return Results.BadRequest();
        var state = Uri.EscapeDataString(asked["state"].ToString());
        if (Member is null) return Results.Redirect($"{asked["redirect_uri"]}?error=access_denied&state={state}");
        var code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        codes[code] = (asked["code_challenge"].ToString(), asked["nonce"]);
        Secrets.Enqueue(code);
        return Results.Redirect($"{asked["redirect_uri"]}?code={code}&state={state}");
    }

    private async Task<IResult> TokenAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync();
        var verifier = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
        if (form["client_secret"] != ClientSecret || !codes.TryRemove(form["code"].ToString(), out var asked) || asked.Challenge != verifier)
            return Results.Json(new { error = "invalid_grant" }, statusCode: StatusCodes.Status400BadRequest);

        var access = Sign("at+jwt", "personalization", new() { ["role"] = "subject", ["region"] = "ru", ["member"] = Member!, ["customer_id"] = "somebody-else" });
        var identity = Sign("JWT", ClientId, new() { ["nonce"] = OtherNonce ?? asked.Nonce! });
        Secrets.Enqueue(access);
        Secrets.Enqueue(identity);
        return Results.Json(new { access_token = access, id_token = identity, token_type = "Bearer", expires_in = 3600 });
    }

    private string Sign(string type, string audience, Dictionary<string, object> claims) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Address,
        Audience = audience,
        TokenType = type,
        Claims = new Dictionary<string, object>(claims) { ["sub"] = "0b7d" },
        Expires = TimeProvider.System.GetUtcNow().AddHours(1).UtcDateTime,
        SigningCredentials = new SigningCredentials(Key(), SecurityAlgorithms.EcdsaSha256),
    });

    private ECDsaSecurityKey Key() => new(key) { KeyId = "issuer-1" };
}
