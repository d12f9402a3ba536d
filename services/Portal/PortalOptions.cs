using Microsoft.Extensions.Options;

namespace Personalization.Portal;

/// <summary>Section <c>Portal</c>.</summary>
public sealed record PortalOptions
{
    /// <summary>Addresses of the services by name, <c>Portal:Services:consent</c> for example. Default: none, all services run in this process.</summary>
    public IReadOnlyDictionary<string, Uri> Services { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Signing in at the issuer of <c>Security:Authority</c>, beside links. Default: without a client id, off.</summary>
    public OidcOptions Oidc { get; init; } = new();

    /// <summary>
    /// Where an erasure case's trace is looked at, with <c>{caseId}</c> in it: spans carry it as <c>personalization.case.id</c>. Default: none; a developer's one-process server draws traces itself.
    /// </summary>
    public string? TraceLink { get; init; }

    /// <summary>Whether this process passes requests on to services elsewhere.</summary>
    internal bool IsGateway => Services.Count > 0;
}

/// <summary>Section <c>Portal:Oidc</c>: this system's client at the issuer whose tokens the services accept.</summary>
public sealed record OidcOptions
{
    /// <summary>What the issuer calls the client; empty, the default: nobody signs in there.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Its secret, best as the file <c>portal/settings/Portal__Oidc__ClientSecret</c> beside the keys. The same for every instance: what one began another can end.</summary>
    public string ClientSecret { get; init; } = "";

    /// <summary>What is asked for, separated by spaces; the access token has to come out as the services accept them. Default <c>openid</c>.</summary>
    public string Scope { get; init; } = "openid";

    /// <summary>Whether anybody can sign in there.</summary>
    internal bool IsOn => ClientId.Length > 0;
}

/// <summary>A client without an issuer, or without a secret, would be found out by the first who signs in.</summary>
internal sealed class CompleteOidc(IConfiguration configuration) : IValidateOptions<PortalOptions>
{
    private const int ShortestSecret = 16;

    public ValidateOptionsResult Validate(string? name, PortalOptions options) => options.Oidc switch
    {
        { IsOn: false } => ValidateOptionsResult.Success,
        _ when string.IsNullOrEmpty(configuration["Security:Authority"]) => ValidateOptionsResult.Fail("Portal:Oidc:ClientId is set, and Security:Authority isn't: name the issuer that people sign in at."),
        { ClientSecret.Length: < ShortestSecret } => ValidateOptionsResult.Fail("Portal:Oidc:ClientSecret has fewer than 16 characters: take the one that the issuer made for this client."),
        _ => ValidateOptionsResult.Success,
    };
}
