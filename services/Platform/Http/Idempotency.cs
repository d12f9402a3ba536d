using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;

namespace Personalization.Platform.Http;

/// <summary>That a request was carried out, and what was answered: stored in the write of its change. Purged by age, as inbox entries are.</summary>
public sealed record IdempotentRequest : IDocument
{
    /// <summary><see cref="IdempotencyKeys.Blind"/>.</summary>
    public required string Id { get; init; }

    /// <summary>A keyed hash of the query and the body.</summary>
    public required string Content { get; init; }

    /// <summary><see cref="IRepeatableResult{TSelf}.Remember"/>.</summary>
    public required string Answer { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset AnsweredAt { get; init; }
}

/// <summary>An answer that can be given again.</summary>
public interface IRepeatableResult<TSelf> : IResult
    where TSelf : IRepeatableResult<TSelf>
{
    /// <summary>What is stored of it, in clear and beyond an erasure: nothing that leads to a person.</summary>
    string Remember();

    /// <summary>The answer to the same request, sent again.</summary>
    static abstract Task<TSelf> RecallAsync(string remembered, HttpContext http);
}

/// <summary>Lets callers send a request again without doing twice what it does.</summary>
public static class IdempotencyExtensions
{
    /// <summary>
    /// With an <c>Idempotency-Key</c> a request that was carried out is answered again and not carried out again, for 3 days; the same key with
    /// another body gets 422, and of several at once one is carried out. A refusal is not remembered. Without the header nothing is different.
    /// </summary>
    public static RouteHandlerBuilder Repeatable<TResult>(this RouteHandlerBuilder endpoint)
        where TResult : class, IRepeatableResult<TResult> => endpoint.AddEndpointFilter(new IdempotencyFilter<TResult>());
}

/// <summary>Inside the unit of work: of two requests at once the second conflicts, is decided again, and finds what the first has stored.</summary>
internal sealed class IdempotencyFilter<TResult> : IEndpointFilter
    where TResult : class, IRepeatableResult<TResult>
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!IdempotencyKeys.TryRead(http.Request, out var key)) return IdempotencyKeys.Bad();
        if (key is null) return await next(context);

        var session = http.RequestServices.GetRequiredService<DocumentSession>();
        var refs = http.RequestServices.GetRequiredService<SubjectRefs>();
        var id = IdempotencyKeys.Blind(http, key, refs);
        var content = refs.Blind("request", http.Request.QueryString.Value ?? "", BodyOf(context));
        if (await session.LoadAsync<IdempotentRequest>(id, http.RequestAborted) is { } earlier)
            return earlier.Content == content ? await TResult.RecallAsync(earlier.Answer, http) : IdempotencyKeys.Reused();

        var result = await next(context);
        if (Outcome(result) is TResult answer)
        {
            var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
            session.Store(new IdempotentRequest { Id = id, Content = content, Answer = answer.Remember(), AnsweredAt = now });
        }

        return result;
    }

    // As it was read: the same said in other words is the same request.
    private static string BodyOf(EndpointFilterInvocationContext context)
    {
        var type = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        return type is not null && context.Arguments.FirstOrDefault(type.IsInstanceOfType) is { } body ? Encoding.UTF8.GetString(CanonicalJson.Of(body)) : "";
    }

    // A handler that declares several results answers with a wrapper around one of them.
    private static object? Outcome(object? result) => result is INestedHttpResult nested ? Outcome(nested.Result) : result;
}
