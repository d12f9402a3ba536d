using Microsoft.AspNetCore.Diagnostics;

namespace Personalization.Portal;

/// <summary>Tells whoever asked for a page, and mistyped its address for example, in plain words what programs are told as a problem.</summary>
internal sealed class ProblemPages : IProblemDetailsWriter
{
    private const string Html = "text/html";

    /// <summary>Of a page, and of what no service has: what a service refuses is its own to say.</summary>
    public bool CanWrite(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? http.GetEndpoint();
        return (endpoint is not RouteEndpoint || endpoint.Metadata.GetMetadata<Page.PageMark>() is not null)
            && http.Request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(Html, StringComparison.OrdinalIgnoreCase));
    }

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        // Without an endpoint nobody can be signed in, so what is asked for first is a token; nothing is there whoever asks.
        var isNowhere = http.Response.StatusCode is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden && http.GetEndpoint() is not RouteEndpoint;
        var status = isNowhere ? http.GetEndpoint() is null ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed : http.Response.StatusCode;
        PageFilter.Protect(http.Response.Headers);
        await Page.Of<Pages.ProblemPage, Problem>(new Problem(status, status is StatusCodes.Status404NotFound or StatusCodes.Status405MethodNotAllowed ? "not-found" : "unexpected"), status).ExecuteAsync(http);
    }
}
