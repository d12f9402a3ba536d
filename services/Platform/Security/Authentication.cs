using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Personalization.Platform.Http;

namespace Personalization.Platform.Security;

/// <summary>Names in tokens.</summary>
public static class Tokens
{
    /// <summary>The audience of every token for this system.</summary>
    public const string Audience = "personalization";

    /// <summary>The claim with a person's customer id.</summary>
    public const string CustomerIdClaim = "customer_id";

    /// <summary>The issuer of the tokens that <c>./dev token</c> makes; accepted in Development only.</summary>
    public const string LocalIssuer = "personalization-local";

    /// <summary>The trusted producer name of the local issuer's key.</summary>
    public const string LocalIssuerKey = "issuer";

    /// <summary>The issuer of a service's own tokens.</summary>
    public static string ServiceIssuer(string service) => $"service:{service}";
}

/// <summary>
/// Accepts ES256 and RS256 tokens of type <c>at+jwt</c> for this system only, from three sources: the configured OIDC issuer
/// (<c>Security:Authority</c>, which may call the customer id otherwise: <c>Security:CustomerIdClaim</c>), services of this deployment (role <c>service</c> only), and in Development the local issuer.
/// </summary>
internal static class Authentication
{
    private const string Oidc = "oidc";
    private const string Trusted = "trusted";

    public static void AddCallerAuthentication(this IServiceCollection services, IConfiguration configuration, bool allowLocalIssuer)
    {
        var authority = configuration["Security:Authority"];
        var authentication = services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme)
            .AddPolicyScheme(JwtBearerDefaults.AuthenticationScheme, null, options => options.ForwardDefaultSelector = context =>
                authority is not null && IssuerOf(context.Request.Headers.Authorization.ToString()) == authority ? Oidc : Trusted)
            .AddJwtBearer(Trusted, _ => { });
        services.AddOptions<JwtBearerOptions>(Trusted).Configure<TrustedKeys, TimeProvider>((options, keys, time) =>
        {
            Common(options, time);
            options.TokenValidationParameters.IssuerSigningKeyResolver = (_, _, kid, _) => keys.Find(kid) is { } key ? [key.SecurityKey] : [];
            options.TokenValidationParameters.IssuerValidator = (issuer, token, _) =>
            {
                var jwt = (JsonWebToken)token;
                var producer = keys.Find(jwt.Kid)?.Producer;
                var accepted = producer == Tokens.LocalIssuerKey
                    ? allowLocalIssuer && issuer == Tokens.LocalIssuer
                    : producer is not null && issuer == Tokens.ServiceIssuer(producer)
                        && jwt.TryGetPayloadValue<string>("role", out var role) && role == Roles.Service;
                return accepted ? issuer : throw new SecurityTokenInvalidIssuerException("The issuer is not accepted here.");
            };
        });
        if (authority is not null)
        {
            authentication.AddJwtBearer(Oidc, _ => { });
            services.AddOptions<JwtBearerOptions>(Oidc).Configure<TimeProvider>((options, time) =>
            {
                options.Authority = authority;
                // Only from this machine are its keys taken without TLS.
                options.RequireHttpsMetadata = !new Uri(authority).IsLoopback;
                Common(options, time, configuration["Security:CustomerIdClaim"] ?? Tokens.CustomerIdClaim);
            });
        }

        services.AddSingleton<IAuthorizationHandler, CallerHandler>();

        // An endpoint that says nothing is closed. What has no route is routing's own answer, that the method or the content type is not taken here.
        services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser()
            .RequireAssertion(context => (context.Resource as HttpContext)?.GetEndpoint() is not (null or RouteEndpoint))
            .Build());
    }

    private static void Common(JwtBearerOptions options, TimeProvider time, string customerIdClaim = Tokens.CustomerIdClaim)
    {
        options.TokenHandlers.Clear();
        options.TokenHandlers.Add(new RememberedTokens(time, customerIdClaim));
        options.IncludeErrorDetails = false;
        options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];
        options.TokenValidationParameters.ValidTypes = ["at+jwt"];
        options.TokenValidationParameters.ValidAudience = Tokens.Audience;
        options.TokenValidationParameters.ClockSkew = TimeSpan.FromSeconds(30);
        options.TokenValidationParameters.RoleClaimType = "role";
    }

    private static string? IssuerOf(string authorization)
    {
        const string Bearer = "Bearer ";
        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return null;
        try
        {
            return new JsonWebToken(authorization[Bearer.Length..]).Issuer;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>Puts a short-lived token of the service's own on outgoing requests to other services.</summary>
internal sealed class ServiceTokenHandler(MessageSigner signer, TimeProvider time) : DelegatingHandler
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private readonly Lock gate = new();
    private (string Token, DateTimeOffset RenewAt) current;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = new("Bearer", Token());
        return base.SendAsync(request, cancellationToken);
    }

    private string Token()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now < current.RenewAt) return current.Token;
            var token = signer.Token(
                Tokens.ServiceIssuer(signer.Producer), now, Lifetime, new Dictionary<string, object> { ["role"] = Roles.Service });
            current = (token, now + (Lifetime / 2));
            return token;
        }
    }
}
