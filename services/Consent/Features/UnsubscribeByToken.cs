using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Consent.Domain;
using Personalization.Consent.Pages;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Storage;

namespace Personalization.Consent.Features;

/// <summary>Answer to a one-click unsubscription.</summary>
/// <param name="ReceiptId">The proof of the revocation, of an earlier one if nothing was granted any more.</param>
/// <param name="State"><c>yes</c>: in force everywhere; <c>pending</c>: in some services in a moment.</param>
public sealed record UnsubscribeAnswer(string? ReceiptId, string State);

/// <summary>
/// The one click of RFC 8058: no cookies, no authorization, no redirect. It revokes the purpose whatever became of it since the mail was sent:
/// a click on an old mail after a new grant takes that one back, because the person doesn't want these mails now.
/// </summary>
internal static class UnsubscribeByToken
{
    /// <summary>The body's one key.</summary>
    public const string Key = "List-Unsubscribe";

    /// <summary>Its value.</summary>
    public const string OneClick = "One-Click";

    private const int MaxBytes = 4 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/unsubscribe/{token}", HandleAsync)
        .AllowAnonymous()
        .WithMetadata(new RequestSizeLimitAttribute(MaxBytes))
        .Produces<UnsubscribeAnswer>().Produces<UnsubscribeAnswer>(StatusCodes.Status202Accepted)
        .WithSummary("Unsubscribe by the link of a mail (RFC 8058)")
        .WithDescription("Body: List-Unsubscribe=One-Click, as application/x-www-form-urlencoded or multipart/form-data. Answered as a revocation is; text/html by Accept.");

    private static async Task<Results<UnsubscribeResult, ContentHttpResult, ProblemHttpResult>> HandleAsync(
        string token, HttpContext context, DocumentSession session, ConsentTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        // Before anything is looked up: the answer to a wrong body says nothing about the token.
        if (!await IsOneClickAsync(context.Request, cancellationToken))
            return Problems.Of(StatusCodes.Status400BadRequest, "not-one-click", "The body is not that of a one-click unsubscription.", $"Send {Key}={OneClick} as a form.");
        if (await session.LoadAsync<UnsubscribeToken>(UnsubscribeToken.HashOf(token), cancellationToken) is not { } known)
        {
            return UnsubscribePage.IsWanted(context.Request)
                ? UnsubscribePage.Unknown(context)
                : Problems.Of(StatusCodes.Status404NotFound, "unknown-unsubscribe-link", "The link is not one of ours, or not any more.", "Choices can be changed where they were made.");
        }

        var (subject, purpose) = known.Open(token);
        var revoked = await RevokeConsent.RevokeAsync(subject, purpose, new DecisionSource("unsubscribe"), session, telemetry, time, cancellationToken);
        if (known.UsedAt is null) session.Store(known with { UsedAt = time.GetUtcNow() });
        return new UnsubscribeResult(revoked, revoked.ReceiptId ?? await LastReceiptAsync(revoked.Record, purpose, session, cancellationToken));
    }

    private static async Task<bool> IsOneClickAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType) return false;
        try
        {
            return await request.ReadFormAsync(cancellationToken) is var form && form[Key] is [OneClick];
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return false;
        }
    }

    private static async Task<string?> LastReceiptAsync(ConsentRecord record, string purpose, DocumentSession session, CancellationToken cancellationToken) =>
        record.Changes.TryGetValue(purpose, out var change)
            ? (await session.LoadAsync<LedgerEntry>(LedgerLink.IdOf(record.Id, change.Version), cancellationToken))?.ReceiptId
            : null;

    private sealed class UnsubscribeResult(DecisionResult revoked, string? receiptId) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var inForce = await revoked.WaitAsync(httpContext);
            var status = inForce.WaitingFor.Count == 0 ? StatusCodes.Status200OK : StatusCodes.Status202Accepted;
            httpContext.Response.Headers.CacheControl = "no-store";
            IResult answer = UnsubscribePage.IsWanted(httpContext.Request)
                ? UnsubscribePage.Done(httpContext, status, receiptId)
                : TypedResults.Json(new UnsubscribeAnswer(receiptId, inForce.State), Json.Options, statusCode: status);
            await answer.ExecuteAsync(httpContext);
        }
    }
}
