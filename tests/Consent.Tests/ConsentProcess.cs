using System.Net.Http.Headers;
using Personalization.Platform.Http;
using Personalization.Platform.Security;
using Personalization.Testing;

namespace Personalization.Consent.Tests;

/// <summary>The service as it is deployed, without the services that apply what it decides.</summary>
internal static class ConsentProcess
{
    public static Task<ServiceProcess> StartAsync(string directory, string store, string keyStore)
    {
        Provisioning.EnsureKeys(Path.Combine(directory, "keys"), ["consent"]);
        return ServiceProcess.StartAsync(
            "Personalization.Consent.dll", directory, "--Consent:Store", store, "--Consent:KeyStore", keyStore, "--Consent:WaitForMilliseconds", "0");
    }

    /// <summary>A client with a token that the directory's issuer signed.</summary>
    public static HttpClient Client(string directory, string role)
    {
        using var issuer = new MessageSigner(Tokens.LocalIssuerKey, Path.Combine(directory, "keys", "issuer"), TimeProvider.System);
        var claims = new Dictionary<string, object> { ["role"] = role, ["region"] = "ru" };
        var token = issuer.Token(Tokens.LocalIssuer, TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(30), claims);
        return new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) }, Timeout = TimeSpan.FromSeconds(30) };
    }
}
