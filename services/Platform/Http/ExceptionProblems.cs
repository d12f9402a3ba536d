using System.Diagnostics;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Personalization.Platform.Privacy;
using Personalization.Platform.Storage;
using Polly.Timeout;

namespace Personalization.Platform.Http;

/// <summary>Turns what was thrown into a problem without the exception's text.</summary>
internal sealed partial class ExceptionProblems(IProblemDetailsService problems, ILogger<ExceptionProblems> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var status = exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            DocumentConflictException or SubjectErasedException => StatusCodes.Status503ServiceUnavailable,
            KeyEncryptionException or StoreUnusableException or StoreUnreachableException or TimeoutException or TimeoutRejectedException or HttpRequestException => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        if (status >= 500) LogFailed(context.GetEndpoint()?.DisplayName, exception.GetType().Name, exception.StackTrace);
        Activity.Current?.SetTag("error.type", exception.GetType().Name);
        context.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = { Status = status } });
    }

    [LoggerMessage(LogLevel.Error, "{Endpoint} failed: {Error}\n{Trace}")]
    private partial void LogFailed(string? endpoint, string error, string? trace);
}
