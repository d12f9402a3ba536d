using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Personalization.Portal;

/// <summary>
/// Signs in at the issuer whose tokens the services accept (authorization code with PKCE). The session is the access token that it gives, as with a link:
/// the Portal makes no tokens, and what somebody may see is decided where the data is.
/// </summary>
internal static class OidcSignIn
{
    /// <summary>The authentication scheme.</summary>
    public const string Scheme = "portal-oidc";

    /// <summary>Where it begins.</summary>
    public const string Path = "/sign-in/oidc";

    public static void AddOidcSignIn(this IServiceCollection services, string authority, OidcOptions client)
    {
        // At other levels it writes what the issuer sent.
        services.AddLogging(logging => logging.AddFilter("Microsoft.AspNetCore.Authentication.OpenIdConnect.OpenIdConnectHandler", LogLevel.Warning));
        services.AddAuthentication().AddOpenIdConnect(Scheme, options =>
        {
            options.Authority = authority;
            options.RequireHttpsMetadata = !new Uri(authority).IsLoopback;
            options.ClientId = client.ClientId;
            options.ClientSecret = client.ClientSecret;
            options.Scope.Clear();
            foreach (var scope in client.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries)) options.Scope.Add(scope);
            options.ResponseType = OpenIdConnectResponseType.Code;
            // As a query: a form that another site posts comes without cookies.
            options.ResponseMode = OpenIdConnectResponseMode.Query;
            options.UsePkce = true;
            options.MapInboundClaims = false;
            options.DisableTelemetry = true;
            options.TokenValidationParameters.ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.RsaSha256];
            options.CallbackPath = $"{Path}/callback";
            options.CorrelationCookie.SameSite = options.NonceCookie.SameSite = SameSiteMode.Lax;
            options.CorrelationCookie.SecurePolicy = options.NonceCookie.SecurePolicy = CookieSecurePolicy.Always;
            options.DataProtectionProvider = new SecretProtection(Encoding.UTF8.GetBytes(client.ClientSecret));
            options.Events.OnRedirectToIdentityProvider = context =>
            {
                // TLS may end in front of this process; only a browser on the machine itself comes without.
                if (!Session.IsLoopback(context.Request.Host)) context.ProtocolMessage.RedirectUri = $"https://{context.Request.Host}{options.CallbackPath}";
                return Task.CompletedTask;
            };
            // Not before: nonce and hashes are compared after the token was validated.
            options.SaveTokens = true;
            options.Events.OnTicketReceived = context =>
            {
                Lead(context.HttpContext, context.Properties?.GetTokenValue(OpenIdConnectParameterNames.AccessToken) is { } token && Session.Begin(context.HttpContext, token) ? "/home" : "/?session=not-signed-in");
                context.HandleResponse();
                return Task.CompletedTask;
            };
            options.Events.OnRemoteFailure = context =>
            {
                Lead(context.HttpContext, "/?session=not-signed-in");
                context.HandleResponse();
                return Task.CompletedTask;
            };
        });
    }

    private static void Lead(HttpContext context, string path)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = path;
        context.Response.Headers.CacheControl = "no-store";
    }

    /// <summary>
    /// Protects what goes to the issuer and comes back, with keys made of the client's secret: every instance has it, so that there is no ring of keys to be
    /// kept and shared.
    /// </summary>
    private sealed class SecretProtection(byte[] secret) : IDataProtector
    {
        private const int NonceSize = 12;
        private const int TagSize = 16;

        public IDataProtector CreateProtector(string purpose) => new SecretProtection(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: Encoding.UTF8.GetBytes(purpose)));

        public byte[] Protect(byte[] plaintext)
        {
            var sealedBytes = new byte[NonceSize + TagSize + plaintext.Length];
            var nonce = sealedBytes.AsSpan(0, NonceSize);
            RandomNumberGenerator.Fill(nonce);
            using var aes = new AesGcm(secret, TagSize);
            aes.Encrypt(nonce, plaintext, sealedBytes.AsSpan(NonceSize + TagSize), sealedBytes.AsSpan(NonceSize, TagSize));
            return sealedBytes;
        }

        /// <exception cref="CryptographicException">It isn't what was protected.</exception>
        public byte[] Unprotect(byte[] protectedData)
        {
            if (protectedData.Length < NonceSize + TagSize) throw new CryptographicException("Too short to have been protected here.");
            var plaintext = new byte[protectedData.Length - NonceSize - TagSize];
            using var aes = new AesGcm(secret, TagSize);
            aes.Decrypt(protectedData.AsSpan(0, NonceSize), protectedData.AsSpan(NonceSize + TagSize), protectedData.AsSpan(NonceSize, TagSize), plaintext);
            return plaintext;
        }
    }
}
