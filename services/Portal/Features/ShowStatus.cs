using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Personalization.Portal.Pages;

namespace Personalization.Portal.Features;

/// <summary>The page at the public address: which services are ready, and what to try next.</summary>
internal static class ShowStatus
{
    // No script, and nothing from anywhere else; the style is the page's own, named by its hash.
    private static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src '{StatusPage.StyleHash}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/", HandleAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<ContentHttpResult> HandleAsync(
        ServiceReadiness readiness, IOptions<PortalOptions> options, TimeProvider time, IServiceProvider services, ILoggerFactory loggers, HttpContext context, CancellationToken cancellationToken)
    {
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>
        {
            [nameof(StatusPage.Services)] = await readiness.ReadAsync(cancellationToken),
            [nameof(StatusPage.IsGateway)] = options.Value.IsGateway,
            [nameof(StatusPage.CheckedAt)] = time.GetUtcNow(),
            [nameof(StatusPage.Address)] = $"{context.Request.Scheme}://{context.Request.Host}",
        });
        var response = context.Response;
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.CacheControl = "no-store";

        // The renderer alone: the rest of Razor Components brings forms, and with them keys of its own.
        await using var renderer = new HtmlRenderer(services, loggers);
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<StatusPage>(parameters)).ToHtmlString());
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }
}
