using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Contracts;

namespace Personalization.Platform.Http;

/// <summary>Who is behind the endpoints and events that data goes out by: as the endpoints and the topology say, so that the data map can't say anything else.</summary>
internal static class Readers
{
    public static IReadOnlyList<string>? Of(IReadOnlyList<string>? ways, IServiceProvider services)
    {
        if (ways is null) return null;
        var endpoints = services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToArray();
        return [.. ways.Select(way => $"{way}: {string.Join(", ", (way.Contains(' ', StringComparison.Ordinal) ? RolesOf(way, endpoints) : ServicesOf(way)).Distinct().Order(StringComparer.Ordinal))}")];
    }

    private static IEnumerable<string> RolesOf(string way, RouteEndpoint[] endpoints) => endpoints
        .Where(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(method => $"{method} {endpoint.RoutePattern.RawText}" == way) == true)
        .SelectMany(endpoint => endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>())
        .SelectMany(policy => policy.Requirements.OfType<CallerRequirement>())
        .SelectMany(requirement => requirement.AnyPerson ? requirement.AllowedRoles.Append(Roles.Subject) : requirement.AllowedRoles);

    private static IEnumerable<string> ServicesOf(string way) =>
        Topology.Subscriptions.Where(subscription => subscription.Message.Name == way).Select(subscription => subscription.Service);
}
