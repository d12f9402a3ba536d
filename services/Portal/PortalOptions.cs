namespace Personalization.Portal;

/// <summary>Section <c>Portal</c>.</summary>
public sealed record PortalOptions
{
    /// <summary>Addresses of the services by name, <c>Portal:Services:consent</c> for example. Default: none, all services run in this process.</summary>
    public IReadOnlyDictionary<string, Uri> Services { get; init; } = new Dictionary<string, Uri>();

    /// <summary>Whether this process passes requests on to services elsewhere.</summary>
    internal bool IsGateway => Services.Count > 0;
}
