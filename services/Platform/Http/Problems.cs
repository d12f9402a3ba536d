using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Personalization.Platform.Http;

/// <summary>Refusals as RFC 9457 problems. The <c>type</c> is stable and made for programs; nothing of the request is repeated.</summary>
public static class Problems
{
    /// <summary>What every problem's type starts with.</summary>
    public const string TypePrefix = "urn:personalization:problem:";

    /// <summary>A problem.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="slug">Kebab case, stable: the end of the type.</param>
    /// <param name="title">One short sentence, the same for every problem of this type.</param>
    /// <param name="detail">What to do about it.</param>
    /// <param name="extensions">Further members.</param>
    public static ProblemHttpResult Of(int status, string slug, string title, string? detail = null, IEnumerable<KeyValuePair<string, object?>>? extensions = null) =>
        TypedResults.Problem(statusCode: status, type: TypePrefix + slug, title: title, detail: detail, extensions: extensions);

    /// <summary>400: the customer id isn't an opaque id.</summary>
    public static ProblemHttpResult BadCustomerId() => Of(
        StatusCodes.Status400BadRequest, "bad-customer-id", "The customer id is not an opaque id.",
        "1 to 128 letters, digits, '.', '_', ':' or '-'; never an e-mail address, a phone or a document number.");

    /// <summary>404.</summary>
    public static ProblemHttpResult NotFound(string what) => Of(StatusCodes.Status404NotFound, "not-found", "There is no such thing.", $"No {what} of that id.");

    /// <summary>503: the instance isn't sure of consents, so it neither refuses nor stores anything.</summary>
    public static ProblemHttpResult ConsentUnknown() => Of(
        StatusCodes.Status503ServiceUnavailable, "consent-unknown", "Consents are not known for certain right now.", "Nothing was stored. Send it again in a few seconds.");

    /// <summary>503: what was erased while the instance was away isn't erased here yet, so nothing of before is taken in again.</summary>
    public static ProblemHttpResult ErasuresMissed() => Of(
        StatusCodes.Status503ServiceUnavailable, "erasures-missed", "Erasures are missing here for now.", "They are caught up with first. Nothing was stored: send it again when GET /health/ready says so.");

    /// <summary>403: every read of a person's data by somebody else is on record, and the token doesn't say whose it would be.</summary>
    public static ProblemHttpResult ReaderUnknown() =>
        Of(StatusCodes.Status403Forbidden, "reader-unknown", "The token does not say who reads.", "It needs the claim sub: every read of a person's data is on record.");

    internal static (string Slug, string Title) Standard(int status) => status switch
    {
        400 => ("malformed-request", "The request could not be read."),
        401 => ("unauthenticated", "The request carries no token this deployment accepts."),
        403 => ("forbidden", "The caller's role does not allow this."),
        404 => ("not-found", "There is no such thing."),
        405 => ("method-not-allowed", "The resource does not have this method."),
        408 => ("request-timeout", "The request took too long to arrive."),
        413 => ("too-large", "The body is larger than this endpoint takes."),
        415 => ("unsupported-media-type", "The endpoint does not take this content type."),
        421 => ("wrong-region", "The token is not for this region, where alone this deployment holds data."),
        503 => ("unavailable", "Something this needs is not reachable right now."),
        _ => ("unexpected", "Something went wrong here, not in the request."),
    };
}
