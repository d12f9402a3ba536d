using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Personalization.Contracts.Retention;
using Personalization.Platform;
using Personalization.Platform.Http;
using Personalization.Platform.Privacy;
using Personalization.Platform.Security;
using Personalization.Platform.Storage;
using Personalization.Profile.Domain;

namespace Personalization.Profile.Features;

/// <summary>A product service says later what it erased. The body is signed as it stands on the wire; one that isn't is refused and counted.</summary>
internal static class TakeProductReceipt
{
    private const int LongestBody = 64 * 1024;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/participants/{name}/receipts", HandleAsync)
        .AllowRoles(Roles.Product)
        .Accepts<ProductReceipt>("application/json")
        .WithMetadata(new RequestSizeLimitAttribute(LongestBody))
        .WithSummary("Hand in the receipt of an erasure, signed with the participant's secret");

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        string name, HttpRequest request, DocumentSession session, ProfileTelemetry telemetry, TimeProvider time, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var (body, now) = (buffer.ToArray(), time.GetUtcNow());
        var participant = await session.LoadAsync<Participant>(name, cancellationToken);
        if (participant is null || !WebhookSignature.Verify(
            participant.Secrets, request.Headers[WebhookSignature.IdHeader], request.Headers[WebhookSignature.TimestampHeader], request.Headers[WebhookSignature.Header], body, now))
        {
            telemetry.CountParticipantAnswer("unsigned");
            return Problems.Of(StatusCodes.Status403Forbidden, "receipt-unsigned", "The receipt is not signed by the participant.", "webhook-signature covers webhook-id, webhook-timestamp and the body as it was sent.");
        }

        if (Read(body) is not { } receipt) return Bad(telemetry);
        if (await session.LoadAsync<ErasureNotice>(ErasureNotice.IdOf(receipt.CaseId, name), cancellationToken) is not { } notice)
        {
            // Taken before: whoever didn't hear of that hands it in again.
            var record = await session.LoadAsync<ErasureRecord>(receipt.CaseId, cancellationToken);
            return record?.Outcome.PassedOnTo?.Contains(ExternalParticipant.NameOf(name)) == true ? TypedResults.NoContent() : Problems.NotFound("erasure case passed on to the participant");
        }

        if (!receipt.Answers(notice, now)) return Bad(telemetry);
        session.Store(notice.Answered(receipt, now));
        return TypedResults.NoContent();
    }

    /// <summary>The receipt in a body, or null.</summary>
    public static ProductReceipt? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<ProductReceipt>(body, Json.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ProblemHttpResult Bad(ProfileTelemetry telemetry)
    {
        telemetry.CountParticipantAnswer("mismatching");
        return Problems.Of(
            StatusCodes.Status400BadRequest, "bad-receipt", "The receipt can't be taken.",
            "caseId, erasedAt since the case was passed on, erased [{store, category, count, method}], retained, residual; words without anything that names a person.");
    }
}
