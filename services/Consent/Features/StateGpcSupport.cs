using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Platform.Http;

namespace Personalization.Consent.Features;

/// <summary>What <c>/.well-known/gpc.json</c> says.</summary>
/// <param name="Gpc">The signal is honoured.</param>
/// <param name="LastUpdate">Since when, <c>YYYY-MM-DD</c>.</param>
public sealed record GpcSupport(bool Gpc, string LastUpdate);

/// <summary>States that Global Privacy Control is honoured here.</summary>
internal static class StateGpcSupport
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/.well-known/gpc.json", HandleAsync)
        .AllowAnonymous()
        .WithSummary("Global Privacy Control is honoured");

    private static Ok<GpcSupport> HandleAsync(IOptions<ConsentOptions> options) => TypedResults.Ok(new GpcSupport(true, options.Value.GpcLastUpdate));
}
