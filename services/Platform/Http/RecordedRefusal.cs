using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Personalization.Platform.Http;

/// <summary>A refusal that is itself on record: what the session holds is committed before it goes out, where any other refusal changes nothing.</summary>
/// <param name="problem">What the caller is told.</param>
public sealed class RecordedRefusal(ProblemHttpResult problem) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext) => problem.ExecuteAsync(httpContext);
}
