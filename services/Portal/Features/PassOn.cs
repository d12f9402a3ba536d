using System.Net;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Personalization.Portal.Features;

/// <summary>Passes requests on to the service that owns the path. What isn't listed here isn't reachable from outside: <c>/internal</c> and the services' <c>/health</c>.</summary>
internal static class PassOn
{
    // Some answers wait on purpose (a revocation for the services that apply it), none that long; a stream counts as active while it flows.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string[]> Paths = new()
    {
        ["audit"] = ["/audit/{**rest}", "/incidents/{**rest}"],
        ["consent"] =
        [
            "/purposes/{**rest}", "/consents/{**rest}", "/consents:import", "/consents:export", "/ledger/{**rest}", "/reports/{**rest}", "/restrictions/{**rest}",
            "/unsubscribe/{**rest}", "/unsubscribe-tokens", "/.well-known/gpc.json", "/.well-known/jwks.json",
        ],
        ["profile"] =
        [
            "/audiences/{**rest}", "/contact-types/{**rest}", "/event-types/{**rest}", "/events/{**rest}", "/groups", "/participants/{**rest}", "/profiles/{**rest}", "/quarantine/{**rest}", "/read-rules",
            "/segments/{**rest}", "/segments:preview", "/traits/{**rest}", "/withdrawals",
        ],
        ["recommendation"] = ["/items/{**rest}", "/placements/{**rest}", "/recommendations/{**rest}", "/recommendations:batch"],
        ["retention"] = ["/erasures/{**rest}", "/exports/{**rest}", "/legal-holds/{**rest}", "/objections/{**rest}", "/retention-rules/{**rest}"],
    };

    public static void Map(IEndpointRouteBuilder routes) => routes.MapReverseProxy(proxy => proxy.Use(async (context, next) =>
    {
        await next(context);
        // One word for a service that isn't there, whatever the gateway saw of it.
        if (!context.Response.HasStarted && context.GetForwarderErrorFeature() is not null && context.Response.StatusCode is StatusCodes.Status502BadGateway or StatusCodes.Status504GatewayTimeout)
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
    }));

    public static IReadOnlyList<RouteConfig> Routes(PortalOptions options) =>
    [
        .. from service in options.Services.Keys
           from path in PathsOf(service)
           select new RouteConfig
           {
               RouteId = path,
               ClusterId = service,
               Match = new RouteMatch { Path = path },
               // The services decide on access themselves, by the same token: a second opinion here could only be out of date.
               AuthorizationPolicy = "Anonymous",
               // Each endpoint of a service has its own limit and enforces it; the gateway streams and holds nothing.
               MaxRequestBodySize = -1,
           },
    ];

    public static IReadOnlyList<ClusterConfig> Clusters(PortalOptions options) =>
    [
        .. options.Services.Select(service => new ClusterConfig
        {
            ClusterId = service.Key,
            Destinations = new Dictionary<string, DestinationConfig> { [service.Key] = new() { Address = service.Value.ToString() } },
            HttpRequest = new ForwarderRequestConfig { ActivityTimeout = Silence, Version = HttpVersion.Version11 },
        }),
    ];

    private static string[] PathsOf(string service) => Paths.TryGetValue(service, out var paths)
        ? paths
        : throw new InvalidOperationException($"Portal:Services names {service}; there are {string.Join(", ", Paths.Keys)}.");
}
