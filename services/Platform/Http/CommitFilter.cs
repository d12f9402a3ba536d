using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Http;

/// <summary>
/// The edge of a request: commits the unit of work when the handler answers with success, and lets it decide again, on what is there
/// now, when somebody else changed a document, or a subject was erased, meanwhile. Results are executed after the commit, so an answer never precedes its change.
/// </summary>
internal sealed class CommitFilter : IEndpointFilter
{
    private const int Attempts = 20;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var session = context.HttpContext.RequestServices.GetRequiredService<DocumentSession>();
        for (var attempt = 1; ; attempt++)
        {
            var result = await next(context);
            if (Outcome(result) is IStatusCodeHttpResult { StatusCode: >= 400 }) return result;
            try
            {
                await session.CommitAsync(context.HttpContext.RequestAborted);
                return result;
            }
            catch (Exception exception) when (exception is DocumentConflictException or SubjectErasedException && attempt < Attempts)
            {
                session.Clear();
            }
        }
    }

    // A handler that declares several results answers with a wrapper around one of them.
    internal static object? Outcome(object? result) => result is INestedHttpResult nested ? Outcome(nested.Result) : result;
}
