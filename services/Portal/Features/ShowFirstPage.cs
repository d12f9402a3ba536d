using Microsoft.Extensions.Options;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>The page at the public address: the ways in, which services are ready, and what to try next.</summary>
internal static class ShowFirstPage
{
    public static void Map(IEndpointRouteBuilder routes) => routes.Pages().MapGet("/", HandleAsync);

    private static async Task<IResult> HandleAsync(
        ServiceReadiness readiness, IOptions<PortalOptions> options, TimeProvider time, HttpContext context, CancellationToken cancellationToken, string? session = null) =>
        Page.Of<FirstPage, FirstPageModel>(new FirstPageModel(
            await readiness.ReadAsync(cancellationToken),
            options.Value.IsGateway,
            !options.Value.IsGateway && EnterDemo.IsOpen(context.RequestServices),
            options.Value.Oidc.IsOn,
            session,
            time.GetUtcNow(),
            $"{context.Request.Scheme}://{context.Request.Host}"));
}
