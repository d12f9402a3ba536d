using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Personalization.Platform.Privacy;

namespace Personalization.Platform.Http;

/// <summary>
/// <c>Idempotency-Key</c> (draft-ietf-httpapi-idempotency-key-header): the caller's name for one intention, the same however often it has to
/// be sent. 1 to 128 printable ASCII characters, in quotes or without.
/// </summary>
public static class IdempotencyKeys
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    private const int Longest = 128;

    /// <summary>Reads the header.</summary>
    /// <param name="request">The request.</param>
    /// <param name="key">Null if the request has none.</param>
    /// <returns>False if it has one that is none.</returns>
    public static bool TryRead(HttpRequest request, out string? key)
    {
        var values = request.Headers[Header];
        key = values.Count == 0 ? null : values[0]!.Trim();
        if (key is ['"', .. var quoted, '"']) key = quoted;
        return values.Count == 0 || (values.Count == 1 && IsKey(key));
    }

    /// <summary>Whether it can be a key.</summary>
    public static bool IsKey(string? value) => value is { Length: > 0 and <= Longest } && value.All(c => c is > ' ' and < '\x7f' and not '"');

    /// <summary>A keyed hash of the caller, what is called and the key: what is stored names neither a person nor a caller's key.</summary>
    public static string Blind(HttpContext http, string key, SubjectRefs refs)
    {
        return refs.Blind(Header, Claim("role"), Claim("client_id"), Claim("sub"), http.Request.Method, http.Request.Path, key);

        string Claim(string type) => http.User.FindFirst(type)?.Value ?? "";
    }

    /// <summary>400.</summary>
    public static ProblemHttpResult Bad() => Problems.Of(
        StatusCodes.Status400BadRequest, "bad-idempotency-key", "The idempotency key can not be used.",
        "One header of 1 to 128 printable ASCII characters without spaces or quotes.");

    /// <summary>422: the same key came with another request.</summary>
    public static ProblemHttpResult Reused() => Problems.Of(
        StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "The idempotency key belongs to another request.",
        "Nothing was changed. Another intention takes another key.");
}
