using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Personalization.Portal.Features;

/// <summary>One OpenAPI document of all services, as the one-process server has it.</summary>
internal static class DescribeServices
{
    // More specific than the platform's own route, which knows only this process.
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi/v1.json", HandleAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<JsonHttpResult<JsonObject>> HandleAsync(ServiceClients services, HttpRequest request, CancellationToken cancellationToken)
    {
        var documents = await Task.WhenAll(services.Names.Select(async name => (name, await services.OpenApiAsync(name, cancellationToken))));
        return TypedResults.Json(OpenApiMerge.Merge(documents, $"{request.Scheme}://{request.Host}/"));
    }
}
